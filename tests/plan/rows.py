"""The museum's rows: ties, NULLs, duplicates, and the extremes of every type."""

import random
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel

from tests.plan.models import Label, Loan, Material, Piece, Room, Visitor

PIECES, VISITORS, LABELS = 40, 12, 60

WORDS = [
    "", " ", "a", "A", "ab", "b%", "b_", "\\", "é", "e\u0301", "É", "z", "ß", "ẞ", "İ",
    "i\u0307", "\u0131", "Σ", "\u03c3", "ς", "日本", "😀", "👩‍👩‍👧", "\U0010ffff", "line\nbreak", "\u2028",
    "%", "_", "$1 :v0 %s %(v0)s {x}", "'\"`", "\x01", "null", "NaN", "1",
]  # fmt: skip

VALUES: dict[str, list[Any]] = {
    "title": WORDS,
    "number": [0, 1, -1, 7, 7, 2**31 - 1, -(2**31)],
    "visits": [0, 1, -1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63)],
    "weight": [0.0, -0.0, 0.1, -0.1, 1.0, 1e308, -1e308, 5e-324, 0.30000000000000004],
    "fragile": [True, False],
    "material": list(Material),
    "price": [
        Decimal(x)
        for x in ("0", "0.0001", "-0.0001", "99999999999999.9999", "10", "0.1000")
    ],
    "insured": [Decimal(x) for x in ("0", "-0.01", "99999999.99", "10", "0.10")],
    "facts": [
        {}, [], "", "text", 0, -1, 1.5, 1e308, True, False, {"a": [1, None, "ü😀"]},
        {"": {"é": {"\u2028": []}}}, [[[]]], 2**63 - 1, sa.null(), sa.null(),
    ],
    "picture": [b"", b"\x00", b"\xff\xfe", b"abc"],
    "made_at": [
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 30, 0, 1, tzinfo=UTC),
        datetime(2026, 3, 29, 3, 30, tzinfo=timezone(timedelta(hours=2))),
        datetime(9999, 12, 30, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2, 1, 1, tzinfo=UTC),
    ],
    "local_at": [
        moment.replace(tzinfo=None)  # what the column holds
        for moment in (
            datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
            datetime(1, 1, 1, tzinfo=UTC),
            datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
            datetime(2026, 1, 1, 0, 0, 0, 500000, tzinfo=UTC),
        )
    ],
    "day": [date(2026, 2, 28), date.min, date.max, date(1970, 1, 1)],
    "clock": [time(0), time.max, time(12, 30), time(12, 30, 0, 1)],
    "restored": [
        timedelta(0), timedelta(days=-1), timedelta(days=400, seconds=1),
        timedelta(microseconds=1), timedelta(microseconds=-1), timedelta(hours=36),
        timedelta(days=-3, hours=5, microseconds=7),
    ],
}  # fmt: skip
# NaN has no JSON; -0.0 and 0.0 are one value, whichever a database happens to keep.

ROOMS = [
    {"id": UUID(int=number), "name": name, "opened": opened}
    for number, name, opened in (
        (0, "", None),
        (1, "Σ", VALUES["made_at"][0]),
        (2**127, "日本", VALUES["made_at"][1]),
        (2**128 - 1, "b%", VALUES["made_at"][1]),
        (0xABCDEF, "empty", None),
    )
]
_COUNTRIES = ["AT", "JP", "PE"]


def museum_rows() -> dict[type[SQLModel], list[dict[str, Any]]]:
    randomly = random.Random(7)
    keys = [(_COUNTRIES[n % 3], n // 2) for n in range(VISITORS)]
    return {
        Room: ROOMS,
        Piece: _pieces(randomly),
        Visitor: [
            {"country": country, "number": number, "name": randomly.choice(_NAMES)}
            for country, number in keys
        ],
        Loan: [
            {
                "piece_id": piece,
                "country": country,
                "borrower": number,
                "since": randomly.choice([None, *VALUES["made_at"]]),
                "fee": randomly.choice([None, Decimal("0.5"), Decimal("-3.00")]),
                "terms": randomly.choice([None, *VALUES["facts"]]),
                "material": randomly.choice([None, *Material]),
                "secret": randomly.random() < 0.3,
            }
            for piece, (country, number) in randomly.sample(
                [(piece, key) for piece in range(1, PIECES + 1) for key in keys], 90
            )
        ],
        Label: [_label(number, randomly, keys) for number in range(1, LABELS + 1)],
    }


_NAMES = [None, "", "Ada", "ada", "Ada"]


def _pieces(randomly: random.Random) -> list[dict[str, Any]]:
    columns: dict[str, list[Any]] = {}
    for name, values in VALUES.items():
        empty = [] if name == "title" else [None, None, None]
        filled = [*values, *empty]
        filled += randomly.choices([*values, *empty], k=PIECES - len(filled))
        columns[name] = randomly.sample(filled, PIECES)
    return [
        {
            **{name: columns[name][place] for name in columns},
            "id": place + 1,
            "hidden": randomly.random() < 0.25,
            "room_id": randomly.choice([None, *[room["id"] for room in ROOMS[:4]]]),
            "copy_of_id": randomly.choice([None, *range(1, place + 1)]),
            "token": UUID(int=place) if place % 3 else None,
        }
        for place in range(PIECES)
    ]


def _label(
    number: int, randomly: random.Random, keys: list[tuple[str, int]]
) -> dict[str, Any]:
    # A foreign key of several columns counts only if none of them is NULL.
    country, visitor = randomly.choice([*keys, (None, None), ("AT", None), (None, 1)])
    return {
        "number": number,
        "lang": randomly.choice(["de", "en"]),
        "body": randomly.choice(WORDS),
        "stars": randomly.choice([None, 1, 1, 2]),
        "piece_id": randomly.randint(1, PIECES),
        "writer_country": country,
        "writer_number": visitor,
    }

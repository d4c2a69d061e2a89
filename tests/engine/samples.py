"""A table with a column of every scalar, and rows with ties, NULLs and extremes."""

import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from gql_app.engine import Api, Policy, everyone
from gql_app.engine.sqltypes import exact_decimal, text


class Base(SQLModel, registry=registry()):
    """Keeps the table apart from the metadata of the application."""


class Kind(Enum):
    """A type of its own on PostgreSQL; in no alphabetical order."""

    SOLID = "z"
    GAS = "g"
    LIQUID = "a"


class Mood(Enum):
    """Text on both databases; upper case sorts before lower case."""

    happy = 1
    SAD = 2
    calm = 3


class SampleRead(SQLModel):
    """One value of each scalar."""

    id: int
    small: int | None = None
    big: int | None = None
    ratio: float | None = None
    flag: bool | None = None
    word: str | None = None
    local_word: str | None = None
    kind: Kind | None = None
    mood: Mood | None = None
    price: Decimal | None = None
    exact: Decimal | None = None
    data: Any = None
    token: UUID | None = None
    raw: bytes | None = None
    moment: datetime | None = None
    naive: datetime | None = None
    day: date | None = None
    clock: time | None = None
    span: timedelta | None = None


class Sample(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    small: int | None = None
    big: int | None = Field(default=None, sa_type=sa.BigInteger)
    ratio: float | None = None
    flag: bool | None = None
    word: str | None = Field(default=None, sa_type=text())
    local_word: str | None = None
    kind: Kind | None = None
    mood: Mood | None = Field(
        default=None, sa_type=sa.Enum(Mood, native_enum=False, length=10)
    )
    price: Decimal | None = Field(default=None, max_digits=10, decimal_places=2)
    exact: Decimal | None = Field(default=None, sa_type=exact_decimal(18, 4))
    data: Any = Field(default=None, sa_type=sa.JSON(none_as_null=True), nullable=True)
    token: UUID | None = None
    raw: bytes | None = None
    moment: datetime | None = None
    naive: datetime | None = Field(default=None, sa_type=sa.DateTime)
    day: date | None = None
    clock: time | None = None
    span: timedelta | None = None


WORDS = [
    *("", " ", "a", "A", "ab", "aB", "abc", "b%", "b_", "b\\", "b'\"", "ba"),
    *("é", "É", "z", "zebra", "ß", "ẞ", "İ", "i", "ı", "Σ", "σ", "ς", "日本", "😀"),  # noqa: RUF001  # on purpose
    *("\U0010ffff", "line\nbreak", "100%", "%", "_", "\\", "ab\\%", "$1 :v0 %s %(v0)s"),
]

_VALUES: dict[str, list[Any]] = {
    "small": [0, 1, -1, 7, 2**31 - 1, -(2**31)],
    "big": [0, 1, -1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63)],
    "ratio": [0.0, 0.1, -0.1, 1.5, 1e300, -1e-300, 0.30000000000000004, 0.3],
    "flag": [True, False],
    "word": WORDS,
    "local_word": WORDS,
    "kind": list(Kind),
    "mood": list(Mood),
    "price": [Decimal(x) for x in ("0", "0.10", "0.1", "-0.1", "19.99", "12345678.9")],
    "exact": [
        Decimal(x) for x in ("0", "0.0001", "-0.0001", "0.1", "99999999999999.9999")
    ],
    "data": [{"a": [1, None, "ü"]}, [], "text", 0, False],
    "token": [UUID(int=x) for x in (0, 1, 2**127, 2**128 - 1, 0xABCDEF)],
    "raw": [b"", b"\x00", b"\xff\xfe", b"abc"],
    "moment": [
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 30, 0, 1, tzinfo=UTC),
        datetime(9999, 12, 30, tzinfo=UTC),
        datetime(2, 1, 1, tzinfo=UTC),
    ],
    "naive": [datetime(2026, 3, 29, 1, 30), datetime(1900, 1, 1), datetime(2026, 1, 1)],  # noqa: DTZ001  # what the column holds
    "day": [date(2026, 2, 28), date(1, 1, 1), date(9999, 12, 31), date(1970, 1, 1)],
    "clock": [time(0), time(23, 59, 59, 999999), time(12, 30), time(12, 30, 0, 1)],
    "span": [
        timedelta(0),
        timedelta(days=-1),
        timedelta(days=400, seconds=1),
        timedelta(microseconds=1),
        timedelta(hours=36),
    ],
}


def sample_rows(count: int = 36) -> list[dict[str, Any]]:
    """Rows in which each column has each of its values, NULLs and ties."""
    randomly = random.Random(20)
    columns: dict[str, list[Any]] = {}
    for name, values in _VALUES.items():
        filled = [*values, None, None, None]
        filled += randomly.choices([*values, None], k=max(0, count - len(filled)))
        columns[name] = randomly.sample(filled, count)
    return [
        {"id": 3 * place + 1, **{name: columns[name][place] for name in columns}}
        for place in range(count)
    ]


def sample_api() -> Api:
    api = Api()
    api.add(Sample, read=SampleRead, policy=Policy(read=everyone))
    return api

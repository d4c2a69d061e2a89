"""The company's rows, and what of them each viewer may see."""

import random
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel

from gql_app.engine import ANONYMOUS, Database, Viewer
from tests.plan.staff import READERS, Badge, Base, Club, Member, Rank, Team

Rows = Mapping[type[SQLModel], list[dict[str, Any]]]
MEMBERS = 24
VIEWERS = {
    "anonymous": ANONYMOUS,
    "member": Viewer("member", {"id": 3, "club": 1}),
    "stranger": Viewer("member"),
    "admin": Viewer("admin"),
}


def staff_rows() -> Rows:
    randomly = random.Random(11)
    teams = [
        {"number": number, "code": code, "open": number % 2 == 0}
        for number, code in enumerate(("A", "b", "Σ", "z%"))
    ]
    members = [_member(number, randomly) for number in range(1, MEMBERS + 1)]
    pairs = [(member, club) for member in range(1, MEMBERS + 1) for club in (1, 2, 3)]
    return {
        Club: [{"id": number, "name": f"club {number}"} for number in (1, 2, 3)],
        Team: teams,
        Member: members,
        Badge: [
            {
                "id": place,
                "member_id": member,
                "club_id": club,
                "fee": Decimal(randomly.choice(["0", "1.50", "20"])),
                "since": randomly.choice([None, date(2026, 1, 1), date(2025, 5, 5)]),
            }
            for place, (member, club) in enumerate(randomly.sample(pairs, 30), 1)
        ],
    }


def _member(number: int, randomly: random.Random) -> dict[str, Any]:
    choose = randomly.choice
    return {
        "id": number,
        "name": choose(["Ada", "ada", "Ben", "é", "", "Zoe"]),
        "email": f"{choose('abcABC_%')}{number}@example.org",
        "phone": choose([None, f"+{number}", f"0{number}"]),
        "salary": choose([None, Decimal("1000.5"), Decimal(2000), Decimal("-3.25")]),
        "level": choose([0, 1, 2, 3, 4, 5]),
        "size": choose([None, 0, 2**53 + 1, -(2**63)]),
        "rating": choose([None, 0.1, 1.5, -2.0]),
        "active": choose([True, False]),
        "rank": choose(list(Rank)),
        "token": choose([None, UUID(int=1), UUID(int=number)]),
        "facts": choose([sa.null(), None, {"a": [1]}, "text", 0, []]),
        "seen_at": datetime(2026, 1, choose([1, 2, 3]), tzinfo=UTC),
        "day": choose([None, date(2026, 2, 28), date(1970, 1, 1)]),
        "absence": choose([None, timedelta(days=1), timedelta(seconds=-5)]),
        "photo": choose([None, b"", b"\xff\xfe"]),
        "boss_id": choose([None, *range(1, number)]),
        "team_code": choose([None, "A", "b", "Σ", "z%"]),
    }


def may_read(
    viewer: Viewer, model: type[SQLModel], column: str, row: Mapping[str, Any]
) -> bool:
    """The rules once more, in plain Python."""
    rule = READERS[model].get(column)
    if rule is None or viewer.role == "admin":
        return True
    me, club = viewer.claims.get("id", -1), viewer.claims.get("club", -1)
    met = {
        badge["member_id"] for badge in staff_rows()[Badge] if badge["club_id"] == club
    }
    by_rule = {
        "own": row.get("id") == me,
        "holders": row.get("member_id") == me,
        "experienced": row.get("level", 0) > 2,
        "clubmates": row.get("id") in met,
        "dated": row.get("since") is not None,
        "opened": row.get("open", False),
    }
    return bool(by_rule[rule.__name__])


def censored(viewer: Viewer) -> Rows:
    """The rows with NULL in the place of all that the viewer may not read."""
    return {
        model: [
            {
                name: value if may_read(viewer, model, name, row) else sa.null()
                for name, value in row.items()
            }
            for row in rows
        ]
        for model, rows in staff_rows().items()
    }


def fill_loosely(database: Database, rows: Rows) -> None:
    """Make the tables without constraints, and fill them: NULL is allowed anywhere."""
    metadata = sa.MetaData()
    for table in Base.metadata.sorted_tables:
        columns = (
            sa.Column(column.name, column.type, primary_key=column.primary_key)
            for column in table.columns
        )
        sa.Table(table.name, metadata, *columns)
    metadata.create_all(database.engine)
    with database.engine.begin() as connection:
        for model, given in rows.items():
            table = metadata.tables[sa.inspect(model).local_table.name]
            for row in given:
                connection.execute(sa.insert(table).values(row))

"""What the database refuses is told in words."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from gql_app.engine import Api, Database, Policy, everyone
from tests.engine.graph import fill
from tests.writing.desk import Desk


class Base(SQLModel, registry=registry()):
    """Keeps this table apart from those of others."""


class Shift(Base, table=True):
    __table_args__ = (
        sa.CheckConstraint("start_hour < end_hour", name="ck_order"),
        sa.CheckConstraint("end_hour <= 24", name="ck_end"),
    )
    id: int | None = Field(default=None, primary_key=True)
    start_hour: int
    end_hour: int


class ShiftWrite(SQLModel):
    """When somebody works."""

    start_hour: int
    end_hour: int


class ShiftRead(ShiftWrite):
    """When somebody works."""

    id: int


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    database = Database(database_url)
    fill(database, {Shift: [{"start_hour": 8, "end_hour": 16}]})
    api = Api()
    anybody = Policy(read=everyone, create=everyone)
    api.add(Shift, read=ShiftRead, create=ShiftWrite, policy=anybody)
    yield Desk(api, database)
    database.close()


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ((8, 25), "The end hour breaks a rule of the database."),
        ((9, 8), "The start hour and end hour break a rule of the database."),
    ],
)
def test_rule_is_broken_by_one_column_or_by_several(
    desk: Desk, hours: tuple[int, int], expected: str
) -> None:
    start, end = hours
    create = f"createShift(input: {{startHour: {start}, endHour: {end}}})"

    (told,) = desk.mutate(create)["errors"]

    assert (told["code"], told["message"]) == ("BAD_USER_INPUT", expected)

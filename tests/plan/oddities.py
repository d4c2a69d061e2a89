"""A table that holds what its model says it can't, and functions that misbehave."""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from gql_app.engine import Api, Policy, everyone
from gql_app.engine.scalars import JSON_


class Base(SQLModel, registry=registry()):
    """Keeps the table apart from the metadata of the application."""


class Kind(Enum):
    """Text in the database."""

    GOOD = 1


class OddityRead(SQLModel):
    """Each column can hold something that its field can't show."""

    id: int
    required: str
    number: int | None = None
    kind: Kind | None = None
    ratio: float | None = None
    facts: dict[str, Any]
    anything: Any = None
    level: float | None = None
    code: str | None = None
    flag: bool | None = None


class Oddity(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    required: str | None = None
    number: int | None = None
    kind: Kind | None = Field(
        default=None, sa_type=sa.Enum(Kind, native_enum=False, length=20)
    )
    ratio: float | None = None
    facts: dict[str, Any] = Field(sa_type=sa.JSON)
    anything: Any = Field(default=None, sa_type=sa.JSON, nullable=True)
    level: float | None = Field(default=None, sa_type=sa.Integer)
    code: str | None = Field(default=None, sa_type=sa.Integer)
    flag: bool | None = Field(default=None, sa_type=sa.Integer)


LOOSE = sa.Table(
    "oddity",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("required", sa.Text),
    sa.Column("number", sa.Integer),
    sa.Column("kind", sa.Text),
    sa.Column("ratio", sa.Double),
    sa.Column("facts", sa.JSON, nullable=False),
    sa.Column("anything", sa.JSON),
    sa.Column("level", sa.Integer),
    sa.Column("code", sa.Integer),
    sa.Column("flag", sa.Integer),
)
"""The table as the database has it."""


def raising(number: int | None) -> int:
    """Raises."""
    raise ZeroDivisionError(number)


def nothing(number: int | None) -> int:
    """None, where a number is promised."""
    return None  # type: ignore[return-value]  # what it is for


def wrong(number: int | None) -> int:
    """A text, where a number is promised."""
    return "no number"  # type: ignore[return-value]  # what it is for


def huge(number: int | None) -> int:
    """More than 32 bits."""
    return 2**40


def gaps(number: int | None) -> list[int]:
    """None among the numbers."""
    return [1, None]  # type: ignore[list-item]  # what it is for


def letters(number: int | None) -> list[str]:
    """A text, where a list of texts is promised."""
    return "abc"  # type: ignore[return-value]  # what it is for


def lazily(number: int | None) -> list[int]:
    """A generator, where a list is promised."""

    def numbers() -> Iterator[int]:
        yield from (1, 2)

    return numbers()  # type: ignore[return-value]  # what it is for


def pair(number: int | None) -> list[int]:
    """A tuple, which is as good as a list."""
    return (1, 2)  # type: ignore[return-value]  # what it is for


def surrogate(number: int | None) -> str:
    """Half a character."""
    return "\ud800"


def moments(number: int | None) -> dict[str, Any]:
    """Datetimes within JSON."""
    return {"aware": datetime(2026, 1, 1, tzinfo=UTC), "naive": datetime(2026, 1, 1)}  # noqa: DTZ001  # on purpose


def numbered(number: int | None) -> dict[str, Any]:
    """JSON with keys that are no texts."""
    return {1: "one"}  # type: ignore[dict-item]  # what it is for


def unwritable(number: int | None) -> dict[str, Any]:
    """What has no JSON at all."""
    return {"object": object()}


async def later(number: int | None) -> int:
    """What graphql-core waits for, and no plan."""
    return 7


FUNCTIONS = (
    *(raising, nothing, wrong, huge, gaps, letters, lazily, pair, surrogate),
    *(moments, numbered, unwritable),
)


def oddities() -> Api:
    """An API of the table and the functions."""
    api = Api(scalars={dict[str, Any]: JSON_})
    api.add(
        Oddity,
        read=OddityRead,
        policy=Policy(read=everyone),
        computed=(*FUNCTIONS, later),
        plural="Oddities",
    )
    return api

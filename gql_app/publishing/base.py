"""What the tables of this domain share: constraint names, column types, mixins."""

import re
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Self

import sqlalchemy as sa
from pydantic import AfterValidator
from sqlalchemy.ext.compiler import compiles
from sqlmodel import Field, SQLModel

from gql_app.engine.sqltypes import big_integer

# Set before the first table is made, so that every constraint has a name which
# migrations can drop and error messages can be traced back to.
SQLModel.metadata.naming_convention = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


class DescribedEnum(Enum):
    """An enum whose members say what they mean: `DRAFT = "draft", "Not public."`."""

    description: str

    def __new__(cls, value: str, description: str) -> Self:
        member = object.__new__(cls)
        member._value_ = value
        member.description = description
        return member


def enum_type(members: type[Enum], name: str) -> sa.Enum:
    """The member's name in a VARCHAR that a CHECK constraint guards."""
    return sa.Enum(
        members,
        name=name,
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=20,
    )


def length_check(column: str, least: int, most: int) -> sa.CheckConstraint:
    """Text limits that hold on SQLite too, where VARCHAR(n) does not."""
    return sa.CheckConstraint(
        f"length({column}) BETWEEN {least} AND {most}", name=f"{column}_length"
    )


class CurrentMoment(sa.ColumnElement[datetime]):
    """Now, by the database's clock, written as SQLAlchemy itself writes datetimes."""

    inherit_cache = True


@compiles(CurrentMoment)
def _current_moment(*_: Any, **__: Any) -> str:
    return "CURRENT_TIMESTAMP"


@compiles(CurrentMoment, "sqlite")
def _current_moment_sqlite(*_: Any, **__: Any) -> str:
    # SQLite compares datetimes as text: without the six digits, a row written by
    # plain SQL would never equal its own value sent back in a cursor.
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


def utc_now() -> datetime:
    """The present moment, aware and in UTC."""
    return datetime.now(UTC)


def matching(pattern: str, wanted: str) -> AfterValidator:
    """Texts that match as a whole; whoever sends another reads the sentence `wanted`."""
    compiled = re.compile(pattern)

    def check(given: str) -> str:
        if not compiled.fullmatch(given):
            raise ValueError(wanted)
        return given

    return AfterValidator(check)


def table_of(model: type[SQLModel]) -> sa.Table:
    """The model's table, for statements that go around the ORM."""
    table = sa.inspect(model).local_table
    assert isinstance(table, sa.Table)
    return table


def to_one(doc: str, **options: Any) -> dict[str, Any]:
    """`sa_relationship_kwargs` of a relation to one row; `doc` describes the field."""
    # A relation that was not loaded on purpose must not load itself row by row.
    return {"doc": doc, "lazy": "raise", **options}


def to_many(doc: str, **options: Any) -> dict[str, Any]:
    """`sa_relationship_kwargs` of a relation to many rows."""
    # ON DELETE in the database says what becomes of the rows at the other end.
    return to_one(doc, passive_deletes=True, **options)


def through(doc: str, **options: Any) -> dict[str, Any]:
    """`sa_relationship_kwargs` of a relation through a link table that is an entity."""
    # The link's own rows are written, never the collection.
    return to_one(doc, viewonly=True, **options)


NEVER_AGAIN = {"sqlite_autoincrement": True}
"""Of a table whose primary key counts up: SQLite would use the id of the newest row
again, once that is deleted, while clients and access tokens still know it."""


class Identified(SQLModel):
    """A table whose primary key counts up."""

    id: int | None = Field(default=None, primary_key=True, sa_type=big_integer())


class Created(SQLModel):
    """A row that knows when it was made."""

    created_at: datetime = Field(
        default_factory=utc_now,
        sa_column_kwargs={"server_default": CurrentMoment()},
        description="When it was created.",
    )


class Edited(Created):
    """A row that also knows when it was last changed.

    Statements that change counters alone set `updated_at` to itself.
    """

    updated_at: datetime = Field(
        default_factory=utc_now,
        sa_column_kwargs={"server_default": CurrentMoment(), "onupdate": utc_now},
        description="When it was last edited.",
    )

"""Which indexes `gql-app doctor` misses, and which serve."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from gql_app.commands.doctor.indexes import missing_indexes
from gql_app.engine import Api, Policy, everyone, normalise_url


def items(order: Sequence[str], *arguments: sa.Index) -> Api:
    """Things in an order, in a table with certain indexes."""

    class Base(SQLModel, registry=registry()):
        pass

    class Item(Base, table=True):
        __table_args__ = arguments
        id: int | None = Field(default=None, primary_key=True)
        code: str = Field(unique=True)
        alias: str | None = Field(unique=True)
        made: int
        size: int

    class ItemRead(SQLModel):
        id: int

    api = Api()
    api.add(Item, read=ItemRead, policy=Policy(read=everyone), order_by=order)
    return api


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ((), []),  # by the primary key
        (("code",), []),  # unique: what follows makes no difference
        (("alias",), ["item(alias, id)"]),  # unique, but any number are NULL
        (("-made",), ["item(made, id)"]),
        (("-made", "-size"), ["item(made, size, id)"]),
        (("made", "-size"), ["item(made, size DESC, id DESC)"]),
        (("-made", "size"), ["item(made DESC, size, id)"]),
        (("code", "-size"), []),
    ],
)
def test_default_order_needs_an_index_up_to_where_it_is_unique(
    order: Sequence[str], found: Sequence[str]
) -> None:
    api = items(order)

    assert [one.where for one in missing_indexes(api.entities)] == found


@pytest.mark.parametrize(
    ("index", "serves"),
    [
        (sa.Index(None, "made", "id"), True),
        (sa.Index(None, "made", "id", "code"), True),
        (sa.Index("falling", sa.desc(sa.literal_column("made")), "id"), False),
        (sa.Index("textual", sa.literal_column("made DESC"), "id"), False),
        (sa.Index("both", sa.literal_column("made DESC"), sa.desc("id")), True),
        (sa.Index(None, "made", "code", "id"), False),
        (sa.Index(None, "made"), False),
        (sa.Index(None, "id", "made"), False),
        (sa.Index("computed", sa.func.abs(sa.literal_column("made")), "id"), False),
        (sa.Index(None, -sa.column("made"), "id"), False),
        (sa.Index(None, "made", "id", sqlite_where=sa.literal_column("made")), False),
        (
            sa.Index(None, "made", "id", postgresql_where=sa.literal_column("id")),
            False,
        ),
    ],
)
def test_index_serves_an_order_that_it_has_for_all_rows(
    index: sa.Index, serves: bool
) -> None:
    api = items(["-made"], index)

    assert (not list(missing_indexes(api.entities))) is serves


def falling(name: str) -> sa.ColumnElement[Any]:
    return sa.column(name).desc()


@pytest.mark.parametrize(
    ("index", "serves"),
    [
        (sa.Index(None, "made", falling("size"), falling("id")), True),
        (sa.Index(None, falling("made"), "size", "id"), True),  # read from its end
        (sa.Index(None, "made", falling("size"), falling("id"), "code"), True),
        (sa.Index(None, "made", sa.desc("size"), sa.desc("id")), True),
        (
            sa.Index(
                None, sa.asc("made"), sa.nulls_last(falling("size")), falling("id")
            ),
            True,
        ),
        (sa.Index(None, "made", sa.literal_column("size desc"), falling("id")), True),
        (sa.Index(None, "made", "size", "id"), False),
        (sa.Index(None, "made", falling("size"), "id"), False),
        (sa.Index(None, falling("made"), falling("size"), falling("id")), False),
        (
            sa.Index(
                None, "made", sa.func.abs(sa.column("size")).desc(), falling("id")
            ),
            False,
        ),
    ],
)
def test_index_serves_a_mixed_order_that_it_has_or_its_reverse(
    index: sa.Index, serves: bool
) -> None:
    api = items(["made", "-size"], index)

    assert (not list(missing_indexes(api.entities))) is serves


def test_advised_index_serves_and_is_what_autogenerate_writes(
    database_url: str,
) -> None:
    order = ["made", "-size"]
    (found,) = missing_indexes(items(order).entities)
    advised = re.findall(r"sa\.Index\(.*\)(?= to the table)", found.fix)

    api = items(order, eval(advised[0], {"sa": sa}))

    assert not list(missing_indexes(api.entities))
    metadata = api.entities[0].table.metadata
    engine = sa.create_engine(normalise_url(database_url), poolclass=sa.NullPool)
    metadata.create_all(engine)
    with engine.connect() as connection:
        assert not compare_metadata(MigrationContext.configure(connection), metadata)

"""Which indexes `gql-app doctor` misses, and which serve."""

from collections.abc import Sequence

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from gql_app.commands.doctor.indexes import missing_indexes
from gql_app.engine import Api, Policy, everyone


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
        (sa.Index("falling", sa.desc(sa.literal_column("made")), "id"), True),
        (sa.Index("textual", sa.literal_column("made DESC"), "id"), True),
        (sa.Index(None, "made", "code", "id"), False),
        (sa.Index(None, "made"), False),
        (sa.Index(None, "id", "made"), False),
        (sa.Index("computed", sa.func.abs(sa.literal_column("made")), "id"), False),
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

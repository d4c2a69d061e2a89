"""Values that come back otherwise than they are sent, or that no client can send: whole
lists and look-ups of them agree, on both databases and by both paths."""

import json
from collections.abc import Iterator
from datetime import UTC
from operator import itemgetter
from typing import Any

import pytest
import sqlalchemy as sa
from graphql import GraphQLSchema
from hypothesis import given
from hypothesis import strategies as st

from gql_app.engine import ANONYMOUS, Database, Request, Viewer
from gql_app.engine.identifiers import encode_id
from gql_app.testing import walk
from tests.engine.gauges import Gauge, gauge_rows, gauges
from tests.engine.walking import DIRECTIONS, Key, in_order
from tests.plan.both import Both
from tests.plan.conftest import fill, fuzzing

SORTABLE = ("level", "amount", "ratio", "at", "mail", "price", "length", "small")
ROWS = gauge_rows()


class Gauges:
    """Asks in all four ways."""

    def __init__(self, both: Both) -> None:
        self.both = both

    @property
    def schema(self) -> GraphQLSchema:
        return self.both.schema

    def execute(
        self, query: str, viewer: Viewer = ANONYMOUS, /, **variables: Any
    ) -> Any:
        answer = json.loads(self.both.check(Request(query, None, variables), viewer))
        assert "errors" not in answer, answer
        return answer["data"]


@pytest.fixture(scope="module")
def asked(databases: list[Database]) -> Iterator[Gauges]:
    for database in databases:
        fill(database, {Gauge: ROWS})
    both = Both(gauges(), databases)
    yield Gauges(both)
    both.close()


def id_of(row: dict[str, Any]) -> str:
    return encode_id("Gauge", [row["id"]])


@fuzzing(40)
@given(st.data())
def test_lists_are_walked_once(asked: Gauges, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(SORTABLE), max_size=3, unique=True))
    keys = [(name, data.draw(st.sampled_from(DIRECTIONS))) for name in names]
    null = data.draw(st.sampled_from([None, True, False]))
    size = data.draw(st.integers(1, 4))
    rows = ROWS
    if null is not None:
        empty = (None, sa.null())
        rows = [row for row in ROWS if any(row["data"] is one for one in empty) == null]

    found = walk(
        asked,
        """query ($order: [GaugeOrder!], $null: Boolean) {
          gauges(orderBy: $order, where: {data: {isNull: $null}}) { nodes { data id } }
        }""",
        sizes=(size,),
        order=[{name: direction} for name, direction in keys],
        null=null,
    )

    by = [Key(itemgetter(name), direction) for name, direction in keys]
    expected = in_order(rows, by, itemgetter("id"))
    assert [one["id"] for one in found] == [id_of(row) for row in expected]
    assert null is None or all((one["data"] is None) == null for one in found)


@fuzzing(50)
@given(st.data())
def test_operations_agree(asked: Gauges, data: st.DataObject) -> None:
    """By both paths: SQLite shows fewer decimal places than PostgreSQL."""
    operation = asked.both.draw(lambda *ends: data.draw(st.integers(*ends)), ANONYMOUS)

    for variables in operation.variables:
        request = Request(operation.text, operation.name, variables)
        for pair in asked.both.pairs:
            assert asked.both.same(pair, request, ANONYMOUS)


@fuzzing(40)
@given(st.data())
def test_rows_are_found_by_every_key(asked: Gauges, data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(ROWS), min_size=1, max_size=4))
    keys = [
        data.draw(
            st.sampled_from(
                [
                    {"id": id_of(row)},
                    {"mail": row["mail"]},
                    {"mail": row["mail"].upper()},
                    {"at": row["at"].replace(tzinfo=UTC).isoformat()},
                    {"price": str(row["price"])},
                    {"price": f"{row['price']}4"},
                ]
            )
        )
        for row in chosen
    ]
    places = range(len(keys))
    named = ", ".join(f"$by{place}: GaugeBy!" for place in places)
    looked = " ".join(f"n{place}: gauge(by: $by{place}) {{ id }}" for place in places)

    found = asked.execute(
        f"query ({named}) {{ {looked} }}",
        **{f"by{place}": by for place, by in enumerate(keys)},
    )

    for place, (by, row) in enumerate(zip(keys, chosen, strict=True)):
        rounded = "price" in by and by["price"] != str(row["price"])
        assert found[f"n{place}"] == (None if rounded else {"id": id_of(row)}), by

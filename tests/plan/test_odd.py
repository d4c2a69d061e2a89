"""What no plan can give: it bails, and the answer is graphql-core's, byte by byte."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from gql_app.engine import ANONYMOUS, Database, Request
from gql_app.engine.identifiers import encode_id
from tests.plan.both import Both
from tests.plan.oddities import FUNCTIONS, LOOSE, oddities

ROWS: dict[str, dict[str, Any]] = {
    "required": {"required": None},
    "number": {"number": 2**31},
    "kind": {"kind": "BAD"},
    "facts": {"facts": None},
    "anything": {"anything": {"big": 2**70}},
    "level": {"level": 3},
    "code": {"code": 12},
    "flag": {"flag": 2},
}
# Where the answer has an error; elsewhere all is well, by whichever path.
WRONG = {"required", "number", "kind", "facts"}
WRONG |= {"raising", "nothing", "wrong", "huge", "gaps", "letters", "unwritable"}
FIELDS = [*ROWS, *(one.__name__ for one in FUNCTIONS)]


@pytest.fixture(scope="module")
def odd_graph(databases: list[Database]) -> Iterator[Both]:
    usual = {"required": "r", "number": 1, "facts": {}}
    for database in databases:
        LOOSE.metadata.create_all(database.engine)
        with database.engine.begin() as connection:
            for place, values in enumerate(ROWS.values()):
                row = {"id": place, **usual, **values}
                if database.dialect.name == "postgresql":
                    row["number"] = 1  # there, an INTEGER can't hold more
                connection.execute(sa.insert(LOOSE).values(row))
    graph = Both(oddities(), databases)
    yield graph
    graph.close()


def select(field: str) -> Request:
    """The field of its own row, in every place that a row can be."""
    place = list(ROWS).index(field) if field in ROWS else 0
    key = encode_id("Oddity", [str(place)])
    selected = f"{{ __typename {field} again: {field} }}"
    return Request(
        f"""{{
          oddity(by: {{id: "{key}"}}) {selected}
          node(id: "{key}") {{ ... on Oddity {selected} }}
          oddities(where: {{id: {{eq: "{key}"}}}}) {{
            nodes {selected} edges {{ node {selected} }}
          }}
        }}"""
    )


@pytest.mark.parametrize("field", FIELDS)
def test_odd_values_are_answered_alike(odd_graph: Both, field: str) -> None:
    for pair in odd_graph.pairs:
        body = odd_graph.same(pair, select(field), ANONYMOUS)

        answer = json.loads(body)
        is_sqlite = pair is odd_graph.pairs[0]
        wrong = field in WRONG and (is_sqlite or field != "number")
        assert ("errors" in answer) == wrong, answer


def test_asynchronous_functions_have_no_plan(odd_graph: Both) -> None:
    planned, ordinary = odd_graph.pairs[0]
    request = Request("{ oddities { nodes { later } } }")

    found = odd_graph.run(planned, request, ANONYMOUS)

    assert found.body == odd_graph.run(ordinary, request, ANONYMOUS).body
    assert json.loads(found.body)["data"]["oddities"]["nodes"][0] == {"later": 7}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_numbers_without_json_are_errors(odd_graph: Both, value: float) -> None:
    """SQLite has no NaN: it keeps NULL instead."""
    for pair, database in zip(odd_graph.pairs, odd_graph.databases, strict=True):
        with database.engine.begin() as connection:
            row = {"id": 1, "ratio": value}
            connection.execute(sa.update(LOOSE).values(row).where(LOOSE.c.id == 1))

        body = odd_graph.same(
            pair, Request("{ oddities { nodes { ratio } } }"), ANONYMOUS
        )

        kept = database.dialect.name == "postgresql" or value == value
        assert (b"errors" in body) == kept


@pytest.mark.parametrize("text", ['{"half": "\\ud800"}', "NaN", "{", '"\\ud800"'])
def test_odd_json_is_answered_alike(odd_graph: Both, text: str) -> None:
    """Only SQLite keeps what is no JSON."""
    database, pair = odd_graph.databases[0], odd_graph.pairs[0]
    with database.engine.begin() as connection:
        table = sa.table(LOOSE.name, sa.column("id"), sa.column("anything"))
        connection.execute(
            sa.update(table).values(anything=text).where(table.c.id == 1)
        )

    body = odd_graph.same(
        pair, Request("{ oddities(first: 2) { nodes { anything facts } } }"), ANONYMOUS
    )

    assert (b"errors" in body) == (text == "{")

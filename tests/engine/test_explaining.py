"""What developers are told of how a response was made, and of what it costs."""

import asyncio
from typing import Any

import orjson
import pytest

from gql_app.engine import Database, Limits, Request
from gql_app.engine.responses import Explain
from tests.engine.graph import Graph, fill
from tests.writing.desk import Desk, gid
from tests.writing.magazine import ROWS, magazine
from tests.writing.models import ADA, Letter

PAGE = "{ people(first: 3) { nodes { written(first: 2) { nodes { id } } } } }"


def extensions(graph: Graph, **asked: Any) -> Any:
    request = Request(PAGE, **asked)
    return orjson.loads(asyncio.run(graph.planned.execute(request)).body)["extensions"]


@pytest.mark.parametrize("level", ["statements", "analyze"])
def test_statements_of_a_query_are_told(graph: Graph, level: Explain) -> None:
    told = extensions(graph, explain=level)

    assert told.keys() == {"explain"}
    people, written = told["explain"]["statements"]
    assert (people["path"], people["rows"]) == ("people", 4)  # one more than shown
    assert written["path"] == "people.nodes.written"
    assert "SELECT" in people["sql"]
    analyzed = level == "analyze"
    assert ["explain" in one for one in (people, written)] == [analyzed, analyzed]


def test_cost_is_told_where_it_is_asked_for(graph: Graph) -> None:
    told = extensions(graph, cost=True)

    assert told.keys() == {"cost"}
    assert told["cost"]["depth"] == {"requested": 5, "limit": Limits().depth}
    assert told["cost"]["estimatedRows"]["requested"] == 3 + 3 * 2


def test_a_mutation_that_is_analyzed_is_done_once(own_database: Database) -> None:
    fill(own_database, ROWS)
    desk = Desk(magazine(), own_database)
    given = f'subject: "Hi", authorId: "{gid("Author", 1)}"'
    query = (
        f"mutation {{ createLetter(input: {{{given}}}) {{ letter {{ subject }} }} }}"
    )
    request = Request(query, explain="analyze")

    body = orjson.loads(asyncio.run(desk.executor.execute(request, ADA)).body)

    statements = body["extensions"]["explain"]["statements"]
    assert statements[0]["sql"].startswith("INSERT")
    assert not any("explain" in one for one in statements)
    assert desk.rows(Letter, "subject") == [("Hi",)]

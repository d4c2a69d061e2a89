"""After errors: what they leave behind, and what may go on."""

import json
from collections import Counter

import pytest

from gql_app.engine import ANONYMOUS, Request
from tests.plan.both import Both

EARLY = """{
    rooms { nodes { name pieces(first: -1) { totalCount } } }
    pieces { nodes { title } totalCount }
    visitors { nodes { name } totalCount }
    labels { nodes { body } totalCount }
}"""


@pytest.mark.parametrize("place", [0, 1], ids=["sqlite", "postgresql"])
def test_an_early_error_leaves_no_connection_behind(
    museum_graph: Both, place: int
) -> None:
    """It ends the operation while loaders still wait for their turn to read."""
    codes: Counter[tuple[str, ...]] = Counter()
    for executor in museum_graph.pairs[place] * 6:
        codes[museum_graph.run(executor, Request(EARLY), ANONYMOUS).codes] += 1

    assert set().union(*codes) == {"BAD_USER_INPUT"}
    assert museum_graph.databases[place].reading.busy == 0


def test_an_error_beside_answers_is_the_same(museum_graph: Both) -> None:
    """A nullable field is null, and its neighbours are answered: by graphql-core."""
    query = """{
        node(id: "!") { id }
        rooms(orderBy: [{name: ASC}]) { nodes { name entrance { title } } }
    }"""

    found = json.loads(museum_graph.check(Request(query)))

    assert [error["path"] for error in found["errors"]] == [["node"]]
    assert found["data"]["node"] is None
    assert len(found["data"]["rooms"]["nodes"]) == 4


def test_wrong_arguments_of_what_is_never_reached_are_no_errors(
    museum_graph: Both,
) -> None:
    query = """{
        room(by: {name: "there is none"}) { pieces(first: -1) { totalCount } }
    }"""

    assert museum_graph.check(Request(query)) == b'{"data":{"room":null}}'

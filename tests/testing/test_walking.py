"""The walker: it finds every row, and every fault."""

from collections.abc import Callable
from typing import Any

import pytest
from graphql import GraphQLSchema

from gql_app.engine import ANONYMOUS, Viewer
from gql_app.testing import Client, global_id, walk
from tests.testing.shelf import EDITOR

SORTED = ["Diary", "Dune", "Dune Messiah", "Emma", "Lem", "Persuasion", "Solaris"]
BOOKS = "{ books { nodes { title } } }"


def titles(*names: str) -> list[Any]:
    return [{"title": name} for name in names]


def test_rows_are_those_of_the_viewer_in_order(gql: Client) -> None:
    assert walk(gql, BOOKS, EDITOR) == titles(*SORTED)
    assert walk(gql, BOOKS) == titles(*SORTED[1:])


def test_rows_are_ids_unless_nodes_are_selected(gql: Client) -> None:
    order = "orderBy: [{year: DESC_NULLS_FIRST}]"

    found = walk(gql, f"{{ books({order}) {{ totalCount }} }}", EDITOR, sizes=(2, 50))

    assert found == [global_id("Book", key) for key in (1, 7, 6, 5, 4, 3, 2)]
    assert walk(gql, f"{{ books({order}) }}", EDITOR) == found


def test_list_of_a_row_is_walked(gql: Client) -> None:
    query = """query ($id: ID!, $order: [BookOrder!]) {
      found: node(id: $id) { __typename ... on Author { own: books(orderBy: $order) {
        nodes { title author { books { totalCount } } } } } }
    }"""

    found = walk(gql, query, id=global_id("Author", 1), order=[{"title": "DESC"}])

    total = {"author": {"books": {"totalCount": 2}}}
    assert found == [{"title": name, **total} for name in ("Persuasion", "Emma")]


def test_empty_list_is_walked(gql: Client) -> None:
    assert walk(gql, "{ copies { nodes { shape } } }") == []


def test_failing_page_is_shown(gql: Client) -> None:
    with pytest.raises(AssertionError, match="LIMIT_EXCEEDED"):
        walk(gql, BOOKS, sizes=(1000,))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ __typename }", "it has 0"),
        ("{ books authors }", "it has 2"),
        ("query A { books } query B { books }", "one operation"),
    ],
)
def test_query_must_have_one_list(gql: Client, query: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        walk(gql, query)


def test_repeated_rows_fail(gql: Client) -> None:
    pages: list[Any] = []

    def repeat(page: Any, variables: Any) -> None:
        pages.append({**page})
        if len(pages) == 2:
            page.update(edges=pages[0]["edges"], nodes=pages[0]["nodes"])
            for name in ("startCursor", "endCursor"):
                page["pageInfo"][name] = pages[0]["pageInfo"][name]

    with pytest.raises(AssertionError, match="Page 2 forward in pages of 2 repeats"):
        walk(Tampering(gql, repeat), BOOKS, sizes=(2,))


class Tampering:
    """Asks a client, and changes the pages on their way back."""

    def __init__(self, client: Client, tamper: Callable[[Any, Any], None]) -> None:
        self._client = client
        self._tamper = tamper

    @property
    def schema(self) -> GraphQLSchema:
        return self._client.schema

    def execute(
        self, query: str, viewer: Viewer = ANONYMOUS, /, **variables: Any
    ) -> Any:
        data = self._client.execute(query, viewer, **variables)
        self._tamper(data["books"], variables)
        return data


def miscount(page: Any, variables: Any) -> None:
    page["totalCount"] += 1


def promise_more(page: Any, variables: Any) -> None:
    page["pageInfo"]["hasNextPage"] = True


def deny_earlier(page: Any, variables: Any) -> None:
    page["pageInfo"]["hasPreviousPage"] = False


def drop_node(page: Any, variables: Any) -> None:
    del page["nodes"][1:2]


def drop_row(page: Any, variables: Any) -> None:
    for part in ("edges", "nodes"):
        del page[part][1:2]
    page["pageInfo"]["endCursor"] = page["edges"][-1]["cursor"]


def move_end(page: Any, variables: Any) -> None:
    page["pageInfo"]["endCursor"] = page["pageInfo"]["startCursor"]


@pytest.mark.parametrize(
    ("tamper", "message"),
    [
        (miscount, "There are 6 rows forward in pages of 2, but totalCount is 7"),
        (promise_more, "Page 4 forward in pages of 2 is empty, in spite of hasNext"),
        (deny_earlier, "Page 2 forward in pages of 2 is wrong in hasPreviousPage"),
        (drop_node, "Page 1 forward in pages of 2 has not as many nodes as edges"),
        (drop_row, "Page 1 forward in pages of 2 has 1 rows"),
        (move_end, "Page 1 forward in pages of 2 has other cursors than its rows"),
    ],
)
def test_wrong_pages_fail(gql: Client, tamper: Any, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        walk(Tampering(gql, tamper), BOOKS, sizes=(2,))


def test_another_order_backward_fails(gql: Client) -> None:
    def reverse(page: Any, variables: Any) -> None:
        if "last" in variables:
            page["edges"].reverse()
            page["nodes"].reverse()
            info = page["pageInfo"]
            ends = info["startCursor"], info["endCursor"]
            info["endCursor"], info["startCursor"] = ends

    with pytest.raises(AssertionError) as failed:
        walk(Tampering(gql, reverse), BOOKS, sizes=(50,))

    assert str(failed.value).splitlines() == [
        "The walks differ in row 1.",
        "forward in pages of 50: {'title': 'Dune'}",
        "backward in pages of 50: {'title': 'Solaris'}",
    ]

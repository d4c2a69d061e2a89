"""Statements: how many an operation takes, whatever the number of rows."""

import asyncio

import pytest

from gql_app.engine import Request, Viewer
from tests.engine.graph import Graph

COUNTED = {
    "a page": (1, "papers(first: 100) { nodes { title } }"),
    "a page with all of its parts": (
        1,
        """papers(first: 3) { edges { cursor node { id } } nodes { title }
        pageInfo { hasNextPage startCursor endCursor } }""",
    ),
    "a total count": (2, "papers(first: 3) { totalCount nodes { title } }"),
    "to-one relations": (
        1,
        """papers(first: 100) { nodes { author { name home { name country { name } } }
        reviewer { name mentor { name passport { number } } } } }""",
    ),
    "one level": (2, "people(first: 100) { nodes { written { nodes { title } } } }"),
    "the same level twice": (
        3,
        """people(first: 100) { nodes { a: written(first: 1) { nodes { title } }
        b: written(first: 2) { nodes { title } } } }""",
    ),
    "a nested count": (
        3,
        "people(first: 100) { nodes { written { totalCount nodes { title } } } }",
    ),
    "the feed": (
        4,
        """papers(first: 20) { nodes { title author { name } topics { nodes { slug } }
        notes(first: 3) { nodes { body } } fans { edges { stars node { name } } } } }""",
    ),
    "three levels": (
        3,
        """people(first: 10) { nodes { written(first: 10) { nodes { fans(first: 10) {
        nodes { name home { name } } } } } } }""",
    ),
    "a self reference": (
        3,
        """people(first: 100) { nodes { mentor { name } mentees(first: 9) { nodes {
        mentees(first: 9) { nodes { name } } } } } }""",
    ),
    "a look-up": (1, 'country(by: {code: "JP"}) { name }'),
    "a look-up with a list": (
        2,
        'country(by: {code: "JP"}) { cities { nodes { name } } }',
    ),
    "flags between cursors": (
        1,
        "papers(last: 2) { pageInfo { hasPreviousPage hasNextPage } }",
    ),
}


@pytest.mark.parametrize("case", COUNTED)
def test_statements_depend_on_the_shape_of_the_operation(
    graph: Graph, case: str
) -> None:
    expected, query = COUNTED[case]

    graph.execute(f"{{ {query} }}", Viewer("admin"))
    many = len(graph.statements)
    graph.execute(f"{{ {query.replace('100', '2')} }}", Viewer("admin"))

    assert (many, len(graph.statements)) == (expected, expected)


@pytest.mark.parametrize(
    ("asked", "statements"), [("totalCount", 1), ("__typename", 0)]
)
def test_pages_that_nobody_asks_for_are_not_read(
    graph: Graph, asked: str, statements: int
) -> None:
    request = Request(f"{{ papers {{ {asked} }} }}")

    result = asyncio.run(graph.ordinary.execute(request))

    assert len(result.statements) == statements


@pytest.mark.parametrize("case", COUNTED)
def test_the_ordinary_path_adds_one_statement_for_each_to_one_at_most(
    graph: Graph, case: str
) -> None:
    expected, query = COUNTED[case]
    ones = sum(query.count(f"{name} {{") for name in _ONES)

    result = asyncio.run(graph.ordinary.execute(Request(f"{{ {query} }}")))

    assert len(result.statements) <= expected + ones


_ONES = ("author", "home", "country", "reviewer", "mentor", "passport")


def test_only_needed_columns_are_read(graph: Graph) -> None:
    graph.execute("{ papers(first: 2) { nodes { title author { name } } } }")

    (sql,) = graph.statements
    read = sql.partition("FROM")[0]
    assert "title" in read
    for name in ("pages", "published", "nickname", "email", "deleted_at", "reviewer"):
        assert name not in read


def test_computed_fields_read_the_columns_they_name(graph: Graph) -> None:
    data = graph.execute("{ papers(first: 1) { nodes { titleLength } } }")

    (sql,) = graph.statements
    read = sql.partition("FROM")[0]
    assert "title" in read
    assert "pages" in read
    assert "author_id" not in read
    assert isinstance(data["papers"]["nodes"][0]["titleLength"], int)


def test_values_never_stand_in_the_text_of_statements(graph: Graph) -> None:
    query = """query ($w: PaperWhere, $first: Int) {
      papers(first: $first, where: $w) { nodes { id } } }"""
    texts: set[str] = set()
    for number, value in enumerate(("one'; --", "two %s :v0", "three")):
        graph.execute(query, w={"title": {"contains": value}}, first=number + 1)
        texts.update(graph.statements)

    assert len(texts) == 1

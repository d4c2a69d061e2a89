"""Relations and look-ups: the rows that they give, as viewers see them."""

from typing import Any

import pytest

from gql_app.engine import ANONYMOUS, Viewer
from tests.engine.graph import Graph
from tests.engine.world import Row, World

READERS = [ANONYMOUS, Viewer("reader", {"id": 7}), Viewer("admin")]


def by_role(viewer: Viewer) -> str:
    return viewer.role


ONES = """
{ papers(first: 100) { nodes { id author { id home { id country { id } } mentor { id } }
    reviewer { id passport { id } } } }
  notes(first: 100) { nodes { id paper { id author { id } } } }
  people(first: 100) { nodes { id home { name } passport { person { id } } } } }
"""


@pytest.mark.parametrize("viewer", READERS, ids=by_role)
def test_to_one_relations_give_the_readable_row_or_null(
    graph: Graph, viewer: Viewer
) -> None:
    world = World(viewer)

    data = graph.execute(ONES, viewer)

    papers = {row["_id"]: row for row in world.papers}
    assert {node["id"] for node in data["papers"]["nodes"]} == set(papers)
    for node in data["papers"]["nodes"]:
        author = world.one("Paper.author", papers[node["id"]])
        home = world.one("Person.home", author)
        assert same(node["author"], author)
        if author is not None:
            assert same(node["author"]["home"], home)
            assert same(node["author"]["mentor"], world.one("Person.mentor", author))
        if home is not None:
            assert same(
                node["author"]["home"]["country"], world.one("City.country", home)
            )
        reviewer = world.one("Paper.reviewer", papers[node["id"]])
        passport = world.one("Person.passport", reviewer)
        assert same(node["reviewer"], reviewer)
        assert reviewer is None or same(node["reviewer"]["passport"], passport)
    assert {node["id"] for node in data["notes"]["nodes"]} == {
        row["_id"] for row in world.notes
    }


def same(node: Any, row: Row | None) -> bool:
    return node is None if row is None else node["id"] == row["_id"]


@pytest.mark.parametrize("viewer", READERS, ids=by_role)
def test_edges_carry_the_columns_of_readable_links(
    graph: Graph, viewer: Viewer
) -> None:
    world = World(viewer)

    data = graph.execute(
        """{ people(first: 100) { nodes { id liked(first: 100) {
          totalCount edges { stars remark node { id } } } } } }""",
        viewer,
    )

    found = {
        (person["id"], edge["node"]["id"]): (edge["stars"], edge["remark"])
        for person in data["people"]["nodes"]
        for edge in person["liked"]["edges"]
    }
    expected = {
        (person["_id"], paper["_id"]): (like["stars"], like["remark"])
        for like in world.likes
        if (person := world.one("Like.person", like)) is not None
        if (paper := world.one("Like.paper", like)) is not None
    }
    assert found == expected
    assert sum(
        person["liked"]["totalCount"] for person in data["people"]["nodes"]
    ) == len(expected)


@pytest.mark.parametrize("viewer", READERS, ids=by_role)
def test_node_finds_readable_rows_alone(graph: Graph, viewer: Viewer) -> None:
    world, everything = World(viewer), World(Viewer("admin"))
    kinds = ("people", "papers", "notes", "passports", "cities", "topics", "likes")
    rows = [row for kind in kinds for row in getattr(everything, kind)]
    readable = {row["_id"] for kind in kinds for row in getattr(world, kind)}
    asked = [row["_id"] for row in rows]

    for start in range(0, len(asked), 100):
        ids = asked[start : start + 100]
        data = graph.execute(
            "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }",
            viewer,
            ids=ids,
        )

        found = [node and node["id"] for node in data["nodes"]]
        assert found == [one if one in readable else None for one in ids]


LOOKUPS = [
    ("country", "code", "JP", {"name": "日本"}),
    (
        "city",
        "key",
        {"countryCode": "JP", "name": "大阪"},
        {"name": "大阪"},
    ),
    ("topic", "slug", "x/y,z:%", {"slug": "x/y,z:%"}),
    ("passport", "number", "P1", {"number": "P1"}),
]


@pytest.mark.parametrize(("field", "key", "value", "expected"), LOOKUPS)
def test_lookups_find_rows_by_every_unique_key(
    graph: Graph, field: str, key: str, value: Any, expected: Any
) -> None:
    kind = field[0].upper() + field[1:]
    name = next(iter(expected))
    query = f"query ($by: {kind}By!) {{ {field}(by: $by) {{ id {name} }} }}"

    by_key = graph.execute(query, Viewer("admin"), by={key: value})[field]
    by_id = graph.execute(query, Viewer("admin"), by={"id": by_key["id"]})[field]

    assert by_key == by_id == {"id": by_key["id"], **expected}


def test_lookups_of_hidden_and_missing_rows_are_alike(graph: Graph) -> None:
    world = World(Viewer("admin"))
    deleted = next(row for row in world.people if row["deleted_at"] is not None)
    query = "query ($id: ID!) { person(by: {id: $id}) { id } node(id: $id) { id } }"

    hidden = graph.answer(query, id=deleted["_id"])
    missing = graph.answer(query, id="UGVyc29uOjk5OTk5")

    assert hidden == missing == {"data": {"person": None, "node": None}}


def test_one_operation_may_ask_the_same_relation_in_several_ways(
    graph: Graph,
) -> None:
    data = graph.execute(
        """query ($yes: Boolean!, $no: Boolean!) {
          papers(first: 5) { nodes { ...Named author { ...Ids mentor @include(if: $yes)
            { id } } writer: author { name } author { name home @skip(if: $yes) { name }
            mentor @include(if: $no) { name } } } } }
        fragment Named on Paper { title author { name } ...Empty @include(if: $no) }
        fragment Ids on Node { id __typename }
        fragment Empty on Paper { pages reviewer { name } }""",
        yes=True,
        no=False,
    )

    for node in data["papers"]["nodes"]:
        assert set(node) == {"title", "author", "writer"}
        author = node["author"]
        if author is not None:
            assert list(author) == ["name", "id", "__typename", "mentor"]
            assert author["mentor"] is None or list(author["mentor"]) == ["id"]
            assert node["writer"] == {"name": author["name"]}

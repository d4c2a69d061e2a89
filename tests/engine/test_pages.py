"""Pages: whole lists walked in many orders, forward and backward."""

import random
from collections.abc import Callable
from operator import itemgetter
from typing import Any

import pytest

from gql_app.engine import ANONYMOUS, Viewer
from gql_app.engine.identifiers import encode_id
from tests.engine.graph import Graph
from tests.engine.samples import sample_rows
from tests.engine.walking import DIRECTIONS, Key, List, ids, in_order
from tests.engine.world import Row, World

SORTABLE = (
    *("small", "big", "ratio", "flag", "word", "localWord", "kind", "mood", "price"),
    *("exact", "token", "moment", "naive", "day", "clock", "span"),
)
SIZES = (1, 2, 3, 7, 11, 35, 36, 100)


def samples_list(samples: Graph) -> List:
    return List(samples, "SampleOrder", "samples LIST", ("samples",))


def _column(field: str) -> str:
    return "local_word" if field == "localWord" else field


def sample_ids(keys: list[tuple[str, str]]) -> list[str]:
    """The ids of the samples by these fields and directions."""
    by = [Key(itemgetter(_column(name)), direction) for name, direction in keys]
    rows = in_order(sample_rows(), by, lambda row: row["id"])
    return [encode_id("Sample", [str(row["id"])]) for row in rows]


@pytest.mark.parametrize("name", SORTABLE)
def test_every_column_and_direction_is_walked_once(samples: Graph, name: str) -> None:
    randomly = random.Random(name)
    for direction in DIRECTIONS:
        if direction.endswith("_LAST"):
            continue  # the same as without; the orders of several keys below have it
        expected = sample_ids([(name, direction)])
        sizes = [randomly.choice(SIZES[4:])]

        samples_list(samples).check(expected, sizes, [{name: direction}])


def test_default_order_is_the_primary_key(samples: Graph) -> None:
    samples_list(samples).check(sample_ids([]), SIZES)


@pytest.mark.parametrize("number", range(16))
def test_several_keys_with_mixed_directions_are_walked_once(
    samples: Graph, number: int
) -> None:
    randomly = random.Random(number)
    names = randomly.sample(SORTABLE, randomly.randint(2, 3))
    keys = [(name, randomly.choice(DIRECTIONS)) for name in names]
    order = [{name: direction} for name, direction in keys]

    sizes = [randomly.choice(SIZES[1:])]

    samples_list(samples).check(sample_ids(keys), sizes, order)


def nested_path(path: list[str], value: Any) -> Any:
    for name in reversed(path):
        value = {name: value}
    return value


READERS = [ANONYMOUS, Viewer("reader", {"id": 7}), Viewer("admin")]
PAPER_KEYS: dict[str, Callable[[World, Row], Any]] = {
    "author.name": lambda world, row: _name(world.one("Paper.author", row)),
    "reviewer.name": lambda world, row: _name(world.one("Paper.reviewer", row)),
    "author.home.population": lambda world, row: _get(
        world.one("Person.home", world.one("Paper.author", row)), "population"
    ),
    "author.home.country.name": lambda world, row: _name(
        world.one("City.country", world.one("Person.home", _author(world, row)))
    ),
    "author.passport.number": lambda world, row: _get(
        world.one("Person.passport", _author(world, row)), "number"
    ),
    "notesCount": lambda world, row: len(world.many("Paper.notes", row)),
    "topicsCount": lambda world, row: len(world.many("Paper.topics", row)),
    "fansCount": lambda world, row: len(world.many("Paper.fans", row)),
    "reviewer.reviewedCount": lambda world, row: _reviewed(world, row),
    "title": lambda world, row: row["title"],
}


def _author(world: World, row: Row) -> Row | None:
    return world.one("Paper.author", row)


def _reviewed(world: World, row: Row) -> int | None:
    reviewer = world.one("Paper.reviewer", row)
    return None if reviewer is None else len(world.many("Person.reviewed", reviewer))


def _get(row: Row | None, name: str) -> Any:
    return None if row is None else row[name]


def _name(row: Row | None) -> Any:
    return _get(row, "name")


@pytest.mark.parametrize("viewer", READERS, ids=lambda viewer: viewer.role)
@pytest.mark.parametrize("path", PAPER_KEYS)
def test_related_columns_and_counts_are_walked_once(
    graph: Graph, path: str, viewer: Viewer
) -> None:
    world = World(viewer)
    papers = List(graph, "PaperOrder", "papers LIST", ("papers",), viewer)
    for direction in DIRECTIONS[READERS.index(viewer) :: 3]:
        key = Key(lambda row: PAPER_KEYS[path](world, row), direction)
        rows = in_order(world.papers, [key], lambda row: row["id"])
        order = [nested_path(path.split("."), direction)]

        papers.check([row["_id"] for row in rows], [19], order)


def test_default_order_of_an_entity_is_walked_once(graph: Graph) -> None:
    world = World(ANONYMOUS)
    keys = [Key(lambda row: row["pages"], "DESC"), Key(lambda row: row["title"])]
    expected = [row["_id"] for row in in_order(world.papers, keys, _id)]
    papers = List(graph, "PaperOrder", "papers LIST", ("papers",))

    papers.check(expected, (1, 4, 100))


def _id(row: Row) -> Any:
    return row["id"]


def test_composite_keys_are_walked_once(graph: Graph) -> None:
    world = World(ANONYMOUS)
    cities = List(graph, "CityOrder", "cities LIST", ("cities",))
    primary = (lambda row: row["country_code"], lambda row: row["name"])
    for direction in DIRECTIONS:
        key = Key(lambda row: row["population"], direction)
        expected = [row["_id"] for row in in_order(world.cities, [key], *primary)]

        cities.check(expected, [2], [{"population": direction}])


NESTED = {
    "written": ("Person.written", "Paper", {"title": "DESC"}, "title"),
    "reviewed": ("Person.reviewed", "Paper", {"pages": "ASC_NULLS_FIRST"}, "pages"),
    "liked": ("Person.liked", "Paper", {"pages": "DESC"}, "pages"),
    "friends": ("Person.friends", "Person", {"name": "ASC"}, "name"),
    "mentees": (
        "Person.mentees",
        "Person",
        {"nickname": "DESC_NULLS_FIRST"},
        "nickname",
    ),
}


@pytest.mark.parametrize("viewer", READERS, ids=lambda viewer: viewer.role)
@pytest.mark.parametrize("field", NESTED)
def test_nested_lists_are_walked_once_for_every_parent(
    graph: Graph, field: str, viewer: Viewer
) -> None:
    relation, target, order, name = NESTED[field]
    world = World(viewer)
    key = Key(lambda row: row[name], next(iter(order.values())))
    for person in world.people[READERS.index(viewer) :: 3]:
        rows = in_order(world.many(relation, person), [key], _id)
        template = f"person(by: {{id: $id}}) {{ {field} LIST }}"
        path = ("person", field)
        nested = List(graph, f"{target}Order", template, path, viewer, person["_id"])

        nested.check([row["_id"] for row in rows], [2], [order])


@pytest.mark.parametrize("field", NESTED)
def test_nested_pages_of_many_parents_are_those_of_each(
    graph: Graph, field: str
) -> None:
    relation, target, order, name = NESTED[field]
    world = World(ANONYMOUS)
    key = Key(lambda row: row[name], next(iter(order.values())))
    expected = {
        person["_id"]: [
            row["_id"] for row in in_order(world.many(relation, person), [key], _id)
        ]
        for person in world.people
    }
    asked = "{ nodes { id } totalCount pageInfo { hasNextPage hasPreviousPage } }"

    found = graph.execute(
        f"query ($order: [{target}Order!]) {{ people(first: 100) {{ nodes {{ id"
        f" start: {field}(first: 2, orderBy: $order) {asked}"
        f" end: {field}(last: 3, orderBy: $order) {asked} }} }} }}",
        order=[order],
    )

    assert len(found["people"]["nodes"]) == len(expected)
    for node in found["people"]["nodes"]:
        own = expected[node["id"]]
        assert [one["id"] for one in node["start"]["nodes"]] == own[:2]
        assert [one["id"] for one in node["end"]["nodes"]] == own[-3:]
        assert node["start"]["totalCount"] == node["end"]["totalCount"] == len(own)
        assert node["start"]["pageInfo"]["hasNextPage"] == (len(own) > 2)
        assert node["end"]["pageInfo"]["hasPreviousPage"] == (len(own) > 3)
        assert not node["start"]["pageInfo"]["hasPreviousPage"]
        assert not node["end"]["pageInfo"]["hasNextPage"]


def test_pages_between_two_cursors_have_exact_flags(samples: Graph) -> None:
    order = [{"small": "DESC_NULLS_FIRST"}]
    expected = sample_ids([("small", "DESC_NULLS_FIRST")])
    whole = samples_list(samples)
    cursors = [edge["cursor"] for edge in whole.page(order, first=100)["edges"]]

    for after, before, size in [(3, 20, 5), (3, 20, 16), (3, 4, 5), (-1, 36, 9)]:
        for name in ("first", "last"):
            arguments: dict[str, Any] = {name: size}
            page = whole.page(
                order,
                after=cursors[after] if after >= 0 else None,
                before=cursors[before] if before < 36 else None,
                **arguments,
            )

            between = expected[after + 1 : before]
            kept = between[:size] if name == "first" else between[-size:]
            assert ids(page) == kept
            start = expected.index(kept[0]) if kept else after + 1
            info = page["pageInfo"]
            assert info["hasPreviousPage"] == (start > 0)
            assert info["hasNextPage"] == (start + len(kept) < 36)


def test_first_zero_gives_no_rows_and_exact_flags(samples: Graph) -> None:
    whole = samples_list(samples)
    cursor = whole.page(first=1)["pageInfo"]["endCursor"]

    empty, after = whole.page(first=0), whole.page(first=0, after=cursor)

    assert empty["edges"] == after["edges"] == []
    nothing = {"startCursor": None, "endCursor": None, "hasNextPage": True}
    assert empty["pageInfo"] == {**nothing, "hasPreviousPage": False}
    assert after["pageInfo"] == {**nothing, "hasPreviousPage": True}


def test_empty_lists_have_no_neighbours(samples: Graph) -> None:
    page = samples_list(samples).page(where="where: {small: {eq: 12345}}", first=5)

    assert page["edges"] == []
    assert not page["pageInfo"]["hasNextPage"]
    assert not page["pageInfo"]["hasPreviousPage"]

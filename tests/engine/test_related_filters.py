"""Filters through relations: some, none, every, to-one and counts, as viewers see them."""

from typing import Any

import pytest

from gql_app.engine import ANONYMOUS, Viewer
from tests.engine.graph import Graph
from tests.engine.world import Row, World

READERS = [ANONYMOUS, Viewer("reader", {"id": 7}), Viewer("admin")]


def by_role(viewer: Viewer) -> str:
    return viewer.role


FILTERS: dict[str, tuple[str, Any, Any]] = {
    "to-one": (
        "papers",
        {"author": {"name": {"eq": "Ada"}}},
        lambda world, row: _name(world.one("Paper.author", row)) == "Ada",
    ),
    "to-one exists": (
        "papers",
        {"reviewer": {}},
        lambda world, row: world.one("Paper.reviewer", row) is not None,
    ),
    "no to-one": (
        "papers",
        {"not": {"reviewer": {}}},
        lambda world, row: world.one("Paper.reviewer", row) is None,
    ),
    "to-one by composite key": (
        "people",
        {"home": {"population": {"gt": "300000"}}},
        lambda world, row: _population(world.one("Person.home", row)) > 300_000,
    ),
    "two to-ones": (
        "papers",
        {"author": {"home": {"country": {"name": {"eq": "日本"}}}}},
        lambda world, row: (
            _name(
                world.one(
                    "City.country",
                    world.one("Person.home", world.one("Paper.author", row)),
                )
            )
            == "日本"
        ),
    ),
    "1-1": (
        "people",
        {"passport": {"number": {"startsWith": "P"}}},
        lambda world, row: world.one("Person.passport", row) is not None,
    ),
    "some": (
        "people",
        {"written": {"some": {"pages": {"gte": 3}}}},
        lambda world, row: any(
            (paper["pages"] or 0) >= 3 for paper in world.many("Person.written", row)
        ),
    ),
    "some at all": (
        "people",
        {"written": {"some": {}}},
        lambda world, row: bool(world.many("Person.written", row)),
    ),
    "none": (
        "people",
        {"written": {"none": {"pages": {"isNull": True}}}},
        lambda world, row: all(
            paper["pages"] is not None for paper in world.many("Person.written", row)
        ),
    ),
    "every": (
        "people",
        {"written": {"every": {"pages": {"gte": 3}}}},
        lambda world, row: all(
            (paper["pages"] or 0) >= 3 for paper in world.many("Person.written", row)
        ),
    ),
    "some and none": (
        "papers",
        {"topics": {"some": {"slug": {"eq": "Art"}}, "none": {"slug": {"lt": "B"}}}},
        lambda world, row: False,
    ),
    "through a link": (
        "papers",
        {"topics": {"some": {"slug": {"eq": "x/y,z:%"}}}},
        lambda world, row: (
            "x/y,z:%" in [topic["slug"] for topic in world.many("Paper.topics", row)]
        ),
    ),
    "through a link with a policy": (
        "papers",
        {"fans": {"every": {"name": {"ne": "Ada"}}}},
        lambda world, row: all(
            fan["name"] != "Ada" for fan in world.many("Paper.fans", row)
        ),
    ),
    "self n-n": (
        "people",
        {"friends": {"some": {"friends": {"some": {"name": {"eq": "Zoë"}}}}}},
        lambda world, row: any(
            friend["name"] == "Zoë"
            for middle in world.many("Person.friends", row)
            for friend in world.many("Person.friends", middle)
        ),
    ),
    "tree": (
        "people",
        {"mentees": {"some": {"mentor": {"name": {"isNull": False}}}}},
        lambda world, row: bool(world.many("Person.mentees", row)),
    ),
    "count": (
        "people",
        {"likedCount": {"gte": 3, "lt": 6}},
        lambda world, row: 3 <= len(world.many("Person.liked", row)) < 6,
    ),
    "count in": (
        "papers",
        {"notesCount": {"in": [0, 2]}, "fansCount": {"ne": 1}},
        lambda world, row: (
            len(world.many("Paper.notes", row)) in (0, 2)
            and len(world.many("Paper.fans", row)) != 1
        ),
    ),
    "within": (
        "notes",
        {"paper": {"author": {"writtenCount": {"gt": 2}}}},
        lambda world, row: _written(world, row) > 2,
    ),
}


def _name(row: Row | None) -> Any:
    return None if row is None else row["name"]


def _population(row: Row | None) -> int:
    return 0 if row is None else row["population"] or 0


def _written(world: World, note: Row) -> int:
    author = world.one("Paper.author", world.one("Note.paper", note))
    return 0 if author is None else len(world.many("Person.written", author))


@pytest.mark.parametrize("viewer", READERS, ids=by_role)
@pytest.mark.parametrize("case", FILTERS)
def test_filters_through_relations_see_only_readable_rows(
    graph: Graph, case: str, viewer: Viewer
) -> None:
    field, where, passes = FILTERS[case]
    world = World(viewer)
    kind = {"people": "Person", "papers": "Paper", "notes": "Note"}[field]

    data = graph.execute(
        f"query ($where: {kind}Where) {{ {field}(first: 100, where: $where)"
        " { totalCount nodes { id } } }",
        *(viewer,),
        where=where,
    )

    expected = {row["_id"] for row in getattr(world, field) if passes(world, row)}
    assert {node["id"] for node in data[field]["nodes"]} == expected
    assert data[field]["totalCount"] == len(expected)

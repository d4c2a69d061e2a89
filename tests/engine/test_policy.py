"""Policies: rows that may not be read behave everywhere as if there were none."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Field, Relationship, SQLModel

from gql_app.engine import (
    ANONYMOUS,
    Api,
    Database,
    Policy,
    Viewer,
    build_schema,
    everyone,
    nobody,
)
from gql_app.engine.errors import ConfigurationError
from gql_app.engine.schema import core_schema
from tests.engine.graph import Graph
from tests.engine.models import Paper, PaperRead, Person, PersonRead, library
from tests.engine.world import World

ADMIN = Viewer("admin")


@pytest.fixture
def hidden(shared_database: Database) -> Graph:
    """The library in which nobody may read a person."""
    return Graph(library(person=Policy(read=nobody)), shared_database)


def test_hidden_rows_are_in_no_list_count_relation_or_look_up(hidden: Graph) -> None:
    person = World(ADMIN).people[0]["_id"]

    data = hidden.execute(
        """query ($id: ID!) {
          people { totalCount nodes { id } pageInfo { hasNextPage } }
          person(by: {id: $id}) { id }
          node(id: $id) { id }
          cities { nodes { residents { totalCount nodes { id } } } }
          papers(first: 100) { nodes { author { id } fans { totalCount edges { stars } }
            reviewer { name } } }
          likes(first: 100) { nodes { person { id } } }
        }""",
        id=person,
    )

    nothing = {"totalCount": 0, "nodes": []}
    assert data["people"] == {**nothing, "pageInfo": {"hasNextPage": False}}
    assert data["person"] is data["node"] is None
    assert {str(city) for city in data["cities"]["nodes"]} == {
        str({"residents": nothing})
    }
    for paper in data["papers"]["nodes"]:
        assert paper == {
            "author": None,
            "fans": {"totalCount": 0, "edges": []},
            "reviewer": None,
        }
    assert {str(like) for like in data["likes"]["nodes"]} == {"{'person': None}"}


@pytest.mark.parametrize(
    ("where", "all_or_none"),
    [
        ({"author": {}}, "none"),
        ({"author": {"name": {"ne": "x"}}}, "none"),
        ({"author": {"nickname": {"isNull": True}}}, "none"),
        ({"not": {"author": {"name": {"eq": "Ada"}}}}, "all"),
        ({"fans": {"some": {}}}, "none"),
        ({"fans": {"none": {}}}, "all"),
        ({"fans": {"every": {"name": {"eq": "never"}}}}, "all"),
        ({"fansCount": {"eq": 0}}, "all"),
        ({"author": {"writtenCount": {"gte": 0}}}, "none"),
    ],
)
def test_filters_tell_nothing_of_hidden_rows(
    hidden: Graph, where: Any, all_or_none: str
) -> None:
    query = "query ($where: PaperWhere) { papers(where: $where) { totalCount } }"

    found = hidden.execute(query, where=where)["papers"]["totalCount"]

    everything = len(World(ANONYMOUS).papers)
    assert found == (everything if all_or_none == "all" else 0)


@pytest.mark.parametrize(
    "order",
    [
        {"author": {"name": "ASC"}},
        {"author": {"home": {"population": "DESC_NULLS_FIRST"}}},
        {"reviewer": {"writtenCount": "DESC"}},
        {"fansCount": "DESC"},
    ],
)
def test_orders_tell_nothing_of_hidden_rows(hidden: Graph, order: Any) -> None:
    query = """query ($order: [PaperOrder!]) {
      papers(first: 100, orderBy: $order) { nodes { id } } }"""

    by_hidden = hidden.execute(query, order=[order])
    direction = "DESC" if "DESC" in str(order) else "ASC"

    assert by_hidden == hidden.execute(query, order=[{"id": direction}])


def test_within_hides_rows_with_what_they_belong_to(shared_database: Database) -> None:
    graph = Graph(library(paper=Policy(read=nobody)), shared_database)
    note = World(ADMIN).notes[0]["_id"]

    data = graph.execute(
        """query ($id: ID!) { notes { totalCount nodes { id } } node(id: $id) { id }
          people(where: {written: {some: {}}}) { totalCount } }""",
        id=note,
    )

    assert data == {
        "notes": {"totalCount": 0, "nodes": []},
        "node": None,
        "people": {"totalCount": 0},
    }


def test_claims_of_one_viewer_never_serve_another(graph: Graph) -> None:
    query = "{ papers(first: 100) { totalCount } passports { totalCount } }"
    for number in (1, 7, 4, 1):
        viewer = Viewer("reader", {"id": number})

        found = graph.execute(query, viewer)

        world = World(viewer)
        assert found["papers"]["totalCount"] == len(world.papers)
        assert found["passports"]["totalCount"] == len(world.passports)


def test_missing_claims_equal_nothing(graph: Graph) -> None:
    data = graph.execute("{ passports { totalCount } }", Viewer("reader"))

    assert data["passports"]["totalCount"] == 0


def test_hidden_columns_are_no_fields_filters_orders_or_look_ups(graph: Graph) -> None:
    members = {
        name
        for kind in core_schema(graph.schema).type_map.values()
        for name in getattr(kind, "fields", {})
    }

    for name in ("email", "deletedAt", "published", "homeCity"):
        assert name not in members
        error = graph.error(f"{{ people {{ nodes {{ {name} }} }} }}")
        assert error[0] == "GRAPHQL_VALIDATION_FAILED"


def test_an_entity_without_a_policy_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="Person needs a policy"):
        Api().add(Person, read=PersonRead, policy=None)  # type: ignore[arg-type]  # wrong on purpose


def test_within_must_name_a_to_one_relation_of_the_entity() -> None:
    api = Api()
    api.add(Paper, read=PaperRead, policy=Policy(read=everyone, within="nothing"))

    with pytest.raises(ConfigurationError, match=r"Paper.*nothing"):
        build_schema(api)


def test_a_policy_within_itself_is_refused() -> None:
    api = Api()
    api.add(Person, read=PersonRead, policy=Policy(read=everyone, within="mentor"))

    with pytest.raises(ConfigurationError, match="Person is within itself"):
        build_schema(api)


class Loose(SQLModel, registry=sa.orm.registry()):
    """Tables with a link that may join the same two rows many times."""


class Guest(Loose, table=True):
    id: int | None = Field(default=None, primary_key=True)


class Visit(Loose, table=True):
    id: int | None = Field(default=None, primary_key=True)
    guest_id: int = Field(foreign_key="guest.id")
    house_id: int = Field(foreign_key="house.id")


class House(Loose, table=True):
    id: int | None = Field(default=None, primary_key=True)

    guests: list[Guest] = Relationship(link_model=Visit)


class OnlyId(SQLModel):
    id: int


def test_links_that_may_repeat_are_refused() -> None:
    api = Api()
    api.add(Guest, read=OnlyId, policy=Policy(read=everyone))
    api.add(House, read=OnlyId, policy=Policy(read=everyone))

    with pytest.raises(ConfigurationError, match=r"visit.*guest_id.*unique"):
        build_schema(api)

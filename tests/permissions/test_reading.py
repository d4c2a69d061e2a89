"""Every viewer, every entity, every way to its rows: what is found is in the table."""

from collections.abc import Sequence
from typing import Any

import pytest
from graphql import GraphQLInputObjectType
from strawberry import Schema

from gql_app.engine.entity import Column, Entity, Relation
from gql_app.engine.names import camel
from tests.permissions.conftest import Asker, Call
from tests.permissions.expected import READ
from tests.permissions.world import (
    ENTITIES,
    VIEWERS,
    Key,
    World,
    missing,
    pairs,
    shows,
)

RELATIONS = {
    relation.title: relation
    for entity in ENTITIES.values()
    for relation in entity.relations.values()
}
NOT_LISTS = {"node", "nodes", "viewer"}


def ids(nodes: list[Any]) -> set[str]:
    return {node["id"] for node in nodes}


def listing(entity: Entity, where: Any) -> Call:
    query = (
        f"query ($where: {entity.name}Where) {{ {entity.list_field}"
        "(first: 50, where: $where) { totalCount nodes { id } } }"
    )
    return Call(query, {"where": where})


def found_by(asker: Asker, viewer: str, calls: list[Call]) -> list[set[str]]:
    """The ids on each page; the total is their number."""
    pages = asker.data(viewer, calls)
    for page in pages:
        assert page["totalCount"] == len(page["nodes"])
    return [ids(page["nodes"]) for page in pages]


def test_the_table_has_every_entity_and_query(schema: Schema) -> None:
    query = schema._schema.query_type
    assert query is not None
    fields = {one.root_field for one in ENTITIES.values()}
    fields |= {one.list_field for one in ENTITIES.values()}

    assert READ.keys() == ENTITIES.keys()
    assert query.fields.keys() == fields | NOT_LISTS


def test_the_world_has_every_row_of_the_table(asker: Asker) -> None:
    world = asker.world

    for name, entity in ENTITIES.items():
        assert world.keys[name].keys() == READ[name].keys()
        assert len(world.table(entity.table)) == len(READ[name])


@pytest.mark.parametrize("viewer", VIEWERS)
def test_lists_show_what_the_viewer_may_see(asker: Asker, viewer: str) -> None:
    calls = [listing(entity, None) for entity in ENTITIES.values()]

    found = found_by(asker, viewer, calls)

    assert found == [asker.world.ids(name, viewer) for name in ENTITIES]


@pytest.mark.parametrize("viewer", VIEWERS)
def test_ids_find_what_the_viewer_may_see(asker: Asker, viewer: str) -> None:
    world = asker.world
    for name in ENTITIES:
        every = sorted(world.ids(name))
        calls = [Call("query ($id: ID!) { node(id: $id) { id } }", {"id": one})
                 for one in every]  # fmt: skip
        several = Call("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
                       {"ids": every})  # fmt: skip

        *single, together = asker.data(viewer, [*calls, several])

        visible = world.ids(name, viewer)
        expected = [{"id": one} if one in visible else None for one in every]
        assert single == together == expected


Row = tuple[str, Sequence[Column], Call]


def look_ups(world: World, schema: Schema, entity: Entity) -> list[Row]:
    """For each row its id, and how to look it up by each of its unique keys, which have
    these columns."""
    by = schema._schema.type_map[f"{entity.name}By"]
    assert isinstance(by, GraphQLInputObjectType)
    query = f"query ($by: {entity.name}By!) {{ {entity.root_field}(by: $by) {{ id }} }}"
    found: list[Row] = []
    keys = {
        camel("_".join(column.name for column in key)): key for key in entity.unique
    } | {"key": entity.key}
    for row in world.table(entity.table):
        row_id = entity.encode_key([row[column.name] for column in entity.key])
        for name in by.fields:
            if name == "id":
                found.append((row_id, (), Call(query, {"by": {"id": row_id}})))
                continue
            values = {
                column.field: literal(column.read(row[column.name]))
                for column in keys[name]
            }
            if None in values.values():
                continue
            key = values if len(values) > 1 else next(iter(values.values()))
            found.append((row_id, keys[name], Call(query, {"by": {name: key}})))
    return found


def literal(value: Any) -> Any:
    """The value as a variable."""
    return getattr(value, "name", value)


@pytest.mark.parametrize("viewer", VIEWERS)
def test_look_ups_find_what_the_viewer_may_see(
    asker: Asker, schema: Schema, viewer: str
) -> None:
    for name, entity in ENTITIES.items():
        rows = look_ups(asker.world, schema, entity)
        visible = asker.world.ids(name, viewer)
        labels = {asker.world.id(name, label): label for label in READ[name]}

        found = asker.data(viewer, [call for *_, call in rows])

        expected = [
            {"id": one}
            if one in visible
            and all(shows(entity, column, labels[one], viewer) for column in key)
            else None
            for one, key, _ in rows
        ]
        assert found == expected


@pytest.mark.parametrize("viewer", VIEWERS)
def test_hidden_is_as_missing_in_look_ups(asker: Asker, viewer: str) -> None:
    for name, entity in ENTITIES.items():
        world = asker.world
        hidden = sorted(world.ids(name) - world.ids(name, viewer))
        query = f"query ($by: {name}By!) {{ {entity.root_field}(by: $by) {{ id }} }}"
        asked = [missing(entity), *hidden]

        answers = asker.answers(
            viewer, [Call(query, {"by": {"id": one}}) for one in asked]
        )

        assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize("viewer", VIEWERS)
def test_relations_lead_to_what_the_viewer_may_see(asker: Asker, viewer: str) -> None:
    for relation in RELATIONS.values():
        source = relation.source
        rest = "(first: 50) { totalCount nodes { id } }" if relation.many else "{ id }"
        query = f"{source.list_field}(first: 50) {{ nodes {{ id there: {relation.field}"

        [page] = asker.data(viewer, [Call(f"{{ {query} {rest} }} }} }}")])

        found = set()
        for node in page["nodes"]:
            there = node["there"]
            if relation.many:
                assert there["totalCount"] == len(there["nodes"])
                found |= {(node["id"], one["id"]) for one in there["nodes"]}
            elif there is not None:
                found.add((node["id"], there["id"]))
        assert found == pairs(asker.world, relation, viewer), relation.title


def one_of(relation: Relation, key: Key) -> list[Any]:
    """Filters for the rows that lead there, followed by those for the others."""
    columns = zip(relation.target.key, key, strict=True)
    there = {one.field: {"eq": literal(one.read(value))} for one, value in columns}
    if not relation.many:
        return [{relation.field: there}, {"not": {relation.field: there}}]
    return [
        {relation.field: {"some": there}},
        {relation.field: {"none": there}},
        {relation.field: {"every": {"not": there}}},
    ]


@pytest.mark.parametrize("viewer", VIEWERS)
def test_filters_find_nothing_behind_hidden_rows(asker: Asker, viewer: str) -> None:
    world = asker.world
    for relation in RELATIONS.values():
        source, target = relation.source, relation.target
        seen = pairs(world, relation, viewer)
        every = world.ids(source.name, viewer)
        shown = world.ids(target.name, viewer)
        calls: list[Call] = []
        expected: list[set[str]] = []
        for key in world.keys[target.name].values():
            leading = {one for one, other in seen if other == target.encode_key(key)}
            asked = one_of(relation, key)
            if target.encode_key(key) in shown:
                del asked[2:]  # that all others lead elsewhere says no more
            first, *others = (listing(source, one) for one in asked)
            calls += [first, *others]
            expected += [leading, *[every - leading] * len(others)]

        assert found_by(asker, viewer, calls) == expected, relation.title


@pytest.mark.parametrize("viewer", VIEWERS)
def test_counts_leave_hidden_rows_out(asker: Asker, viewer: str) -> None:
    world = asker.world
    for relation in RELATIONS.values():
        if not relation.many:
            continue
        source, counted = relation.source, f"{relation.field}Count"
        seen = [here for here, _ in pairs(world, relation, viewer)]
        every = world.ids(source.name, viewer)
        numbers = {one: seen.count(one) for one in every}
        calls = [listing(source, {counted: {"eq": number}}) for number in range(7)]
        order = Call(
            f"{{ {source.list_field}(first: 50, orderBy: [{{{counted}: DESC}}])"
            " { nodes { id } } }"
        )

        found = found_by(asker, viewer, calls)
        [page] = asker.data(viewer, [order])

        assert found == [
            {one for one in every if numbers[one] == number} for number in range(7)
        ]
        ordered = [numbers[node["id"]] for node in page["nodes"]]
        assert ordered == sorted(numbers.values(), reverse=True), relation.title


@pytest.mark.parametrize("viewer", VIEWERS)
def test_cursors_of_others_lead_to_nothing_hidden(asker: Asker, viewer: str) -> None:
    world = asker.world
    for name, entity in ENTITIES.items():
        page = f"{entity.list_field}(first: 50, after: $after)"
        more = f"query ($after: String) {{ {page} {{ totalCount nodes {{ id }} }} }}"
        query = f"{{ {entity.list_field}(first: 50) {{ edges {{ cursor }} }} }}"
        [every] = asker.data("admin", [Call(query)])
        cursors = [edge["cursor"] for edge in every["edges"]]

        pages = asker.data(viewer, [Call(more, {"after": one}) for one in cursors])

        visible = world.ids(name, viewer)
        for found in pages:
            assert found["totalCount"] == len(visible)
            assert ids(found["nodes"]) <= visible

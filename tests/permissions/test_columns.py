"""Every viewer, every column that not everybody may read: it is in the table."""

import pytest

from tests.permissions.conftest import Asker, Call
from tests.permissions.expected import READERS
from tests.permissions.test_reading import found_by, listing, literal
from tests.permissions.world import ENTITIES, VIEWERS, shows


def test_the_table_has_every_column_with_readers() -> None:
    guarded = {
        f"{entity.name}.{column}"
        for entity in ENTITIES.values()
        for column in entity.policy.readers
    }

    assert READERS.keys() == guarded


@pytest.mark.parametrize("viewer", VIEWERS)
def test_columns_show_what_the_viewer_may_read(asker: Asker, viewer: str) -> None:
    world = asker.world
    for title in READERS:
        name, _, attribute = title.partition(".")
        entity = ENTITIES[name]
        column = entity.columns[attribute]
        row = f"{{ id value: {column.field} }}"
        calls = [
            Call(f"{{ {entity.list_field}(first: 50) {{ nodes {row} }} }}"),
            *(
                Call(f'{{ node(id: "{one}") {{ ... on {name} {row} }} }}')
                for one in sorted(world.ids(name, viewer))
            ),
        ]

        page, *nodes = asker.data(viewer, calls)

        values = {
            entity.encode_key([one[key.name] for key in entity.key]): one[attribute]
            for one in world.table(entity.table)
        }
        expected = {
            world.id(name, label): values[world.id(name, label)]
            if shows(entity, column, label, viewer)
            else None
            for label in world.keys[name]
            if world.id(name, label) in world.ids(name, viewer)
        }
        for found in (page["nodes"], nodes):
            assert {one["id"]: one["value"] for one in found} == expected


@pytest.mark.parametrize("viewer", VIEWERS)
def test_filters_find_nothing_in_hidden_columns(asker: Asker, viewer: str) -> None:
    world = asker.world
    for title in READERS:
        name, _, attribute = title.partition(".")
        entity = ENTITIES[name]
        column = entity.columns[attribute]
        values = [
            literal(column.read(row[attribute])) for row in world.table(entity.table)
        ]
        guesses = [{"in": values}, {"isNull": False}, {"eq": values[0]}]
        calls = [listing(entity, {column.field: one}) for one in guesses]

        every, present, first = found_by(asker, viewer, calls)

        shown = {
            world.id(name, label)
            for label in world.keys[name]
            if shows(entity, column, label, viewer)
        }
        assert every == present == world.ids(name, viewer) & shown
        assert first <= shown

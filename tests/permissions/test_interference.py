"""What a viewer can't see changes nothing of what the viewer is answered."""

from typing import Any

import pytest
from strawberry import Schema

from gql_app.engine.entity import Entity
from tests.permissions.conftest import Asker, Call
from tests.permissions.tampering import Questions, change_hidden, delete_hidden


def question(entity: Entity, variables: Any) -> Call:
    """A list with its total, and with cursors where they depend on an order."""
    (name,) = variables
    kind = f"{entity.name}Where" if name == "where" else f"[{entity.name}Order!]"
    query = (
        f"query (${name}: {kind}) {{ {entity.list_field}(first: 50, {name}: ${name})"
        " { totalCount edges { cursor node { id } } } }"
    )
    return Call(query, variables)


VIEWERS = ["anonymous", "author", "editor"]


@pytest.mark.parametrize("viewer", VIEWERS)
def test_hidden_rows_change_no_answer(
    own_asker: Asker, schema: Schema, viewer: str
) -> None:
    world = own_asker.world
    questions = Questions(schema._schema, world, viewer)
    flat, deep = (list(questions.variables(nested)) for nested in (False, True))
    asked = VIEWERS.index(viewer) * 2 + (world.database.engine.name == "sqlite")
    shared = deep[asked :: len(VIEWERS) * 2]  # each by one viewer on one database
    calls = [question(*one) for one in (*flat, *shared)]
    before = own_asker.data(viewer, calls)

    change_hidden(world, viewer)
    delete_hidden(world, viewer)
    after = own_asker.data(viewer, calls)

    for call, one, other in zip(calls, before, after, strict=True):
        assert one == other, call

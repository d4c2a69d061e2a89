"""Targets: the unique keys that an upsert can find a row by."""

from collections.abc import Mapping
from enum import Enum
from functools import lru_cache

from gql_app.engine.entity import Column, Entity
from gql_app.engine.names import words
from gql_app.engine.scalars import enum_scalar


@lru_cache(1024)
def conflict_targets(entity: Entity) -> Mapping[str, tuple[Column, ...]]:
    """The unique keys all of whose columns can be sent, by the name of the target."""
    fields = entity.create.fields.values() if entity.create else ()
    sent = {field.column for field in fields}
    return {
        "_".join(column.name.upper() for column in key): key
        for key in entity.unique
        if set(key) <= sent
    }


def conflict_target_type(entity: Entity) -> type:
    """`PostConflictTarget`: the enum of these names."""
    targets = conflict_targets(entity)
    name = f"{entity.name}ConflictTarget"
    made = Enum(name, {target: target for target in targets})  # type: ignore[misc]  # its members are known only now
    made.__doc__ = f"What makes two {words(entity.plural)} the same."
    kind: type = enum_scalar(made).annotation
    return kind

"""Look-ups: the `by` argument, one row by its id or by another unique key."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from gql_app.engine.entity import Column, Entity
from gql_app.engine.names import pascal, words
from gql_app.engine.scalars import IDENTIFIER
from gql_app.engine.sdl import Value, declare, define_input, optional


def lookup_input(entity: Entity) -> type | None:
    """`PostBy`: the id, or one of the unique keys that clients may see."""
    fields: dict[str, Value] = {}
    for name, columns in _keys(entity).items():
        if len(columns) == 1:
            kind = columns[0].exposed.annotation
            fields[name] = Value(optional(kind), columns[0].description)
            continue
        parts = {column.field: column for column in columns}
        title = "" if name == _KEY else pascal(name)
        key = declare(f"{entity.name}{title}Key")
        inputs = {
            part: Value(column.exposed.annotation, column.description)
            for part, column in parts.items()
        }
        define_input(key, inputs, f"A key of {entity.name} with several columns.")
        fields[name] = Value(optional(key), "All of these columns.")
    if entity.has_id and "id" not in fields:
        fields["id"] = Value(optional(IDENTIFIER.annotation), "The global id.")
    if not fields:
        return None
    title = f"A key that identifies one {words(entity.name)}."
    return define_input(declare(f"{entity.name}By"), fields, title, one_of=True)


def lookup(
    entity: Entity, by: Mapping[str, Any]
) -> tuple[tuple[Column, ...], tuple[Any, ...]]:
    """The columns to match and their values; BadUserInputError for a malformed id."""
    ((name, value),) = by.items()
    return matched(entity, name), key_reader(entity, name)(value)


def matched(entity: Entity, name: str) -> tuple[Column, ...]:
    """The columns that the field of the `by` argument with that name is about."""
    return _keys(entity).get(name, entity.key)


def key_reader(entity: Entity, name: str) -> Callable[[Any], tuple[Any, ...]]:
    """How a value of that field becomes those of the columns; it raises
    BadUserInputError for a malformed id."""
    columns = _keys(entity).get(name)
    if columns is None:
        return entity.decode_key
    writers = [(one.field, one.key_writer()) for one in columns]
    if len(writers) == 1:
        ((_, write),) = writers
        return lambda value: (write(value),)
    return lambda value: tuple(write(value[field]) for field, write in writers)


@lru_cache(1024)
def _keys(entity: Entity) -> dict[str, tuple[Column, ...]]:
    """The unique keys that a client can look a row up by, by the name of the input."""
    seen = [key for key in entity.unique if all(column.visible for column in key)]
    single = {key[0].field: key for key in seen if len(key) == 1}
    several = {
        _joined(key) if key != entity.key or _KEY in single else _KEY: key
        for key in seen
        if len(key) > 1
    }
    return single | several


def _joined(key: tuple[Column, ...]) -> str:
    return key[0].field + "".join(pascal(column.field) for column in key[1:])


_KEY = "key"
"""What a primary key of several columns is called."""

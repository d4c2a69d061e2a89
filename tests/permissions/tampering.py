"""Other contents for those rows that a viewer can't see, and all that can be asked."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import sqlalchemy as sa
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLSchema,
    get_named_type,
)

from gql_app.engine.entity import Column, Entity
from gql_app.publishing.base import table_of
from gql_app.publishing.post import Post
from tests.permissions.expected import READ, who
from tests.permissions.world import ENTITIES, Key, World, shows

KEPT = {"status", "deleted_at", "data"}
"""Columns that say who sees a row, and one that can't be compared."""


def hidden(world: World, viewer: str) -> Iterator[tuple[Entity, str, Key]]:
    """The rows that the viewer doesn't see."""
    for name, entity in ENTITIES.items():
        for label, key in world.keys[name].items():
            if viewer not in who(READ[name], label):
                yield entity, label, key


def tampered(world: World, viewer: str) -> Iterator[tuple[Entity, Key, list[Column]]]:
    """What the viewer doesn't see: all of some rows, and some columns of others."""
    for entity, _, key in hidden(world, viewer):
        yield entity, key, entity.visible
    for name, entity in ENTITIES.items():
        for label, key in world.keys[name].items():
            if viewer in who(READ[name], label):
                columns = [
                    column
                    for column in entity.visible
                    if not shows(entity, column, label, viewer)
                ]
                yield entity, key, columns


def change_hidden(world: World, viewer: str) -> None:
    """Give hidden rows and columns other contents."""
    with world.database.engine.begin() as connection:
        for entity, key, columns in tampered(world, viewer):
            table = entity.table
            row = connection.execute(sa.select(table).where(_is(entity, key))).one()
            values = {
                column.name: _other(getattr(row, column.name))
                for column in columns
                if column not in entity.key
                and column.name not in KEPT
                and not column.source.foreign_keys
            }
            values = {name: value for name, value in values.items() if value}
            if values:
                connection.execute(sa.update(table).where(_is(entity, key)), values)


def delete_hidden(world: World, viewer: str) -> None:
    """Delete what hangs on hidden posts; posts and what visible rows name must stay."""
    with world.database.engine.begin() as connection:
        posts = table_of(Post)
        for entity, label, key in hidden(world, viewer):
            if label == "erased" or entity.model is Post:
                continue
            unpinned = posts.c.pinned_comment_id == key[0]
            if entity.name == "Comment":
                empty = {"pinned_comment_id": None}
                connection.execute(sa.update(posts).where(unpinned), empty)
            connection.execute(sa.delete(entity.table).where(_is(entity, key)))


def _is(entity: Entity, key: Key) -> sa.ColumnElement[bool]:
    pairs = zip(entity.key, key, strict=True)
    return sa.and_(*(column.source == value for column, value in pairs))


def _other(value: Any) -> Any:
    """A value of the same type; None if there is none to be had."""
    if isinstance(value, datetime):
        return value + timedelta(days=40)
    if isinstance(value, int):
        return value + 7
    return f"zz {value}"[:40] if isinstance(value, str) else None


class Questions:
    """Every filter and every order of the schema, one relation deep."""

    def __init__(self, schema: GraphQLSchema, world: World, viewer: str) -> None:
        self._schema = schema
        self._values = _values(world, viewer)

    def variables(self, nested: bool) -> Iterator[tuple[Entity, Mapping[str, Any]]]:
        """Lists to ask for: the entity, and `where` or `orderBy`."""
        for name, entity in ENTITIES.items():
            for where in self._filters(name, nested=nested):
                yield entity, {"where": where}
            for order in self._orders(name, nested=nested):
                yield entity, {"orderBy": [order]}

    def _filters(self, name: str, *, nested: bool) -> Iterator[Any]:
        entity = ENTITIES[name]
        for field, kind in self._fields(f"{name}Where").items():
            if field in ("and", "or", "not"):
                continue  # of the others
            if kind.name.endswith("Where"):
                yield from self._behind(field, kind.name) if nested else ()
            elif isinstance(entity.members[field], Column):
                yield {field: self._matching(entity, field, kind)}
            else:
                yield {field: {"in": [0, 2, 4, 6]}}

    def _behind(self, field: str, kind: str) -> Iterator[Any]:
        """Filters by the rows at the other end of a relation."""
        many = kind.endswith("ListWhere")
        inner = kind.removesuffix("ListWhere" if many else "Where")
        for one in self._filters(inner, nested=False):
            yield {field: {"some": one} if many else one}
        yield {field: {"none": {}} if many else {}}

    def _matching(self, entity: Entity, field: str, kind: Any) -> Any:
        """A filter that hidden rows would pass, before or after."""
        values = self._values[entity.name].get(field, [])
        return {"in": values} if "in" in kind.fields else {"isNull": False}

    def _orders(self, name: str, *, nested: bool) -> Iterator[Any]:
        for field, kind in self._fields(f"{name}Order").items():
            if isinstance(kind, GraphQLEnumType):
                yield {field: "DESC"}
            elif nested:
                inner = kind.name.removesuffix("Order")
                for one in self._orders(inner, nested=False):
                    yield {field: one}

    def _fields(self, name: str) -> dict[str, Any]:
        kind = self._schema.type_map[name]
        assert isinstance(kind, GraphQLInputObjectType)
        return {key: get_named_type(one.type) for key, one in kind.fields.items()}


def _values(world: World, viewer: str) -> dict[str, dict[str, list[Any]]]:
    """What hidden rows have, and will have when they are changed."""
    found: dict[str, dict[str, list[Any]]] = {name: {} for name in ENTITIES}
    with world.database.engine.connect() as connection:
        for entity, key, columns in tampered(world, viewer):
            statement = sa.select(entity.table).where(_is(entity, key))
            row = connection.execute(statement).one()
            for column in columns:
                value = getattr(row, column.name)
                both = [value, _other(value)] if value is not None else []
                if column.identifies is not None:
                    both = both[:1]
                known = found[entity.name].setdefault(column.field, [])
                known += [_literal(column, one) for one in both if one is not None]
    return found


def _literal(column: Column, value: Any) -> Any:
    shown = column.read(value)
    if isinstance(shown, Enum):
        return shown.name
    return shown.isoformat() if isinstance(shown, datetime) else shown

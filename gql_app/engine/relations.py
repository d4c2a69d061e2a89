"""SQLModel relationships -> relations between entities."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import RelationshipDirection, RelationshipProperty
from sqlalchemy.sql import visitors
from sqlmodel import SQLModel

from gql_app.engine.entity import Entity, Link, Relation
from gql_app.engine.errors import ConfigurationError
from gql_app.engine.names import camel, words
from gql_app.engine.policy import everyone

Entities = Mapping[type[SQLModel], Entity]


def relations(entity: Entity, entities: Entities) -> dict[str, Relation]:
    """The relations of the entity whose other end is registered, too.

    Raises ConfigurationError for a relationship with a join condition that is more
    than equal columns.
    """
    mapped = sa.inspect(entity.model).relationships
    return {
        item.key: _relation(entity, item, entities)
        for item in mapped
        if item.mapper.class_ in entities
    }


def _relation(
    source: Entity, item: RelationshipProperty[Any], entities: Entities
) -> Relation:
    _refuse_conditions(source, item)
    target = entities[item.mapper.class_]
    many = bool(item.uselist)
    local = [source.by_source[here] for here, _ in _local_pairs(item)]
    if item.secondary is None:
        link = None
        remote = [target.by_source[there] for _, there in _local_pairs(item)]
    else:
        link = _link(item, entities)
        remote = [target.by_source[far] for far, _ in item.secondary_synchronize_pairs]
    owns_key = item.direction is RelationshipDirection.MANYTOONE
    hidden = _may_be_hidden(target) and source.policy.within != item.key
    optional = not owns_key or any(column.source.nullable for column in local)
    return Relation(
        name=item.key,
        field=camel(item.key),
        source=source,
        target=target,
        many=many,
        nullable=not many and (optional or hidden),
        local=tuple(local),
        remote=tuple(remote),
        link=link,
        description=item.doc or _sentence(source, target, item.key, many),
    )


def _local_pairs(item: RelationshipProperty[Any]) -> list[tuple[Any, Any]]:
    """Pairs of a local column and the one it must equal, at the target or the link."""
    if item.secondary is not None:
        return list(item.synchronize_pairs)
    return list(item.local_remote_pairs or ())


def _link(item: RelationshipProperty[Any], entities: Entities) -> Link:
    table = item.secondary
    assert isinstance(table, sa.Table)
    near = tuple(there for _, there in item.synchronize_pairs)
    far = tuple(there for _, there in item.secondary_synchronize_pairs)
    entity = next((found for found in entities.values() if found.table is table), None)
    own = (
        ()
        if entity is None
        else tuple(
            column
            for column in entity.visible
            if column.source not in near and column.source not in far
        )
    )
    if not table.primary_key.columns:
        raise ConfigurationError(
            f"The link table {table.name!r} of {item} needs a primary key."
        )
    return Link(table, near, far, entity, own)


def _may_be_hidden(entity: Entity) -> bool:
    return entity.policy.read is not everyone or entity.policy.within is not None


def _refuse_conditions(source: Entity, item: RelationshipProperty[Any]) -> None:
    pairs = len(item.synchronize_pairs) + len(item.secondary_synchronize_pairs or ())
    conditions = [item.primaryjoin, item.secondaryjoin]
    comparisons = [
        node
        for condition in conditions
        if condition is not None
        for node in visitors.iterate(condition)
        if isinstance(node, sa.BinaryExpression)
    ]
    if len(comparisons) != pairs:
        raise ConfigurationError(
            f"The relationship {source.name}.{item.key} joins on more than equal "
            "columns, which isn't supported; leave it out of the model and write a "
            "field of your own."
        )


def _sentence(source: Entity, target: Entity, name: str, many: bool) -> str:
    article = "The" if many else "The one"
    ends = words(target.plural if many else target.name)
    plain = words(name)
    role = "" if plain in ends or ends in plain else f" ({plain})"
    return f"{article} {ends}{role} of this {words(source.name)}."

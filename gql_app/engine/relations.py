"""SQLModel relationships -> relations between entities."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import RelationshipDirection, RelationshipProperty
from sqlalchemy.sql import visitors
from sqlmodel import SQLModel

from gql_app.engine.entity import Entity, ForeignKey, Link, Relation
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


def foreign_keys(entity: Entity, entities: Entities) -> Iterator[ForeignKey]:
    """The foreign keys of the entity's table to registered tables."""
    registered = {one.table: one for one in entities.values()}
    constraints = entity.table.foreign_key_constraints
    for constraint in sorted(constraints, key=lambda one: list(one.column_keys)):
        target = registered.get(constraint.referred_table)
        if target is not None:
            yield ForeignKey(
                target,
                tuple(entity.by_source[one.parent] for one in constraint.elements),
                tuple(target.by_source[one.column] for one in constraint.elements),
            )


def _relation(
    source: Entity, item: RelationshipProperty[Any], entities: Entities
) -> Relation:
    _refuse_conditions(source, item)
    target = entities[item.mapper.class_]
    many = bool(item.uselist)
    near, far = _pairs(item)
    local = [source.by_source[here] for here, _ in near]
    remote = [target.by_source[there] for there, _ in far]
    link = None if item.secondary is None else _link(item, entities)
    owns_key = item.direction is RelationshipDirection.MANYTOONE
    hidden = _may_be_hidden(target) and source.policy.within != item.key
    optional = not owns_key or any(column.may_be_null for column in local)
    optional = optional or any(column.readers for column in remote)
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


_Pairs: TypeAlias = list[tuple[sa.Column[Any], sa.Column[Any]]]


def _pairs(item: RelationshipProperty[Any]) -> tuple[_Pairs, _Pairs]:
    """For each end, its columns with those they must equal: at the link, or else at
    the other end."""
    if item.secondary is not None:
        far = item.secondary_synchronize_pairs or ()
        return _columns(item.synchronize_pairs), _columns(far)
    near = _columns(item.local_remote_pairs or ())
    return near, [(there, here) for here, there in near]


def _columns(pairs: Iterable[tuple[Any, Any]]) -> _Pairs:
    return [(one, other) for one, other in pairs]


def _link(item: RelationshipProperty[Any], entities: Entities) -> Link:
    table = item.secondary
    assert isinstance(table, sa.Table)
    near, far = (tuple(there for _, there in end) for end in _pairs(item))
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
    if not any({*near, *far}.issuperset(group) for group in unique_groups(table)):
        names = ", ".join(column.name for column in (*near, *far))
        raise ConfigurationError(
            f"The link table {table.name!r} of {item} may join two rows several times: "
            f"make ({names}) unique, or leave the relationship out."
        )
    return Link(table, near, far, entity, own)


def unique_groups(table: sa.Table) -> list[list[sa.Column[Any]]]:
    """The columns of the primary key, and those of each unique constraint or
    unconditional unique index."""
    groups = [list(table.primary_key)]
    groups += [
        list(constraint.columns)
        for constraint in sorted(table.constraints, key=lambda item: str(item.name))
        if isinstance(constraint, sa.UniqueConstraint)
    ]
    for index in sorted(table.indexes, key=lambda item: str(item.name)):
        plain = [item for item in index.expressions if isinstance(item, sa.Column)]
        partial = any(
            index.dialect_kwargs.get(f"{name}_where") is not None
            for name in ("sqlite", "postgresql")
        )
        if index.unique and not partial and len(plain) == len(index.expressions):
            groups.append(plain)
    return groups


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

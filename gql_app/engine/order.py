"""The `orderBy` argument: its input types, and how what clients send is parsed.

NULLs come last, ascending or descending, unless the direction says otherwise; text sorts
by code point. The primary key always ends an order, so no two rows are ever equal in it.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from gql_app.engine.entity import Column, Entity, Relation
from gql_app.engine.errors import LimitExceededError
from gql_app.engine.ordering import OrderKey
from gql_app.engine.scalars import enum_scalar
from gql_app.engine.sdl import Value, declare, define_input, optional

_LONGEST_PATH = 4
_MOST_KEYS = 8


class OrderDirection(Enum):
    """Which way to sort, and where NULLs go: last, unless said otherwise."""

    ASC = "ASC"
    DESC = "DESC"
    ASC_NULLS_FIRST = "ASC_NULLS_FIRST"
    ASC_NULLS_LAST = "ASC_NULLS_LAST"
    DESC_NULLS_FIRST = "DESC_NULLS_FIRST"
    DESC_NULLS_LAST = "DESC_NULLS_LAST"

    @property
    def description(self) -> str:
        ends = "Largest first" if self.value.startswith("D") else "Smallest first"
        nulls = "first" if self.value.endswith("FIRST") else "last"
        return f"{ends}; nulls {nulls}."


class OrderInputs:
    """The order input types of an API, one per entity, made on first use."""

    def __init__(self) -> None:
        self._orders: dict[Entity, type] = {}
        self._direction: type = enum_scalar(OrderDirection).annotation

    def order(self, entity: Entity) -> type:
        """`PostOrder`: one key to sort by."""
        if entity not in self._orders:
            declared = self._orders[entity] = declare(f"{entity.name}Order")
            fields = {
                name: Value(optional(self._member(name, member)), _about(name, member))
                for name, member in entity.members.items()
                if _sortable(entity, name, member)
            }
            title = f"One key to sort {entity.name} rows by."
            define_input(declared, fields, title, one_of=True)
        return self._orders[entity]

    def _member(self, name: str, member: Column | Relation) -> type:
        if isinstance(member, Column) or name != member.field:
            return self._direction
        return self.order(member.target)


def _sortable(entity: Entity, name: str, member: Column | Relation) -> bool:
    if isinstance(member, Column):
        # The ids of other rows are in no order that means anything.
        reference = member.identifies is not None and member not in entity.key
        return member.exposed.order != "never" and not reference
    return name != member.field or not member.many


def _about(name: str, member: Column | Relation) -> str:
    if isinstance(member, Column):
        return member.description
    if name != member.field:
        return f"The number of {member.field}."
    return f"A field of the row that {member.field} is."


def parse_order(
    entity: Entity, given: Sequence[Mapping[str, Any]] | None
) -> tuple[OrderKey, ...]:
    """The complete order for an `orderBy` argument; the entity's own for none.

    Raises LimitExceededError for too many keys or too long a path.
    """
    if given:
        keys = [_key(entity, entry, ()) for entry in given]
        if len(keys) > _MOST_KEYS:
            raise LimitExceededError(
                f"orderBy may have {_MOST_KEYS} keys at most, and has {len(keys)}."
            )
    else:
        keys = [OrderKey(term.column, term.descending) for term in entity.order]
    named = {key.member for key in keys if not key.path}
    descending = bool(keys) and keys[-1].descending
    rest = [column for column in entity.key if column not in named]
    return (*keys, *(OrderKey(column, descending) for column in rest))


def _key(
    entity: Entity, entry: Mapping[str, Any], path: tuple[Relation, ...]
) -> OrderKey:
    ((name, value),) = entry.items()
    member = entity.members[name]
    if isinstance(value, OrderDirection):
        words = value.value
        return OrderKey(member, words.startswith("D"), words.endswith("FIRST"), path)
    assert isinstance(member, Relation)
    if len(path) == _LONGEST_PATH:
        raise LimitExceededError(
            f"orderBy may follow {_LONGEST_PATH} relations at most to reach a column."
        )
    return _key(member.target, value, (*path, member))

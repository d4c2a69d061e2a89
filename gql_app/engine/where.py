"""The `where` argument: its input types, and how what clients send is parsed."""

from collections.abc import Mapping
from typing import Any

from gql_app.engine.dialects import after_prefix, fold
from gql_app.engine.entity import Column, Entity, Relation
from gql_app.engine.errors import BadUserInputError, LimitExceededError
from gql_app.engine.filters import (
    ALL_ROWS,
    FOLDED,
    AllOf,
    AnyOf,
    Compare,
    CountCompare,
    IsNull,
    Not,
    Quantifier,
    Related,
    Values,
    Where,
)
from gql_app.engine.limits import Limits
from gql_app.engine.scalars import INT, Scalar
from gql_app.engine.sdl import Value, declare, define_input, list_of, optional

_OPERATORS = {
    "eq": "Equal to the value; null matches null.",
    "ne": "Not equal to the value; null differs from every value.",
    "in": "One of the values.",
    "notIn": "None of the values.",
    "isNull": "Whether it is null.",
    "lt": "Less than the value.",
    "lte": "Less than the value, or equal to it.",
    "gt": "Greater than the value.",
    "gte": "Greater than the value, or equal to it.",
    "contains": "Contains the text; no character in it is a wildcard.",
    "startsWith": "Starts with the text.",
    "endsWith": "Ends with the text.",
    "iEq": "Equal to the text, upper or lower case.",
    "iContains": "Contains the text, upper or lower case.",
    "iStartsWith": "Starts with the text, upper or lower case.",
    "iEndsWith": "Ends with the text, upper or lower case.",
}
_QUANTIFIERS = {
    "some": "At least one of them passes the filter.",
    "none": "None of them passes the filter.",
    "every": "All of them pass the filter; so do none at all.",
}


class WhereInputs:
    """The filter input types of an API: one per entity, per relation target and per
    scalar; made on first use, so that a type without filters adds nothing."""

    def __init__(self) -> None:
        self._wheres: dict[Entity, type] = {}
        self._many: dict[Entity, type] = {}
        self._scalars: dict[str, type] = {}

    def where(self, entity: Entity) -> type:
        """`PostWhere`: conditions on an entity, all of which must hold."""
        if entity not in self._wheres:
            declared = self._wheres[entity] = declare(f"{entity.name}Where")
            several = optional(list_of(declared))
            fields = {
                name: Value(optional(self._member(name, member)), _about(name, member))
                for name, member in entity.members.items()
            }
            fields["and"] = Value(several, "All of these filters pass.")
            fields["or"] = Value(several, "At least one of these filters passes.")
            fields["not"] = Value(optional(declared), "This filter doesn't pass.")
            title = f"Which rows of {entity.name}: all the conditions must hold."
            define_input(declared, fields, title)
        return self._wheres[entity]

    def _member(self, name: str, member: Column | Relation) -> type:
        if isinstance(member, Column):
            return self._scalar(member.exposed)
        if name != member.field:
            return self._scalar(INT)
        return (
            self._to_many(member.target) if member.many else self.where(member.target)
        )

    def _to_many(self, entity: Entity) -> type:
        if entity not in self._many:
            declared = self._many[entity] = declare(f"{entity.name}ListWhere")
            inner = optional(self.where(entity))
            fields = {name: Value(inner, text) for name, text in _QUANTIFIERS.items()}
            define_input(declared, fields, f"A condition on a list of {entity.name}.")
        return self._many[entity]

    def _scalar(self, scalar: Scalar) -> type:
        if scalar.name not in self._scalars:
            declared = self._scalars[scalar.name] = declare(f"{scalar.name}Filter")
            single = optional(scalar.annotation)
            kinds = {
                "in": optional(list_of(scalar.annotation)),
                "notIn": optional(list_of(scalar.annotation)),
                "isNull": optional(bool),
            }
            fields = {
                name: Value(kinds.get(name, single), _OPERATORS[name])
                for name in scalar.operators
            }
            title = f"Comparisons with {scalar.name} values; all must hold."
            define_input(declared, fields, title)
        return self._scalars[scalar.name]


def _about(name: str, member: Column | Relation) -> str:
    if isinstance(member, Relation) and name != member.field:
        return f"The number of {member.field}."
    return member.description


class FilterParser:
    """Turns one `where` argument (GraphQL names, coerced values) into a `Where`.

    Raises BadUserInputError for values that can't be compared, LimitExceededError for
    filters that are too large.
    """

    def __init__(self, limits: Limits, values: Values) -> None:
        self._limits = limits
        self._values = values
        self._conditions = 0

    def parse(
        self, entity: Entity, given: Mapping[str, Any] | None, depth: int = 1
    ) -> Where:
        if depth > self._limits.filter_depth:
            raise LimitExceededError(
                f"The filter is nested deeper than {self._limits.filter_depth} levels."
            )
        parts = [
            part
            for name, value in (given or {}).items()
            if value is not None
            for part in self._entry(entity, name, value, depth)
        ]
        if len(parts) == 1:
            return parts[0]
        # No condition at all is one too: many of them would make a long statement.
        return AllOf(tuple(parts)) if parts else self._counted(ALL_ROWS)

    def _entry(self, entity: Entity, name: str, value: Any, depth: int) -> list[Where]:
        if name in ("and", "or", "not"):
            return [self._combined(entity, name, value, depth)]
        found = entity.members[name]
        if isinstance(found, Column):
            return [self._compare(found, *pair) for pair in value.items()]
        if name != found.field:
            return [self._count(found, *pair) for pair in value.items()]
        return self._related(found, value, depth)

    def _combined(self, entity: Entity, name: str, value: Any, depth: int) -> Where:
        if name == "not":
            return Not(self.parse(entity, value, depth + 1))
        parts = tuple(self.parse(entity, one, depth + 1) for one in value)
        where = AllOf(parts) if name == "and" else AnyOf(parts)
        return where if parts else self._counted(where)

    def _related(self, relation: Relation, value: Any, depth: int) -> list[Where]:
        quantified: Mapping[Quantifier, Any]
        quantified = value if relation.many else {"some": value}
        return [
            self._counted(
                Related(relation, name, self.parse(relation.target, one, depth + 1))
            )
            for name, one in quantified.items()
            if one is not None
        ]

    def _counted(self, where: Where) -> Where:
        self._conditions += 1
        if self._conditions > self._limits.filter_branches:
            raise LimitExceededError(
                f"The filter has more than {self._limits.filter_branches} conditions."
            )
        return where

    def _compare(self, column: Column, name: str, value: Any) -> Where:
        if name == "isNull":
            return self._counted(ALL_ROWS if value is None else IsNull(column, value))
        if value is None:
            if name not in ("eq", "ne"):
                raise BadUserInputError(
                    f"{column.field}: {name} needs a value; use isNull for null."
                )
            return self._counted(IsNull(column, name == "eq"))
        values = _written(column, name, value, self._limits.filter_list_size)
        return self._counted(Compare(column, name, self._values.add(*values)))

    def _count(self, relation: Relation, name: str, value: Any) -> Where:
        if name == "isNull" or value is None:
            raise BadUserInputError(f"{relation.field}Count: a count is never null.")
        _check_length(f"{relation.field}Count", value, self._limits.filter_list_size)
        return self._counted(CountCompare(relation, name, self._values.add(value)))


def _written(column: Column, name: str, value: Any, most: int) -> tuple[Any, ...]:
    """The parameters of a comparison, one for each slot that it takes."""
    if name in ("in", "notIn"):
        _check_length(column.field, value, most)
        return ([column.write(item) for item in value],)
    written = column.write(value)
    if name == "startsWith":
        return (written, after_prefix(written))
    return (fold(written) if name in FOLDED else written,)


def _check_length(name: str, value: Any, most: int) -> None:
    if isinstance(value, list) and len(value) > most:
        raise LimitExceededError(
            f"{name}: a list may have {most} values; this one has {len(value)}."
        )

"""Filters: the structure of a `where` argument, and the WHERE it means.

Filters have two-valued logic, as clients do: a comparison with NULL is false, and `not`,
`ne`, `notIn` and `every` are exact complements. A filter's structure decides the SQL;
its values become parameters.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from gql_app.engine.access import ONE, Seen, reach, sortable
from gql_app.engine.dialects import Dialect
from gql_app.engine.entity import Column, Relation
from gql_app.engine.mapping import plain_type
from gql_app.engine.sqltypes import comparable

Quantifier = Literal["some", "none", "every"]


@dataclass(frozen=True, slots=True)
class Compare:
    """A column compared with the value (for startsWith: the range) in a slot."""

    column: Column
    operator: str
    slot: int


@dataclass(frozen=True, slots=True)
class IsNull:
    column: Column
    expected: bool


@dataclass(frozen=True, slots=True)
class CountCompare:
    """The number of readable rows at the end of a relation, compared."""

    relation: Relation
    operator: str
    slot: int


@dataclass(frozen=True, slots=True)
class Related:
    """A condition on the rows at the end of a relation; a to-one is `some`."""

    relation: Relation
    quantifier: Quantifier
    where: "Where"


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple["Where", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple["Where", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Where"


Where: TypeAlias = Compare | IsNull | CountCompare | Related | AllOf | AnyOf | Not

ALL_ROWS = AllOf(())


class Values:
    """The values of one field's arguments, each in a numbered slot."""

    def __init__(self) -> None:
        self.items: list[Any] = []

    def add(self, *values: Any) -> int:
        """Put the values into the next slots; the number of the first."""
        self.items.extend(values)
        return len(self.items) - len(values)

    def parameters(self) -> dict[str, Any]:
        """The slots as the parameters that statements name."""
        return {f"v{slot}": value for slot, value in enumerate(self.items)}


def slot(number: int, kind: Any) -> ColumnElement[Any]:
    """The parameter that holds a slot's value."""
    return sa.bindparam(f"v{number}", None, type_=kind)


def clause(  # one per kind of condition
    where: Where, rows: Seen
) -> ColumnElement[bool]:
    """The condition on the rows. It may be NULL, which a WHERE takes for false."""
    dialect = rows.scope.dialect
    match where:
        case Compare():
            return _comparison(where, rows[where.column], dialect)
        case IsNull(column, expected):
            return _null(rows[column], expected)
        case CountCompare(relation):
            return _compared(where, None, count_of(relation, rows), dialect)
        case Related():
            return _related(where, rows)
        case AllOf(parts):
            return sa.and_(sa.true(), *(clause(part, rows) for part in parts))
        case AnyOf(parts):
            return sa.or_(sa.false(), *(clause(part, rows) for part in parts))
        case Not(part):
            return _untrue(clause(part, rows))


def _null(value: ColumnElement[Any], expected: bool) -> ColumnElement[bool]:
    """Whether the value is null, as clients see it: JSON has a null of its own."""
    if not isinstance(plain_type(value.type), sa.JSON):
        return value.is_(None) if expected else value.is_not(None)
    text = sa.cast(value, sa.Text())
    if expected:
        return sa.or_(value.is_(None), text == "null")
    return sa.and_(value.is_not(None), text != "null")


def count_of(relation: Relation, rows: Seen) -> ColumnElement[int]:
    """The number of readable rows at the end of the relation, for each row."""
    near = [rows[column] for column in relation.local]
    reached = reach(relation, near, rows.scope)
    return reached.select(sa.func.count()).scalar_subquery()


def _related(where: Related, rows: Seen) -> ColumnElement[bool]:
    near = [rows[column] for column in where.relation.local]
    reached = reach(where.relation, near, rows.scope)
    inner = clause(where.where, reached.target)
    if where.quantifier == "every":
        inner = _untrue(inner)
    found = reached.select(ONE).where(inner).exists()
    return found if where.quantifier == "some" else ~found


def _untrue(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """False or NULL."""
    if isinstance(condition, sa.Exists):
        return ~condition
    return condition.self_group().is_not(sa.true())


def _comparison(
    where: Compare, value: ColumnElement[Any], dialect: Dialect
) -> ColumnElement[bool]:
    if where.operator not in _TEXT:
        return _compared(where, where.column, value, dialect)
    operand = slot(where.slot, sa.Text())
    if where.operator == "startsWith":
        return dialect.starts_with(value, operand, slot(where.slot + 1, sa.Text()))
    text = dialect.folded(value) if where.operator in FOLDED else value
    return _TEXT[where.operator](dialect, text, operand)


def _compared(
    where: Compare | CountCompare,
    column: Column | None,
    value: ColumnElement[Any],
    dialect: Dialect,
) -> ColumnElement[bool]:
    if where.operator in ("in", "notIn"):
        found = dialect.member(value, f"v{where.slot}")
        return found if where.operator == "in" else _untrue(found)
    operand = slot(where.slot, comparable(value.type))
    if where.operator in _EQUALITY:
        return _EQUALITY[where.operator](value, operand)
    return _INEQUALITY[where.operator](sortable(column, value, dialect), operand)


FOLDED = ("iEq", "iContains", "iStartsWith", "iEndsWith")

_TextTest: TypeAlias = Callable[
    [Dialect, ColumnElement[Any], ColumnElement[Any]], ColumnElement[bool]
]
_TEXT: Mapping[str, _TextTest] = {
    "contains": lambda dialect, value, part: dialect.contains(value, part),
    "startsWith": lambda dialect, value, part: dialect.begins_with(value, part),
    "endsWith": lambda dialect, value, part: dialect.ends_with(value, part),
    "iEq": lambda _, value, part: value == part,
    "iContains": lambda dialect, value, part: dialect.contains(value, part),
    "iStartsWith": lambda dialect, value, part: dialect.begins_with(value, part),
    "iEndsWith": lambda dialect, value, part: dialect.ends_with(value, part),
}
_EQUALITY: Mapping[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "eq": operator.eq,
    "ne": lambda value, operand: value.is_distinct_from(operand),
}
_INEQUALITY: Mapping[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}

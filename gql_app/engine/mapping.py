"""Which scalar a column or an annotation is."""

import types
from collections.abc import Callable, Mapping
from enum import Enum
from functools import reduce
from typing import Annotated, Any, Literal, NewType, Union, get_args, get_origin

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeEngine
from sqlalchemy.util import method_is_overridden
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from gql_app.engine.scalars import (
    BIG_INT,
    BOOLEAN,
    BY_PYTHON_TYPE,
    BYTES,
    DATE,
    DATETIME,
    DECIMAL,
    DURATION,
    FLOAT,
    INT,
    JSON_,
    STRING,
    TIME,
    UUID_,
    Scalar,
    enum_scalar,
)
from gql_app.engine.sqltypes import ExactDecimal
from gql_app.engine.values import in_utc, same

# Most specific first: BigInteger is an Integer, Float is a Numeric.
_BY_SQL_TYPE: tuple[tuple[type[Any], Scalar], ...] = (
    (sa.JSON, JSON_),
    (sa.BigInteger, BIG_INT),
    (sa.Integer, INT),
    (sa.Boolean, BOOLEAN),
    (sa.Float, FLOAT),
    (sa.Numeric, DECIMAL),
    (sa.String, STRING),
    (sa.DateTime, DATETIME),
    (sa.Date, DATE),
    (sa.Time, TIME),
    (sa.Interval, DURATION),
    (sa.Uuid, UUID_),
    (sa.LargeBinary, BYTES),
)

# Decorators whose values come back as they were.
_KNOWN = (AutoString, UTCDateTime, ExactDecimal)

Scalars = Mapping[Any, Scalar]


class ScalarMap:
    """Finds scalars; each Python enum becomes one GraphQL enum, made once."""

    def __init__(self, extra: Scalars) -> None:
        self._extra = dict(extra)
        self._enums: dict[type[Enum], Scalar] = {}

    def of_column(self, column: sa.Column[Any], annotation: Any) -> Scalar | None:
        """The scalar of a table's column, annotated so in the model; None if unknown."""
        sql_type = plain_type(column.type)
        if isinstance(sql_type, sa.JSON):
            return self._extra.get(strip(annotation), JSON_)
        annotated = self.of_annotation(annotation)
        if annotated is not None and not self._mismatched(annotated, sql_type):
            return BIG_INT if _is_big(annotated, sql_type) else annotated
        if isinstance(sql_type, sa.Enum) and sql_type.enum_class is not None:
            return self._enum(sql_type.enum_class)
        if annotated is None and _has_values_of_its_own(column, strip(annotation)):
            return None
        return next(
            (found for kind, found in _BY_SQL_TYPE if isinstance(sql_type, kind)), None
        )

    def of_annotation(self, annotation: Any) -> Scalar | None:
        """The scalar of a Python annotation; None if unknown."""
        python_type = strip(annotation)
        if python_type in self._extra:
            return self._extra[python_type]
        if not isinstance(python_type, type):
            return None
        if issubclass(python_type, Enum):
            return self._enum(python_type)
        known = (BY_PYTHON_TYPE.get(base) for base in python_type.__mro__)
        return next((found for found in known if found is not None), None)

    def _enum(self, python_type: type[Enum]) -> Scalar:
        if python_type not in self._enums:
            self._enums[python_type] = enum_scalar(python_type)
        return self._enums[python_type]

    def _mismatched(self, scalar: Scalar, sql_type: Any) -> bool:
        """An enum kept in a column of another type comes back as a plain value."""
        return scalar in self._enums.values() and not isinstance(sql_type, sa.Enum)


def _has_values_of_its_own(column: sa.Column[Any], python_type: Any) -> bool:
    """Whether a decorator of the user's makes values of a class that we don't know."""
    decorated = isinstance(column.type, sa.TypeDecorator)
    known = isinstance(column.type, _KNOWN)
    unknown_class = isinstance(python_type, type) and python_type is not object
    return decorated and not known and unknown_class


def plain_type(sql_type: Any) -> Any:
    """The type under SQLAlchemy's and SQLModel's decorators."""
    # An interval is decorated, too: it is a date on databases that have no intervals.
    while isinstance(sql_type, sa.TypeDecorator) and not isinstance(
        sql_type, sa.Interval
    ):
        sql_type = sql_type.impl_instance
    return sql_type


def settling(sql_type: TypeEngine[Any]) -> Callable[[Any], Any]:
    """What makes of a value what a column of that type gives back once it has stored
    it."""
    if isinstance(sql_type, sa.DateTime):
        return same if sql_type.timezone else in_utc
    if not isinstance(sql_type, sa.TypeDecorator):
        return same
    if isinstance(sql_type, (*_KNOWN, sa.Interval)):
        return same
    dialect = sqlite.dialect()
    steps = [settling(sql_type.impl_instance)]
    if method_is_overridden(sql_type, sa.TypeDecorator.process_bind_param):
        steps.insert(0, lambda value: sql_type.process_bind_param(value, dialect))
    if method_is_overridden(sql_type, sa.TypeDecorator.process_result_value):
        steps.append(lambda value: sql_type.process_result_value(value, dialect))
    if steps == [same]:
        return same
    return lambda value: reduce(lambda made, step: step(made), steps, value)


def strip(annotation: Any) -> Any:
    """The annotation without `None`, `Annotated`, `NewType` and `Literal`."""
    origin = get_origin(annotation)
    if origin is Annotated or isinstance(annotation, NewType):
        inner = get_args(annotation)[0] if origin else annotation.__supertype__
        return strip(inner)
    if origin is Literal:
        return type(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        members = [arg for arg in get_args(annotation) if arg is not type(None)]
        return strip(members[0]) if len(members) == 1 else annotation
    return annotation


def allows_none(annotation: Any) -> bool:
    """Whether the annotation admits None."""
    if get_origin(annotation) is Annotated:
        return allows_none(get_args(annotation)[0])
    return annotation in (Any, object, None) or type(None) in get_args(annotation)


def _is_big(scalar: Scalar, sql_type: Any) -> bool:
    return scalar is INT and isinstance(sql_type, sa.BigInteger)

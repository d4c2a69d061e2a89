"""Leaves: from a driver's value to what orjson writes, exactly as the scalars do."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from math import isfinite
from typing import Any, NoReturn

import sqlalchemy as sa

from gql_app.engine import scalars
from gql_app.engine.dialects import Dialect, bind_processor, result_processor
from gql_app.engine.entity import Column
from gql_app.engine.mapping import plain_type

Convert = Callable[[Any], Any]


class Bail(Exception):  # noqa: N818  # no error: the ordinary path answers instead
    """The plan can't give an error-free result."""


def bail() -> NoReturn:
    raise Bail


def reader(column: Column, dialect: Dialect) -> Convert | None:
    """How a driver's value of the column becomes Python's; None if it is that."""
    read: Convert | None = result_processor(column.source.type, dialect.sql)
    return read


def leaf(column: Column, dialect: Dialect, serialize: Convert) -> Convert | None:
    """How a driver's value, not NULL, becomes the column's JSON; None if it is that.

    `serialize` is the GraphQL type's own way, for scalars that aren't ours.
    """
    read = reader(column, dialect)
    if column.identifies is not None:
        return _then(read, _id_writer(column))
    scalar, kind = column.exposed, plain_type(column.source.type)
    if isinstance(kind, sa.Enum) and kind.enum_class is not None:
        write = bind_processor(column.source.type, dialect.sql) or _name
        names = {write(member): member.name for member in kind.enum_class}
        return names.__getitem__
    if scalar is scalars.INT and dialect.name == "postgresql":
        return read if isinstance(kind, sa.Integer) else _then(read, _int32)
    if scalar in _CONVERTS:
        return _then(read, _CONVERTS[scalar])
    return _then(read, serialize)


def _then(first: Convert | None, second: Convert | None) -> Convert | None:
    if first is None or second is None:
        return first or second
    return lambda value: second(first(value))


def _name(member: Any) -> Any:
    return member.name


def _id_writer(column: Column) -> Convert:
    if column.scalar in (scalars.INT, scalars.BIG_INT):
        return partial(_int_id, f"{column.identifies}:%d".encode())
    return column.read


def _int_id(template: bytes, value: int) -> str:
    """As `encode_id`, for what most keys are."""
    return base64.urlsafe_b64encode(template % value).rstrip(b"=").decode()


def _int32(value: int) -> int:
    return value if -(2**31) <= value < 2**31 else bail()


def _finite(value: float) -> float:
    return value if isfinite(value) else bail()


def _in_utc(value: datetime) -> datetime:
    """orjson writes UTC with a Z, and naive values as if they were in UTC."""
    return value if value.tzinfo in (UTC, None) else value.astimezone(UTC)


# None: orjson writes the Python value just as the scalar does.
_CONVERTS: dict[scalars.Scalar, Convert | None] = {
    scalars.INT: _int32,
    scalars.FLOAT: _finite,
    scalars.STRING: None,
    scalars.BOOLEAN: None,
    scalars.DATETIME: _in_utc,
    scalars.DATE: None,
    scalars.TIME: None,
    scalars.UUID_: None,
    scalars.JSON_: None,
    **{
        scalar: scalar.dump
        for scalar in (
            scalars.BIG_INT,
            scalars.DECIMAL,
            scalars.DURATION,
            scalars.BYTES,
        )
    },
}

"""Leaves: from a driver's value to what orjson writes, exactly as the scalars do."""

from binascii import b2a_base64
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, lru_cache, partial
from math import isfinite
from typing import Any, NoReturn

import sqlalchemy as sa
from sqlmodel.sql.sqltypes import UTCDateTime

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
        # The server has seen to it that its integers have 32 bits.
        return read if isinstance(kind, sa.Integer) else _then(read, _int32)
    if isinstance(column.source.type, _MOMENTS):
        return _in_utc if dialect.name == "postgresql" else partial(_moment, read)
    if scalar in _CONVERTS and isinstance(kind, _NATURAL.get(scalar, object)):
        return _then(read, _CONVERTS[scalar])
    return _then(read, partial(serialized, serialize))


def serialized(serialize: Convert, value: Any) -> Any:
    """The value as its GraphQL type writes it, which must not be None."""
    return present(serialize(value))


def present(value: Any) -> Any:
    return bail() if value is None else value


def _then(first: Convert | None, second: Convert | None) -> Convert | None:
    if first is None or second is None:
        return first or second
    return lambda value: second(first(value))


def _name(member: Any) -> Any:
    return member.name


def _id_writer(column: Column) -> Convert:
    if column.scalar in (scalars.INT, scalars.BIG_INT):
        assert column.identifies is not None
        return _int_ids(column.identifies)
    return column.read


@cache
def _int_ids(name: str) -> Callable[[int], str]:
    """As `encode_id`, for what most keys are; those of busy rows are remembered."""
    template = f"{name}:%d".encode()

    def encode(value: int) -> str:
        # No name and no digit has the bits that make + or /.
        return b2a_base64(template % value, newline=False).rstrip(b"=").decode()

    return lru_cache(_MOST_IDS)(encode)


_MOST_IDS = 8192


def _int32(value: int) -> int:
    return value if -(2**31) <= value < 2**31 else bail()


def _finite(value: float) -> float:
    return value if isfinite(value) else bail()


def _in_utc(value: datetime) -> datetime:
    """orjson writes UTC with a Z, and naive values as if they were in UTC."""
    return value if value.tzinfo in (UTC, None) else value.astimezone(UTC)


# The types whose values are moments as drivers have them, with nothing in between.
_MOMENTS = (UTCDateTime, sa.DateTime)


def _moment(read: Convert | None, text: Any) -> Any:
    """SQLite's text of a moment in UTC, as `dump_datetime` writes it."""
    if len(text) != _MOMENT_LENGTH:
        return text if read is None else _in_utc(read(text))
    seconds = text[11:19] if text.endswith(".000000") else text[11:]
    return f"{text[:10]}T{seconds}Z"


_MOMENT_LENGTH = len("2026-01-31 12:00:00.000000")

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

# What a column must be for that: an annotation can make a Float of an INTEGER, too.
_NATURAL: dict[scalars.Scalar, type[Any]] = {
    scalars.INT: sa.Integer,
    scalars.FLOAT: sa.Float,
    scalars.STRING: sa.String,
    scalars.BOOLEAN: sa.Boolean,
    scalars.DATETIME: sa.DateTime,
    scalars.DATE: sa.Date,
    scalars.TIME: sa.Time,
    scalars.UUID_: sa.Uuid,
    scalars.JSON_: sa.JSON,
}

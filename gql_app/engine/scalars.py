"""Scalars: which one a column is, how its values are read, written and compared."""

import reprlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, NewType
from uuid import UUID

import orjson
import strawberry
from strawberry.scalars import JSON
from strawberry.types.scalar import ScalarDefinition, scalar

from gql_app.engine.errors import BadUserInputError
from gql_app.engine.values import (
    check_text,
    dump_bytes,
    dump_datetime,
    dump_decimal,
    dump_duration,
    load_big_int,
    load_boolean,
    load_bytes,
    load_datetime,
    load_decimal,
    load_duration,
    load_float,
    load_int,
    load_time,
    load_uuid,
    same,
)

BigInt = NewType("BigInt", int)
Bytes = NewType("Bytes", bytes)

RESPONSE_JSON = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC
"""How orjson writes the datetimes in a response: as the scalar DateTime does."""

EQUALITY = ("eq", "ne", "in", "notIn", "isNull")
COMPARISON = (*EQUALITY, "lt", "lte", "gt", "gte")
TEXT = (
    *COMPARISON,
    *("contains", "startsWith", "endsWith"),
    *("iEq", "iContains", "iStartsWith", "iEndsWith"),
)


@dataclass(frozen=True, eq=False, slots=True)
class Scalar:
    """A GraphQL leaf type with what the engine must know to filter and page by it.

    `dump` turns a Python value into JSON and `load` turns it back (raising ValueError):
    cursors hold dumped values. `order` says how databases sort it: as it is, as "text"
    in code point order, or "never". A scalar of one's own needs a `description`;
    `specified_by` is the address of its specification.
    """

    name: str
    annotation: Any
    operators: tuple[str, ...]
    dump: Callable[[Any], Any] = same
    load: Callable[[Any], Any] = same
    order: str = "native"
    description: str = ""
    specified_by: str | None = None


_RFC = "https://datatracker.ietf.org/doc/html/rfc"

INT = Scalar("Int", int, COMPARISON, load=load_int)
FLOAT = Scalar("Float", float, COMPARISON, load=load_float)
STRING = Scalar("String", str, TEXT, load=check_text, order="text")
BOOLEAN = Scalar("Boolean", bool, ("eq", "ne", "isNull"), load=load_boolean)
IDENTIFIER = Scalar("ID", strawberry.ID, EQUALITY)
BIG_INT = Scalar(
    "BigInt",
    BigInt,
    COMPARISON,
    str,
    load_big_int,
    description="An integer of up to 64 bits, in a string.",
)
DECIMAL = Scalar(
    "Decimal",
    Decimal,
    COMPARISON,
    dump_decimal,
    load_decimal,
    description="An exact decimal number, in a string.",
)
DATETIME = Scalar(
    "DateTime",
    datetime,
    COMPARISON,
    dump_datetime,
    load_datetime,
    description="A moment in UTC, such as 2026-01-31T12:00:00Z.",
    specified_by=f"{_RFC}3339",
)
DATE = Scalar(
    "Date",
    date,
    COMPARISON,
    date.isoformat,
    date.fromisoformat,
    description="A calendar date, such as 2026-01-31.",
    specified_by=f"{_RFC}3339",
)
TIME = Scalar(
    "Time",
    time,
    COMPARISON,
    time.isoformat,
    load_time,
    description="A time of day, such as 12:30:00.",
    specified_by=f"{_RFC}3339",
)
DURATION = Scalar(
    "Duration",
    timedelta,
    COMPARISON,
    dump_duration,
    load_duration,
    description="A length of time, such as P1DT1800S.",
    specified_by="https://www.iso.org/iso-8601-date-and-time-format.html",
)
UUID_ = Scalar(
    "UUID",
    UUID,
    COMPARISON,
    str,
    load_uuid,
    description="A universally unique identifier.",
    specified_by=f"{_RFC}9562",
)
JSON_ = Scalar("JSON", JSON, ("isNull",), order="never")
BYTES = Scalar(
    "Bytes",
    Bytes,
    ("eq", "ne", "isNull"),
    dump_bytes,
    load_bytes,
    order="never",
    description="Binary data in base64.",
    specified_by=f"{_RFC}4648",
)
_KNOWN = ("Int", "Float", "String", "Boolean", "ID", "JSON")
_OURS = (BIG_INT, DECIMAL, DATETIME, DATE, TIME, DURATION, UUID_, BYTES)

BY_PYTHON_TYPE: Mapping[type, Scalar] = {
    bool: BOOLEAN,
    int: INT,
    float: FLOAT,
    str: STRING,
    Decimal: DECIMAL,
    datetime: DATETIME,
    date: DATE,
    time: TIME,
    timedelta: DURATION,
    UUID: UUID_,
    bytes: BYTES,
}


def enum_scalar(python_type: type[Enum]) -> Scalar:
    """The scalar of a Python enum; its values are the member names.

    Members that have a `description` attribute or property are described by it.
    """
    if not hasattr(python_type, "__strawberry_definition__"):
        doc = python_type.__dict__.get("__doc__")
        described = doc or f"The values of {python_type.__name__}."
        strawberry.enum(python_type, description=described)
        definition = vars(python_type)["__strawberry_definition__"]
        for value, member in zip(definition.values, python_type, strict=True):
            words = member.name.replace("_", " ").capitalize()
            value.description = getattr(member, "description", f"{words}.")
    return Scalar(
        python_type.__name__,
        python_type,
        EQUALITY,
        dump=lambda member: member.name,
        load=python_type.__getitem__,
        order="text",
    )


def strawberry_scalars(extra: Iterable[Scalar]) -> dict[object, ScalarDefinition]:
    """What Strawberry needs to print and coerce the scalars that are ours, or `extra`;
    it knows those by itself that stand in for one of GraphQL's own."""
    own = [kind for kind in extra if kind.name not in _KNOWN]
    return {
        kind.annotation: scalar(
            name=kind.name,
            description=kind.description,
            specified_by_url=kind.specified_by,
            serialize=kind.dump,
            parse_value=_parser(kind),
        )
        for kind in (*_OURS, *own)
    }


def _parser(kind: Scalar) -> Callable[[Any], Any]:
    def parse(value: Any) -> Any:
        try:
            return kind.load(value)
        except (ValueError, TypeError) as error:
            raise BadUserInputError(
                f"{kind.name} can't be {reprlib.repr(value)}: {error}."
            ) from None

    return parse

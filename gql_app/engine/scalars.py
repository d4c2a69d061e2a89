"""Scalars: which one a column is, how its values are read, written and compared."""

import base64
import binascii
import math
import re
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, NewType
from uuid import UUID

import orjson
import strawberry
from strawberry.scalars import JSON
from strawberry.types.scalar import ScalarDefinition, scalar

from gql_app.engine.errors import BadUserInputError

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


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True, eq=False, slots=True)
class Scalar:
    """A GraphQL leaf type with what the engine must know to filter and page by it.

    `dump` turns a Python value into JSON and `load` turns it back (raising ValueError):
    cursors hold dumped values. `order` says how databases sort it: as it is, as "text"
    in code point order, or "never".
    """

    name: str
    annotation: Any
    operators: tuple[str, ...]
    dump: Callable[[Any], Any] = _same
    load: Callable[[Any], Any] = _same
    order: str = "native"


def check_text(value: str) -> str:
    """The text itself; BadUserInputError for what PostgreSQL can't store."""
    if "\x00" in value:
        raise BadUserInputError("Text can't contain the NUL character.")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise BadUserInputError("Text can't contain unpaired surrogates.") from None
    return value


def dump_datetime(value: datetime) -> str:
    """RFC 3339 in UTC; a naive value is taken to be in UTC."""
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    elif value.utcoffset():
        value = value.astimezone(UTC)
    return value.isoformat().replace("+00:00", "Z")


def _load_datetime(value: Any) -> datetime:
    parsed = datetime.fromisoformat(_text(value))
    if parsed.tzinfo is None:
        raise ValueError("a time zone is needed, as in 2026-01-31T12:00:00Z")
    try:
        return parsed.astimezone(UTC)
    except OverflowError:
        raise ValueError("out of range in UTC") from None


def _load_time(value: Any) -> time:
    parsed = time.fromisoformat(_text(value))
    if parsed.tzinfo is not None:
        raise ValueError("a time of day has no time zone")
    return parsed


_DURATION = re.compile(
    r"(?P<sign>-)?P(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?"
    r"(?:(?P<seconds>\d{1,9}(?:\.\d{1,6})?)S)?)?"
)


def dump_duration(value: timedelta) -> str:
    """ISO 8601 in days and seconds, such as P1DT3600.5S; negative ones as -P…"""
    sign = "-" if value < timedelta() else ""
    value = abs(value)
    seconds = f"{value.seconds + value.microseconds / 1_000_000:.6f}"
    seconds = seconds.rstrip("0").rstrip(".")
    days = f"{value.days}D" if value.days else ""
    clock = f"T{seconds}S" if seconds != "0" or not days else ""
    return f"{sign}P{days}{clock}"


def _load_duration(value: Any) -> timedelta:
    match = _DURATION.fullmatch(_text(value))
    if match is None or not any(match[part] for part in _DURATION_PARTS):
        raise ValueError("an ISO 8601 duration is needed, as in P1DT2H30M")
    parts = {part: float(match[part] or 0) for part in _DURATION_PARTS}
    length = timedelta(**parts)
    return -length if match["sign"] else length


_DURATION_PARTS = ("days", "hours", "minutes", "seconds")


def dump_decimal(value: Decimal) -> str:
    """Digits without an exponent or trailing zeros, alike for every storage."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _load_decimal(value: Any) -> Decimal:
    try:
        parsed = Decimal(value if isinstance(value, int) else _text(value))
    except InvalidOperation:
        raise ValueError("a decimal number in a string is needed") from None
    if not parsed.is_finite() or abs(parsed.adjusted()) > _DECIMAL_DIGITS:
        raise ValueError("a finite number of reasonable size is needed")
    return parsed


_DECIMAL_DIGITS = 300  # SQLite compares with a float, which can be no larger


def _load_big_int(value: Any) -> int:
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,19}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("an integer, or one in a string, is needed")
    if not -(2**63) <= value < 2**63:
        raise ValueError("an integer of at most 64 bits is needed")
    return value


def _load_int(value: Any) -> int:
    if isinstance(value, str):
        raise ValueError("an integer is needed")
    return _load_big_int(value)


def _load_boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false is needed")
    return value


def _load_uuid(value: Any) -> UUID:
    return UUID(_text(value))


def _load_bytes(value: Any) -> bytes:
    try:
        return base64.b64decode(_text(value), validate=True)
    except binascii.Error:
        raise ValueError("base64 is needed") from None


def _load_float(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("a finite number is needed")
    return number


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a string is needed")
    return value


def _dump_bytes(value: bytes) -> str:
    return base64.b64encode(value).decode()


INT = Scalar("Int", int, COMPARISON, load=_load_int)
FLOAT = Scalar("Float", float, COMPARISON, load=_load_float)
STRING = Scalar("String", str, TEXT, load=check_text, order="text")
BOOLEAN = Scalar("Boolean", bool, ("eq", "ne", "isNull"), load=_load_boolean)
IDENTIFIER = Scalar("ID", strawberry.ID, EQUALITY)
BIG_INT = Scalar("BigInt", BigInt, COMPARISON, str, _load_big_int)
DECIMAL = Scalar("Decimal", Decimal, COMPARISON, dump_decimal, _load_decimal)
DATETIME = Scalar("DateTime", datetime, COMPARISON, dump_datetime, _load_datetime)
DATE = Scalar("Date", date, COMPARISON, date.isoformat, date.fromisoformat)
TIME = Scalar("Time", time, COMPARISON, time.isoformat, _load_time)
DURATION = Scalar("Duration", timedelta, COMPARISON, dump_duration, _load_duration)
UUID_ = Scalar("UUID", UUID, COMPARISON, str, _load_uuid)
JSON_ = Scalar("JSON", JSON, ("isNull",), order="never")
BYTES = Scalar(
    "Bytes", Bytes, ("eq", "ne", "isNull"), _dump_bytes, _load_bytes, order="never"
)

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


def strawberry_scalars() -> dict[object, ScalarDefinition]:
    """What Strawberry needs to print and coerce the scalars that are ours."""
    rfc = "https://datatracker.ietf.org/doc/html/rfc"
    iso = "https://www.iso.org/iso-8601-date-and-time-format.html"
    described = [
        (DATETIME, "A moment in UTC, such as 2026-01-31T12:00:00Z.", f"{rfc}3339"),
        (DATE, "A calendar date, such as 2026-01-31.", f"{rfc}3339"),
        (TIME, "A time of day, such as 12:30:00.", f"{rfc}3339"),
        (DURATION, "A length of time, such as P1DT1800S.", iso),
        (UUID_, "A universally unique identifier.", f"{rfc}9562"),
        (DECIMAL, "An exact decimal number, in a string.", None),
        (BIG_INT, "An integer of up to 64 bits, in a string.", None),
        (BYTES, "Binary data in base64.", f"{rfc}4648"),
    ]
    return {
        kind.annotation: scalar(
            name=kind.name,
            description=description,
            specified_by_url=url,
            serialize=kind.dump,
            parse_value=_parser(kind),
        )
        for kind, description, url in described
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

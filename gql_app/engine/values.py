"""Values: how each kind is dumped to JSON, and loaded from it again."""

import base64
import binascii
import math
import re
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from gql_app.engine.errors import BadUserInputError


def same(value: Any) -> Any:
    """The value itself."""
    return value


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


def check_finite(value: float) -> float:
    """The number itself; BadUserInputError for one that JSON can't show."""
    if not math.isfinite(value):
        raise BadUserInputError("A finite number is needed.")
    return value


def checked(value: Any) -> Any:
    """A value that a client sends, itself; BadUserInputError if no column can keep it,
    or show it again."""
    if isinstance(value, str):
        return check_text(value)
    return check_finite(value) if isinstance(value, float) else value


FALLIBLE = (str, float)
"""The types that `checked` looks at: to others it need not be applied."""


def in_utc(value: datetime | None) -> datetime | None:
    """The moment as a column without time zones has it."""
    if value is None or value.tzinfo is None:
        return value
    return value.astimezone(UTC).replace(tzinfo=None)


def dump_datetime(value: datetime) -> str:
    """RFC 3339 in UTC; a naive value is taken to be in UTC."""
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    elif value.utcoffset():
        value = value.astimezone(UTC)
    return value.isoformat().replace("+00:00", "Z")


def load_datetime(value: Any) -> datetime:
    parsed = datetime.fromisoformat(_text(value))
    if parsed.tzinfo is None:
        raise ValueError("a time zone is needed, as in 2026-01-31T12:00:00Z")
    try:
        return parsed.astimezone(UTC)
    except OverflowError:
        raise ValueError("out of range in UTC") from None


def load_time(value: Any) -> time:
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


def load_duration(value: Any) -> timedelta:
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


def load_decimal(value: Any) -> Decimal:
    try:
        parsed = Decimal(value if isinstance(value, int) else _text(value))
    except InvalidOperation:
        raise ValueError("a decimal number in a string is needed") from None
    if not parsed.is_finite() or abs(parsed.adjusted()) > _DECIMAL_DIGITS:
        raise ValueError("a finite number of reasonable size is needed")
    return parsed


# SQLite compares with a float, of the value or of 10**18 times that, and has no larger.
_DECIMAL_DIGITS = 280


def load_big_int(value: Any) -> int:
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,19}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("an integer, or one in a string, is needed")
    if not -(2**63) <= value < 2**63:
        raise ValueError("an integer of at most 64 bits is needed")
    return value


def load_int(value: Any) -> int:
    if isinstance(value, str):
        raise ValueError("an integer is needed")
    return load_big_int(value)


def load_boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false is needed")
    return value


def load_uuid(value: Any) -> UUID:
    return UUID(_text(value))


def load_bytes(value: Any) -> bytes:
    try:
        return base64.b64decode(_text(value), validate=True)
    except binascii.Error:
        raise ValueError("base64 is needed") from None


def load_float(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("a finite number is needed")
    return number


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a string is needed")
    return value


def dump_bytes(value: bytes) -> str:
    return base64.b64encode(value).decode()

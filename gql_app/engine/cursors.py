"""Cursors: places in an order, written so that only what we wrote can be read."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from math import isfinite
from typing import Any

import orjson

from gql_app.engine.errors import BadUserInputError, InvalidCursorError
from gql_app.engine.ordering import OrderKey
from gql_app.engine.scalars import DECIMAL, FLOAT, INT, Scalar
from gql_app.engine.values import dump_decimal, load_decimal

_SEAL = 9
_MESSAGE = "The cursor is not one of this list in this order and with this filter."


@dataclass(eq=False, slots=True)
class CursorCodec:
    """Writes and reads the cursors of one list in one order with one filter.

    A cursor is the JSON of the boundary row's order values after a keyed digest of
    them and of `binding`, which says what list, order and filter it belongs to.
    """

    key: bytes
    binding: bytes
    order: tuple[OrderKey, ...]
    _known: Sequence[Scalar] = field(default=(), init=False)

    def encode(self, values: Sequence[Any]) -> str:
        """The cursor at these values of the order's keys."""
        pairs = zip(self._scalars, values, strict=True)
        dumped = orjson.dumps(
            [None if value is None else scalar.dump(value) for scalar, value in pairs]
        )
        return base64.urlsafe_b64encode(self._seal(dumped) + dumped).decode()

    def decode(self, cursor: str) -> list[Any]:
        """The values in the cursor; InvalidCursorError for any other text."""
        try:
            raw = base64.b64decode(cursor.encode("ascii"), b"-_", validate=True)
            seal, dumped = raw[:_SEAL], raw[_SEAL:]
            if not hmac.compare_digest(seal, self._seal(dumped)):
                raise ValueError
            pairs = zip(self._scalars, orjson.loads(dumped), strict=True)
            return [
                None if value is None else scalar.load(value) for scalar, value in pairs
            ]
        except (ValueError, KeyError, TypeError, BadUserInputError):
            raise InvalidCursorError(_MESSAGE) from None

    @property
    def _scalars(self) -> Sequence[Scalar]:
        """Those of the order's keys; many a codec never writes a cursor."""
        self._known = self._known or [_scalar(key) for key in self.order]
        return self._known

    def _seal(self, dumped: bytes) -> bytes:
        content = self.binding + dumped
        return hashlib.blake2b(content, key=self.key, digest_size=_SEAL).digest()


def _scalar(key: OrderKey) -> Scalar:
    """A count has none of its own."""
    scalar = (key.column and key.column.scalar) or INT
    return _NUMBERS.get(scalar, scalar)


# A place is the number that is stored: SQLite keeps plain decimals as floats, and others
# may have stored infinity.


def _dump_decimal(value: Any) -> str:
    return dump_decimal(value if isinstance(value, Decimal) else Decimal(repr(value)))


def _dump_float(value: Any) -> Any:
    plain = isinstance(value, int | float) and isfinite(value)
    return value if plain else _dump_decimal(value)


def _load_number(value: Any) -> Any:
    if isinstance(value, str):
        return float(value) if value in _INFINITE else load_decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("a number is needed")
    return value


_INFINITE = {"Infinity", "-Infinity", "NaN"}
_NUMBERS = {
    FLOAT: replace(FLOAT, dump=_dump_float, load=_load_number),
    DECIMAL: replace(DECIMAL, dump=_dump_decimal, load=_load_number),
}


def binding(
    title: str, order: Sequence[OrderKey], where: Mapping[str, Any] | None
) -> bytes:
    """What a cursor is bound to: the list's title, its order and its filter."""
    keys = ",".join(key.title for key in order)
    canonical = orjson.dumps(
        where, default=repr, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
    )
    digest = hashlib.blake2b(f"{title}|{keys}|".encode(), digest_size=16)
    digest.update(canonical)
    return digest.digest()

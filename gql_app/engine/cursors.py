"""Cursors: places in an order, written so that only what we wrote can be read."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from gql_app.engine.errors import BadUserInputError, InvalidCursorError
from gql_app.engine.ordering import OrderKey
from gql_app.engine.scalars import INT, Scalar

_SEAL = 9
_LONGEST = 8192
_MESSAGE = "The cursor is not one of this list in this order and with this filter."


@dataclass(frozen=True, slots=True)
class CursorCodec:
    """Writes and reads the cursors of one list in one order with one filter.

    A cursor is the JSON of the boundary row's order values after a keyed digest of
    them and of `binding`, which says what list, order and filter it belongs to.
    """

    key: bytes
    binding: bytes
    order: tuple[OrderKey, ...]

    def encode(self, values: Sequence[Any]) -> str:
        """The cursor at these values of the order's keys."""
        pairs = zip(self.order, values, strict=True)
        dumped = orjson.dumps(
            [None if value is None else _dump(key, value) for key, value in pairs]
        )
        return base64.urlsafe_b64encode(self._seal(dumped) + dumped).decode()

    def decode(self, cursor: str) -> list[Any]:
        """The values in the cursor; InvalidCursorError for any other text."""
        try:
            raw = base64.b64decode(cursor.encode("ascii"), b"-_", validate=True)
            seal, dumped = raw[:_SEAL], raw[_SEAL:]
            if len(raw) > _LONGEST or not hmac.compare_digest(seal, self._seal(dumped)):
                raise ValueError
            pairs = zip(self.order, orjson.loads(dumped), strict=True)
            return [
                None if value is None else _load(key, value) for key, value in pairs
            ]
        except (ValueError, KeyError, TypeError, BadUserInputError):
            raise InvalidCursorError(_MESSAGE) from None

    def _seal(self, dumped: bytes) -> bytes:
        content = self.binding + dumped
        return hashlib.blake2b(content, key=self.key, digest_size=_SEAL).digest()


def _dump(key: OrderKey, value: Any) -> Any:
    return _scalar(key).dump(value)


def _load(key: OrderKey, value: Any) -> Any:
    return _scalar(key).load(value)


def _scalar(key: OrderKey) -> Scalar:
    """A count has none of its own."""
    return (key.column and key.column.scalar) or INT


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

"""Pages: the arguments of a list field, parsed once, in two parts.

`PageShape` decides the statement and can be the key of a cache; `PageValues` holds what
becomes parameters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gql_app.engine.cursors import CursorCodec, binding
from gql_app.engine.entity import Entity
from gql_app.engine.errors import BadUserInputError, LimitExceededError
from gql_app.engine.filters import Values, Where
from gql_app.engine.limits import Limits
from gql_app.engine.order import parse_order
from gql_app.engine.ordering import Boundary, OrderKey
from gql_app.engine.where import FilterParser


@dataclass(frozen=True, slots=True)
class PageShape:
    """Filter, order and direction of a page; `order` is the client's, whether or not
    the page is read backward."""

    where: Where
    order: tuple[OrderKey, ...]
    backward: bool = False
    after: Boundary | None = None
    before: Boundary | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One list field's arguments. `parameters` lack `limit`, which is `size` + 1: the
    extra row tells whether there are more."""

    shape: PageShape
    size: int
    parameters: Mapping[str, Any]
    cursors: CursorCodec
    identity: bytes
    """Equal for equal arguments, and only for them."""


@dataclass(frozen=True, slots=True)
class PageParser:
    """Parses the arguments of list fields within limits; seals cursors with a key."""

    limits: Limits
    cursor_key: bytes = b""

    def parse(self, title: str, entity: Entity, given: Mapping[str, Any]) -> Page:
        """The page that the arguments (GraphQL names, coerced values) ask for.

        `title` names the field, such as `Post.comments`. Raises BadUserInputError,
        LimitExceededError or InvalidCursorError.
        """
        size, backward = self._size(given)
        values = Values()
        where = FilterParser(self.limits, values).parse(entity, given.get("where"))
        order = parse_order(entity, given.get("orderBy"))
        bound = binding(title, order, given.get("where"))
        codec = CursorCodec(self.cursor_key, bound, order)
        after = _boundary(codec, given.get("after"), values)
        before = _boundary(codec, given.get("before"), values)
        shape = PageShape(where, order, backward, after, before)
        place = f"{size}{backward}{given.get('after')}|{given.get('before')}".encode()
        return Page(shape, size, values.parameters(), codec, bound + place)

    def _size(self, given: Mapping[str, Any]) -> tuple[int, bool]:
        first, last = given.get("first"), given.get("last")
        if first is not None and last is not None:
            raise BadUserInputError("Give either first or last, not both.")
        name = "first" if last is None else "last"
        size = first if last is None else last
        if size is None:
            return self.limits.page_default, False
        if size < 0:
            raise BadUserInputError(f"{name} can't be negative, and is {size}.")
        if size > self.limits.page_max:
            raise LimitExceededError(
                f"{name} can be {self.limits.page_max} at most, and is {size}.",
                limit="page_max",
                maximum=self.limits.page_max,
                found=size,
            )
        return size, name == "last"


def _boundary(
    codec: CursorCodec, cursor: str | None, values: Values
) -> Boundary | None:
    if cursor is None:
        return None
    found = codec.decode(cursor)
    nulls = tuple(value is None for value in found)
    return Boundary(values.add(*found), nulls)

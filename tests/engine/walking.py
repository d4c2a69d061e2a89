"""Walking whole lists page by page, and the order to expect, worked out in Python."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from gql_app.engine import ANONYMOUS, Viewer
from tests.engine.graph import Graph

DIRECTIONS = (
    "ASC",
    "DESC",
    "ASC_NULLS_FIRST",
    "ASC_NULLS_LAST",
    "DESC_NULLS_FIRST",
    "DESC_NULLS_LAST",
)


@dataclass(frozen=True)
class Key:
    """One key of an order: what it takes from a row, and its direction."""

    value: Callable[[Any], Any]
    direction: str = "ASC"

    @property
    def descending(self) -> bool:
        return self.direction.startswith("DESC")

    def sorted(self, rows: Sequence[Any]) -> list[Any]:
        """The rows in this order; rows that are equal in it keep theirs."""
        nulls = [row for row in rows if self.value(row) is None]
        others = [row for row in rows if self.value(row) is not None]
        others.sort(key=lambda row: plain(self.value(row)), reverse=self.descending)
        first = self.direction.endswith("NULLS_FIRST")
        return [*nulls, *others] if first else [*others, *nulls]


def plain(value: Any) -> Any:
    """What a value is sorted by: enums go by their names."""
    return value.name if isinstance(value, Enum) else value


def in_order(
    rows: Sequence[Any], keys: Sequence[Key], *primary: Callable[[Any], Any]
) -> list[Any]:
    """The rows by these keys, then by the primary key in the last one's direction."""
    direction = "DESC" if keys and keys[-1].descending else "ASC"
    found = list(rows)
    for key in reversed([*keys, *(Key(value, direction) for value in primary)]):
        found = key.sorted(found)
    return found


@dataclass(frozen=True)
class List:
    """A list field of a graph. `template` is a query with the list's arguments (and
    all that is asked of it) in the place of `LIST`; `path` leads to the connection."""

    graph: Graph
    order_type: str
    template: str
    path: tuple[str | int, ...]
    viewer: Viewer = ANONYMOUS
    parent: str | None = None
    """The id that `$id` stands for in the template."""

    def page(self, order: Any = None, where: str = "", **arguments: Any) -> Any:
        """One page: its ids, cursors and flags."""
        given = "first: $first, after: $after, last: $last, before: $before"
        asked = (
            f"({given}, orderBy: $order {where}) {{ edges {{ cursor node {{ id }} }}"
            " pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"
        )
        variables = (
            "$first: Int, $after: String, $last: Int, $before: String,"
            f" $order: [{self.order_type}!]"
        )
        if self.parent is not None:
            variables += ", $id: ID!"
            arguments["id"] = self.parent
        query = f"query ({variables}) {{ {self.template.replace('LIST', asked)} }}"
        found = self.graph.execute(query, self.viewer, order=order, **arguments)
        for step in self.path:
            found = found[step]
        return found

    def pages(self, size: int, backward: bool, order: Any = None) -> Iterator[Any]:
        """All pages, from the start or from the end."""
        cursor = None
        while True:
            if backward:
                page = self.page(order, last=size, before=cursor)
                more, cursor = "hasPreviousPage", page["pageInfo"]["startCursor"]
            else:
                page = self.page(order, first=size, after=cursor)
                more, cursor = "hasNextPage", page["pageInfo"]["endCursor"]
            yield page
            if not page["pageInfo"][more]:
                return

    def check(
        self, expected: Sequence[str], size: int, backward: bool, order: Any = None
    ) -> None:
        """Assert that the pages are the expected ids, cut into pages of this size, each
        with exact flags."""
        start, end = (len(expected), len(expected)) if backward else (0, 0)
        for page in self.pages(size, backward, order):
            if backward:
                start, end = max(0, start - size), start
            else:
                start, end = end, min(len(expected), end + size)
            assert ids(page) == list(expected[start:end]), (order, size, backward)
            info = page["pageInfo"]
            assert info["hasPreviousPage"] == (start > 0), (order, size, backward)
            assert info["hasNextPage"] == (end < len(expected)), (order, size, backward)
        assert (start if backward else len(expected) - end) == 0


def ids(page: Any) -> list[str]:
    return [edge["node"]["id"] for edge in page["edges"]]

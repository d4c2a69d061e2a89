"""Walking whole lists page by page, and the order to expect, worked out in Python."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from graphql import GraphQLSchema

from gql_app.engine import ANONYMOUS, Viewer
from gql_app.testing import walk
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

    @property
    def schema(self) -> GraphQLSchema:
        """What `walk` looks at."""
        return self.graph.planned.schema

    def execute(self, query: str, viewer: Viewer = ANONYMOUS, /, **given: Any) -> Any:
        return self.graph.execute(query, viewer, **given)

    def check(
        self, expected: Sequence[str], sizes: Sequence[int], order: Any = None
    ) -> None:
        """Assert that these ids are found in pages of each size, forward and backward."""
        query = self._query(f"$order: [{self.order_type}!]", "(orderBy: $order)")
        given = self._given(order=order)
        found = walk(self, query, self.viewer, sizes=sizes, **given)
        assert found == list(expected), (order, sizes)

    def page(self, order: Any = None, where: str = "", **arguments: Any) -> Any:
        """One page: its ids, cursors and flags."""
        place = "first: $first, after: $after, last: $last, before: $before"
        asked = (
            f"({place}, orderBy: $order {where}) {{ edges {{ cursor node {{ id }} }}"
            " pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"
        )
        variables = (
            "$first: Int, $after: String, $last: Int, $before: String,"
            f" $order: [{self.order_type}!]"
        )
        query = self._query(variables, asked)
        given = self._given(order=order, **arguments)
        found = self.graph.execute(query, self.viewer, **given)
        for step in self.path:
            found = found[step]
        return found

    def _query(self, variables: str, asked: str) -> str:
        if self.parent is not None:
            variables += ", $id: ID!"
        return f"query ({variables}) {{ {self.template.replace('LIST', asked)} }}"

    def _given(self, **arguments: Any) -> dict[str, Any]:
        own = {} if self.parent is None else {"id": self.parent}
        return {**arguments, **own}


def ids(page: Any) -> list[str]:
    return [edge["node"]["id"] for edge in page["edges"]]

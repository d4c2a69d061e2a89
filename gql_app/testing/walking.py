"""Walking a list page by page: no row may be lost, repeated or out of place."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple, Protocol

from graphql import GraphQLSchema

from gql_app.engine import ANONYMOUS, Viewer
from gql_app.testing.paging import paged


class Asks(Protocol):
    """What runs queries, such as a `Client`."""

    @property
    def schema(self) -> GraphQLSchema: ...

    def execute(self, query: str, viewer: Viewer = ..., /, **variables: Any) -> Any: ...


def walk(
    client: Asks,
    query: str,
    viewer: Viewer = ANONYMOUS,
    /,
    *,
    sizes: Sequence[int] = (1, 2, 3),
    **variables: Any,
) -> list[Any]:
    """The rows of the query's only list, in its order: what the query selects as the
    list's `nodes`, or else their ids. The query doesn't say which page.

    The list is read forward and backward in pages of each size. AssertionError if these
    rows differ or are not `totalCount` many, or if a page is wrong about its neighbours.
    """
    __tracebackhide__ = True
    listed = _Paged(client, query, viewer, variables)
    first, *others = [
        listed.walk(size, backward) for size in sizes for backward in (False, True)
    ]
    for other in others:
        if other.cursors != first.cursors:
            raise AssertionError(_difference(first, other))
    return first.rows


class _Walk(NamedTuple):
    """The rows as they were found on one way through the list."""

    way: str
    cursors: list[str]
    rows: list[Any]


class _Paged:
    """A query whose list was given what it takes to page."""

    def __init__(
        self, client: Asks, query: str, viewer: Viewer, variables: Mapping[str, Any]
    ) -> None:
        self._query, self._path, self._only_ids = paged(query, client.schema)
        self._client, self._viewer, self._variables = client, viewer, variables

    def walk(self, size: int, backward: bool) -> _Walk:
        """All rows; AssertionError if one is repeated, or if a page can't be right."""
        __tracebackhide__ = True
        way = f"{'backward' if backward else 'forward'} in pages of {size}"
        cursors: list[str] = []
        rows: list[Any] = []
        for number, page in enumerate(self._pages(size, backward), 1):
            wrong = _wrong(page, size, backward, first=number == 1)
            found = [edge["cursor"] for edge in page["edges"]]
            if set(found) & set(cursors):
                wrong = "repeats rows"
            if wrong:
                raise AssertionError(f"Page {number} {way} {wrong}:\n{page}")
            place = 0 if backward else len(cursors)
            cursors[place:place] = found
            rows[place:place] = page["nodes"]
        if page["totalCount"] != len(rows):
            raise AssertionError(
                f"There are {len(rows)} rows {way}, but totalCount is"
                f" {page['totalCount']}."
            )
        return _Walk(
            way, cursors, [row["id"] for row in rows] if self._only_ids else rows
        )

    def _pages(self, size: int, backward: bool) -> Iterator[Any]:
        """Each page that the one before says there is."""
        amount, place = ("last", "before") if backward else ("first", "after")
        more, end = _MORE[backward]
        cursor = None
        while True:
            page = self._client.execute(
                self._query,
                self._viewer,
                **self._variables,
                **{amount: size, place: cursor},
            )
            for step in self._path:
                page = page[step]
            yield page
            cursor = page["pageInfo"][end]
            if not page["pageInfo"][more] or cursor is None:
                return


_MORE = {False: ("hasNextPage", "endCursor"), True: ("hasPreviousPage", "startCursor")}


def _wrong(page: Any, size: int, backward: bool, *, first: bool) -> str:
    """What a page says wrongly of itself."""
    info, edges = page["pageInfo"], page["edges"]
    ends = (edges[0]["cursor"], edges[-1]["cursor"]) if edges else (None, None)
    behind, ahead = _MORE[not backward][0], _MORE[backward][0]
    if (info["startCursor"], info["endCursor"]) != ends:
        return "has other cursors than its rows"
    if len(page["nodes"]) != len(edges):
        return "has not as many nodes as edges"
    if info[behind] == first:
        return f"is wrong in {behind}"
    if not edges and not first:
        return f"is empty, in spite of {ahead} on the page before"
    if len(edges) != size and (info[ahead] or len(edges) > size):
        return f"has {len(edges)} rows"
    return ""


def _difference(one: _Walk, other: _Walk) -> str:
    place = next(
        place
        for place, pair in enumerate(zip_longest(one.cursors, other.cursors))
        if pair[0] != pair[1]
    )
    found = [
        f"{walk.way}: {walk.rows[place] if place < len(walk.rows) else 'nothing'}"
        for walk in (one, other)
    ]
    return "\n".join([f"The walks differ in row {place + 1}.", *found])

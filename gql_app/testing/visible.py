"""Reading everything as each viewer: which rows they find, and which values in them."""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from gql_app.engine import Viewer
from gql_app.engine.identifiers import decode_id
from gql_app.testing.client import Answer, Client
from gql_app.testing.paging import is_connection

REFUSED = {"FORBIDDEN", "NOT_FOUND", "UNAUTHENTICATED"}
"""The codes of errors that say: you may not."""

Verdicts = dict[str, list[str]]
"""By row, field or attempt: the viewers who may."""

Values = Mapping[str, Mapping[str, Any]]
"""By viewer: the values of one field, by the cursors of their rows."""


class Reading:
    """Reads the lists of Query, field by field."""

    def __init__(self, client: Client, viewers: Mapping[str, Viewer]) -> None:
        self._client = client
        self._viewers = viewers

    def verdicts(self) -> Verdicts:
        """Who finds each row; who reads the values of each field in the rows they find."""
        query = self._client.schema.query_type
        assert query is not None
        found: Verdicts = {}
        for name, one in query.fields.items():
            if is_connection(one.type) and not _needs_arguments(one):
                found |= self._of_list(name, _nodes(one))
        return found

    def _of_list(self, name: str, kind: GraphQLObjectType) -> Verdicts:
        named = "id" if "id" in kind.fields else "__typename"
        found: Verdicts = {}
        for viewer, values in self._values(name, named).items():
            rows = map(_title, values.values()) if named == "id" else values.values()
            for row in dict.fromkeys(rows):
                found.setdefault(row, []).append(viewer)
        for field, one in kind.fields.items():
            if not _needs_arguments(one):
                has_parts = not is_leaf_type(get_named_type(one.type))
                asked = f"{field} {{ __typename }}" if has_parts else field
                found[f"{kind.name}.{field}"] = _readers(self._values(name, asked))
        return found

    def _values(self, name: str, field: str) -> Values:
        return {
            who: dict(self._read(name, field, viewer))
            for who, viewer in self._viewers.items()
        }

    def _read(self, name: str, field: str, viewer: Viewer) -> Iterator[tuple[str, Any]]:
        query = (
            f"query ($after: String) {{ list: {name}(after: $after) {{"
            f" edges {{ cursor node {{ value: {field} }} }}"
            " pageInfo { hasNextPage endCursor } } }"
        )
        cursor, more = None, True
        while more:
            page = permitted(self._client.answer(query, viewer, after=cursor))
            if page is None:
                return
            for edge in page["edges"]:
                yield edge["cursor"], edge["node"]["value"]
            info = page["pageInfo"]
            cursor, more = info["endCursor"], info["hasNextPage"]


def permitted(answer: Answer) -> Any:
    """The value of the only field, as far as the viewer may see it; None if they may
    not at all. AssertionError if there are errors that say anything else."""
    if not set(answer.codes) <= REFUSED:
        return answer.data
    data = answer.body.get("data") or {}
    return next(iter(data.values()), None)


def _readers(values: Values) -> list[str]:
    """The viewers who read what anybody reads in the rows that they find."""
    there = {
        cursor
        for found in values.values()
        for cursor, value in found.items()
        if value is not None
    }
    readers = []
    for viewer, found in values.items():
        read = [found[cursor] is not None for cursor in found.keys() & there]
        if any(read):
            readers.append(viewer if all(read) else f"~{viewer}")
    return readers


def _title(row_id: str) -> str:
    """`Post 1`"""
    name, key = decode_id(row_id)
    return f"{name} {' '.join(key)}"


def _nodes(connection: GraphQLField) -> GraphQLObjectType:
    kind = get_named_type(connection.type)
    assert isinstance(kind, GraphQLObjectType)
    node = get_named_type(kind.fields["nodes"].type)
    assert isinstance(node, GraphQLObjectType)
    return node


def _needs_arguments(field: GraphQLField) -> bool:
    return any(map(is_required_argument, field.args.values()))

"""The parameters of a GraphQL request, from a JSON body or from a query string."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import orjson

from gql_app.http.status import RefusedError

_GET_FIELDS_MAX = 32


class Parameters(NamedTuple):
    """Well-formed; whether there is a document to run is not decided here."""

    query: str | None
    operation_name: str | None
    variables: Mapping[str, Any]
    extensions: Mapping[str, Any]
    document_id: str | None


def from_json(body: bytes) -> Parameters:
    fields = _json(body, "The body")
    if isinstance(fields, list):
        raise RefusedError(
            "Batching is not supported: send one operation for each request."
        )
    if not isinstance(fields, dict):
        raise RefusedError("The body must be a JSON object with a document in `query`.")
    return from_object(fields)


def from_object(fields: Mapping[str, Any]) -> Parameters:
    """From the fields of a decoded JSON object; raises a RefusedError."""
    get = fields.get
    return Parameters(
        _string("query", get("query")),
        # An empty name in a URL is no name.
        _string("operationName", get("operationName")) or None,
        _object("variables", get("variables")),
        _object("extensions", get("extensions")),
        _string("documentId", get("documentId")),
    )


def from_query_string(query_string: bytes) -> Parameters:
    """Raises a RefusedError; a parameter given twice would be understood differently by
    different readers of the same URL."""
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_GET_FIELDS_MAX,
        )
    except ValueError as error:
        raise RefusedError("The query string is not URL-encoded UTF-8.") from error
    fields: dict[str, Any] = dict(pairs)
    if len(fields) != len(pairs):
        raise RefusedError("Each parameter may be given once.")
    for name in ("variables", "extensions"):
        if name in fields:
            fields[name] = _json(fields[name].encode(), f"The parameter `{name}`")
    return from_object(fields)


def _json(text: bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise RefusedError(f"{what} {_wrong(text, error)}.") from error


def _wrong(text: bytes, error: orjson.JSONDecodeError) -> str:
    if not text:
        return "is empty"
    try:
        text.decode()
    except UnicodeDecodeError:
        return "is not UTF-8"
    return f"is not valid JSON: {error}"


def _string(name: str, value: Any) -> str | None:
    if value is None or type(value) is str:
        return value
    raise RefusedError(f"The parameter `{name}` must be a string.")


def _object(name: str, value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    if type(value) is dict:
        return value
    raise RefusedError(f"The parameter `{name}` must be an object.")

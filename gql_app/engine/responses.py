"""Requests and responses: what comes from a client, and the JSON that goes back."""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import orjson
from graphql import ExecutionResult, GraphQLError

from gql_app.engine.errors import ErrorCode
from gql_app.engine.reading import Execution
from gql_app.engine.scalars import RESPONSE_JSON

Explain = Literal["statements", "analyze"]


class Request(NamedTuple):
    """What a client sends. `read_only` requests may not change anything."""

    query: str
    operation_name: str | None = None
    variables: Mapping[str, Any] = MappingProxyType({})
    read_only: bool = False
    extensions: Mapping[str, Any] = MappingProxyType({})
    explain: Explain | None = None
    """Ask for the plan and its statements in `extensions.explain`; with "analyze" also
    for what the database says of each."""
    cost: bool = False
    """Ask for what the operation costs in `extensions.cost`."""
    idempotency_key: str | None = None
    """A mutation sent again with the same key is not executed again."""


class Result(NamedTuple):
    """The response as JSON text. Not `executed`: the request itself was wrong, and the
    response has no data. `codes` are those of its errors; `statements` is what the
    database was asked."""

    body: bytes
    executed: bool
    codes: tuple[str, ...] = ()
    statements: tuple[Execution, ...] = ()


def formatted(error: GraphQLError, code: ErrorCode) -> dict[str, Any]:
    """The error's JSON, with the code unless it brings one of its own."""
    extensions = {"code": code.value, **(error.extensions or {})}
    return {**error.formatted, "extensions": extensions}


def encoded(
    executed: ExecutionResult | None,
    errors: Sequence[Mapping[str, Any]],
    used: Sequence[Execution] = (),
) -> Result:
    body: dict[str, Any] = {"errors": errors} if errors else {}
    if executed is not None:
        body["data"] = executed.data
    codes = tuple(str(error["extensions"]["code"]) for error in errors)
    return Result(_dumped(body), executed is not None, codes, tuple(used))


def _dumped(body: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(body, option=RESPONSE_JSON)
    except TypeError:
        # JSON in a database may hold what orjson refuses: integers beyond 64 bits, and
        # unpaired surrogates.
        return json.dumps(body, default=_plain, separators=(",", ":")).encode()


def _plain(value: object) -> Any:
    return orjson.loads(orjson.dumps(value, option=RESPONSE_JSON))


def explanation(
    how: str, statements: Sequence[Execution], details: Sequence[Sequence[str]]
) -> dict[str, Any]:
    """`extensions.explain`: how the response was made, and each statement with its
    place in the response, milliseconds, rows and the database's own explanation."""
    pairs = zip(statements, details, strict=True)
    return {
        "plan": how,
        "statements": [
            {
                "path": one.path,
                "sql": one.sql,
                "ms": round(one.seconds * 1000, 3),
                "rows": one.rows,
                **({"explain": list(lines)} if lines else {}),
            }
            for one, lines in pairs
        ],
    }

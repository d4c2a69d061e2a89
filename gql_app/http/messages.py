"""Messages of the graphql-transport-ws protocol, and the codes that end a connection."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from gql_app.http.parameters import Parameters, from_object
from gql_app.http.status import RefusedError

PROTOCOL = "graphql-transport-ws"

# RFC 6455 leaves so many bytes for the reason of a close.
_REASON_BYTES = 123


class CloseError(Exception):
    """The connection must end; browsers show their pages the code and the reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode()[:_REASON_BYTES].decode(errors="ignore")


class Init(NamedTuple):
    payload: Mapping[str, Any]


class Ping(NamedTuple):
    payload: Mapping[str, Any] | None


class Pong(NamedTuple):
    pass


class Subscribe(NamedTuple):
    id: str
    parameters: Parameters


class Complete(NamedTuple):
    id: str


Message = Init | Ping | Pong | Subscribe | Complete


def parse_message(text: str | None, limit: int) -> Message:
    """A client's message; raises a CloseError for what the protocol doesn't know."""
    if text is None:
        raise _invalid("Messages are text")
    encoded = text.encode()
    if len(encoded) > limit:
        raise CloseError(1009, f"The message is larger than {limit} bytes")
    try:
        fields = orjson.loads(encoded)
    except orjson.JSONDecodeError:
        raise _invalid("The message is not valid JSON") from None
    if not isinstance(fields, dict):
        raise _invalid("The message is not an object")
    return _message(fields)


def _message(fields: Mapping[str, Any]) -> Message:
    match fields.get("type"):
        case "connection_init":
            return Init(_payload(fields) or {})
        case "ping":
            return Ping(_payload(fields))
        case "pong":
            _payload(fields)
            return Pong()
        case "subscribe":
            return Subscribe(_id(fields), _parameters(fields))
        case "complete":
            return Complete(_id(fields))
        case _:
            raise _invalid("The message has no known type")


def ack() -> str:
    return '{"type":"connection_ack"}'


def pong(payload: Mapping[str, Any] | None) -> str:
    message = (
        {"type": "pong"} if payload is None else {"type": "pong", "payload": payload}
    )
    try:
        return orjson.dumps(message).decode()
    except orjson.JSONEncodeError:  # which reads deeper than it writes
        raise _invalid("The payload is nested too deeply") from None


def next_result(id: str, body: bytes) -> str:
    """`body` is a response's JSON."""
    return (b'{"id":%b,"type":"next","payload":%b}' % (orjson.dumps(id), body)).decode()


def errors(id: str, body: bytes) -> str:
    """`body` is the JSON of a response that has errors only."""
    failed = orjson.loads(body)["errors"]
    return orjson.dumps({"id": id, "type": "error", "payload": failed}).decode()


def complete(id: str) -> str:
    return orjson.dumps({"id": id, "type": "complete"}).decode()


def _payload(fields: Mapping[str, Any]) -> Mapping[str, Any] | None:
    payload = fields.get("payload")
    if payload is not None and not isinstance(payload, dict):
        raise _invalid("The payload must be an object")
    return payload


def _id(fields: Mapping[str, Any]) -> str:
    given = fields.get("id")
    if not isinstance(given, str) or not given:
        raise _invalid("The message needs an id, a string")
    return given


def _parameters(fields: Mapping[str, Any]) -> Parameters:
    try:
        parameters = from_object(_payload(fields) or {})
    except RefusedError as error:
        raise _invalid(error.message) from None
    named = parameters.document_id, parameters.extensions.get("persistedQuery")
    if parameters.query is None and named == (None, None):
        raise _invalid("The payload must have a query, a string")
    return parameters


def _invalid(reason: str) -> CloseError:
    return CloseError(4400, reason)

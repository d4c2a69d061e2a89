"""The GraphQL endpoint: one ASGI application from request to response."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import NamedTuple

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from gql_app.engine import responses as engine
from gql_app.engine.errors import ErrorCode
from gql_app.http.body import read_body
from gql_app.http.documents import Documents, RecentDocuments
from gql_app.http.event_stream import EventStream, send_events
from gql_app.http.executing import (
    Executes,
    FindViewer,
    Subscribe,
    anonymous,
    one_result,
)
from gql_app.http.expiry import until_expired
from gql_app.http.failures import failure
from gql_app.http.forgery import ADVICE, may_be_forged
from gql_app.http.headers import headers_of, request_id_of, text_of
from gql_app.http.media_types import (
    MediaType,
    accepts_events,
    is_json,
    negotiate,
    prefers_html,
)
from gql_app.http.operations import operation_of
from gql_app.http.parameters import Parameters, from_json, from_query_string
from gql_app.http.responses import Response, cacheable, send_response
from gql_app.http.status import (
    METHOD_NOT_ALLOWED,
    OK,
    MethodNotAllowedError,
    NotAcceptableError,
    RefusedError,
    UnsupportedMediaTypeError,
    status_of,
)

_READING = ("GET", "HEAD")

_BAD_REQUEST = (ErrorCode.BAD_REQUEST.value,)


@dataclass(frozen=True, slots=True)
class Options:
    """How the endpoint treats requests; the defaults are safe in public."""

    body_bytes: int = 1_000_000
    body_seconds: float = 15.0
    """How long a client may take to send its body."""
    explain: bool = False
    """Whether the headers X-GraphQL-Explain and X-GraphQL-Cost are heeded: for
    developers, as the SQL tells much."""
    draft_statuses: bool = False
    """422 and 294 as in the specification's draft, instead of 400 and 200."""
    always_preflight: bool = False
    """Ask every GET for a header that forgers can't send (Apollo's rule)."""
    cache_control: str = "private, no-cache"
    """Of successful responses to GET; there is an ETag to ask again with."""
    documents: Documents = field(
        default_factory=lambda: Documents(recent=RecentDocuments())
    )


class _Call(NamedTuple):
    """One request on its way through the endpoint."""

    scope: Scope
    receive: Receive
    headers: dict[bytes, bytes]
    media_type: MediaType
    request_id: str
    read_only: bool


class GraphQLEndpoint:
    """POST and GET for GraphQL, to be mounted as the endpoint of a Starlette Route.

    `ide`, if given, answers a browser that asks for a page. Who likes an event stream
    best gets one, and so does a subscription of whoever accepts one at all; `subscribe`
    gives the results for it. WebSockets have a route of their own.
    """

    def __init__(
        self,
        executor: Executes,
        *,
        viewer: FindViewer = anonymous,
        subscribe: Subscribe | None = None,
        options: Options | None = None,
        ide: ASGIApp | None = None,
    ) -> None:
        self._executor = executor
        self._subscribe = until_expired(subscribe or one_result(executor))
        self._viewer = viewer
        self._options = options or Options()
        self._cache_control = self._options.cache_control.encode("ascii")
        self._ide = ide

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = headers_of(scope)
        reading = scope["method"] in _READING
        accept = headers.get(b"accept")
        if self._ide is not None and reading and prefers_html(accept):
            await self._ide(scope, receive, send)
            return
        request_id = request_id_of(headers)
        media_type = negotiate(accept)
        try:
            if media_type is None:
                raise NotAcceptableError(
                    f"`Accept` fits no response: they are {', '.join(MediaType)}."
                )
            call = _Call(scope, receive, headers, media_type, request_id, reading)
            response = await self._answer(call)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001  # whatever happens, the answer is JSON
            failed = failure(error, request_id)
            wanted = MediaType.GRAPHQL_RESPONSE
            media_type = wanted if media_type is wanted else MediaType.JSON
            response = Response(failed.status, failed.body, media_type)
        if isinstance(response, EventStream):
            await send_events(response, receive, send, request_id=request_id)
            return
        await send_response(send, response, request_id=request_id, vary=reading)

    async def _posted(self, call: _Call) -> Parameters:
        if call.scope["method"] != "POST":
            raise MethodNotAllowedError(
                "GraphQL is asked by POST, queries also by GET."
            )
        if not is_json(call.headers.get(b"content-type", b"")):
            raise UnsupportedMediaTypeError(
                "The content type must be application/json."
            )
        options = self._options
        body = await read_body(
            call.receive,
            call.headers,
            limit=options.body_bytes,
            seconds=options.body_seconds,
        )
        return from_json(body)

    def _got(self, call: _Call) -> Parameters:
        if may_be_forged(call.headers, always=self._options.always_preflight):
            raise RefusedError(ADVICE)
        return from_query_string(call.scope["query_string"])

    async def _answer(self, call: _Call) -> Response | EventStream:
        read_only = call.read_only
        parameters = self._got(call) if read_only else await self._posted(call)
        documents = self._options.documents
        query = documents.as_sent(parameters)
        request = engine.Request(
            await documents.text(parameters) if query is None else query,
            parameters.operation_name,
            parameters.variables,
            read_only,
            parameters.extensions,
            *(self._asked(call) if self._options.explain else (None, False)),
            text_of(call.headers, b"idempotency-key"),
        )
        viewer = await self._viewer(Request(call.scope))
        if _wants_events(call, request):
            results = self._subscribe(request, viewer, call.request_id)
            return EventStream(self._remembering(results, parameters))
        result = await self._executor.execute(request, viewer, call.request_id)
        if result.executed:
            if query is None:
                await documents.remember(parameters)
        elif read_only and result.codes == _BAD_REQUEST and _is("mutation", request):
            return Response(METHOD_NOT_ALLOWED, result.body, call.media_type)
        return self._response(call, result)

    async def _remembering(
        self, results: AsyncGenerator[engine.Result, None], parameters: Parameters
    ) -> AsyncGenerator[engine.Result, None]:
        async with aclosing(results):
            async for result in results:
                if result.executed:
                    await self._options.documents.remember(parameters)
                yield result

    def _asked(self, call: _Call) -> tuple[engine.Explain | None, bool]:
        """What a developer wants to know of how the response is made."""
        explain = call.headers.get(b"x-graphql-explain")
        level: engine.Explain = "analyze" if explain == b"analyze" else "statements"
        return level if explain else None, b"x-graphql-cost" in call.headers

    def _response(self, call: _Call, result: engine.Result) -> Response:
        status = status_of(
            result.codes,
            executed=result.executed,
            media_type=call.media_type,
            draft=self._options.draft_statuses,
        )
        response = Response(status, result.body, call.media_type)
        if call.read_only and status == OK and result.executed and not result.codes:
            known = call.headers.get(b"if-none-match")
            return cacheable(response, known, self._cache_control)
        return response


def _wants_events(call: _Call, request: engine.Request) -> bool:
    if call.media_type is MediaType.EVENT_STREAM:
        return True
    accept = call.headers.get(b"accept", b"")
    # Looked for before it is read: nearly all headers don't have it.
    return (
        b"event-stream" in accept
        and accepts_events(accept)
        and _is("subscription", request)
    )


def _is(kind: str, request: engine.Request) -> bool:
    operation = operation_of(request.query, request.operation_name)
    return operation is not None and operation.kind == kind

"""GraphQL over WebSocket: the protocol graphql-transport-ws, to the letter.

Its older namesake, the subprotocol `graphql-ws`, is refused with 4406 as any other.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import aclosing, suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from math import inf
from time import time
from typing import Any

from starlette.requests import Request as HTTPRequest
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from gql_app.engine.errors import ErrorCode
from gql_app.engine.policy import Viewer
from gql_app.engine.responses import Request
from gql_app.http import messages
from gql_app.http.documents import Documents, RecentDocuments
from gql_app.http.executing import FindViewer, Subscribe, anonymous
from gql_app.http.expiry import ExpiredError, until_expired
from gql_app.http.failures import failure
from gql_app.http.headers import headers_of, request_id_of
from gql_app.http.messages import CloseError
from gql_app.http.origins import is_allowed
from gql_app.http.responses import error_body

# Clients take 1013 as "try again later", and 4403 as "try again with another token".
# 4401 would tell them never to: it is for those who don't wait to be acknowledged.
_CLOSED: Mapping[ErrorCode, tuple[int, str]] = {
    ErrorCode.UNAUTHENTICATED: (4403, "Forbidden"),
    ErrorCode.FORBIDDEN: (4403, "Forbidden"),
    ErrorCode.RATE_LIMITED: (1013, "Try again later"),
    ErrorCode.TIMEOUT: (1013, "Try again later"),
    ErrorCode.UNAVAILABLE: (1013, "Try again later"),
}
_DEFECT = (4500, "Internal server error")
_EXPIRED = (4403, "Forbidden: the authorization has expired")

_FINISHING = 30.0
"""Seconds for which queries and mutations may still run when it has expired."""


@dataclass(frozen=True, slots=True)
class SocketOptions:
    """How connections are treated; the defaults are safe in public."""

    init_seconds: float = 10.0
    """How long a client may take to send its `connection_init`."""
    operations: int = 100
    """How many operations may run at a time on one connection."""
    message_bytes: int = 1_000_000
    origins: Collection[str] = ()
    """Which sites' pages may connect, besides those of our own host."""
    documents: Documents = field(
        default_factory=lambda: Documents(recent=RecentDocuments())
    )


class GraphQLSockets:
    """The ASGI application of a WebSocketRoute.

    Who asks is asked once for a connection: `viewer` gets the request of the handshake
    with the `Authorization` of the `connection_init` payload, as if it were a header.
    The connection ends when the viewer expires.
    """

    def __init__(
        self,
        subscribe: Subscribe,
        *,
        viewer: FindViewer = anonymous,
        options: SocketOptions | None = None,
    ) -> None:
        self._subscribe = until_expired(subscribe)
        self._viewer = viewer
        self._options = options or SocketOptions()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = WebSocket(scope, receive, send)
        if not is_allowed(headers_of(scope), self._options.origins):
            await socket.close()  # before it is accepted: the handshake gets a 403
            return
        if messages.PROTOCOL not in scope["subprotocols"]:
            await socket.accept()
            await socket.close(4406, "Subprotocol not acceptable")
            return
        await socket.accept(messages.PROTOCOL)
        await _Connection(socket, self._subscribe, self._viewer, self._options).serve()


class _Connection:
    """One client's connection, and the operations that run on it."""

    def __init__(
        self,
        socket: WebSocket,
        subscribe: Subscribe,
        find_viewer: FindViewer,
        options: SocketOptions,
    ) -> None:
        self._socket = socket
        self._subscribe = subscribe
        self._find_viewer = find_viewer
        self._options = options
        self._request_id = request_id_of(headers_of(socket.scope))
        self._ended = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: asyncio.Task[None] | None = None
        self._initialised = False
        self._viewer: Viewer | None = None
        self._context = copy_context()
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._count = 0

    async def serve(self) -> None:
        """Answer messages until either side ends the connection."""
        try:
            self._waiting = self._go(self._await_init)
            self._go(self._converse)
            await self._ended.wait()
        finally:
            for task in self._tasks:
                task.cancel()
            while self._tasks:
                await asyncio.wait(self._tasks)
            # A cancelled task refers to what it was about.
            self._waiting = None
            self._operations.clear()

    def _go(
        self, work: Callable[..., Awaitable[None]], *arguments: Any
    ) -> asyncio.Task[None]:
        # Not in a TaskGroup: what that raises refers to itself, and would keep the
        # connection with its last messages until the garbage collector comes along.
        task = asyncio.create_task(self._or_end(work, *arguments))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _or_end(
        self, work: Callable[..., Awaitable[None]], *arguments: Any
    ) -> None:
        """Do it; what it raises ends the connection, and goes no further."""
        try:
            await work(*arguments)
        except WebSocketDisconnect:
            self._ended.set()
        except CloseError as error:
            await self._close(error)
        except Exception as error:  # noqa: BLE001  # logged; the client learns of it
            failure(error, self._request_id)
            await self._close(CloseError(*_DEFECT))

    async def _close(self, error: CloseError) -> None:
        if self._is_open():
            with suppress(WebSocketDisconnect):
                await self._socket.close(error.code, error.reason)
        self._ended.set()

    async def _converse(self) -> None:
        while True:
            await self._handle(await self._receive())

    def _is_open(self) -> bool:
        return self._socket.application_state is WebSocketState.CONNECTED

    async def _send(self, message: str) -> None:
        if not self._is_open():
            raise WebSocketDisconnect(1000)
        await self._socket.send_text(message)

    async def _receive(self) -> messages.Message:
        received = await self._socket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code") or 1006)
        return messages.parse_message(received.get("text"), self._options.message_bytes)

    async def _handle(self, message: messages.Message) -> None:
        match message:
            case messages.Init(payload):
                self._init(payload)
            case messages.Ping(payload):
                await self._send(messages.pong(payload))
            case messages.Pong():
                pass
            case messages.Subscribe():
                await self._start(message)
            case messages.Complete(id):
                if operation := self._operations.pop(id, None):
                    operation.cancel()

    async def _await_init(self) -> None:
        await asyncio.sleep(self._options.init_seconds)
        raise CloseError(4408, "Connection initialisation timeout")

    def _init(self, payload: Mapping[str, Any]) -> None:
        if self._initialised:
            raise CloseError(4429, "Too many initialisation requests")
        self._initialised = True
        if self._waiting:
            self._waiting.cancel()
        # Not awaited: what comes before the acknowledgement has to be noticed.
        self._go(self._acknowledge, payload)

    async def _acknowledge(self, payload: Mapping[str, Any]) -> None:
        try:
            viewer = await self._find_viewer(_handshake(self._socket.scope, payload))
        except CloseError:
            raise
        except Exception as error:
            code = failure(error, self._request_id).code
            raise CloseError(*_CLOSED.get(code, _DEFECT)) from error
        # What finding the viewer set is for the operations, as it is over HTTP.
        self._context = copy_context()
        await self._send(messages.ack())
        self._viewer = viewer
        if viewer.expires < inf:
            await self._outlive(viewer)

    async def _outlive(self, viewer: Viewer) -> None:
        """End the connection when it is no longer known who asks.

        Queries and mutations that have begun are answered before: who sent a mutation
        learns what came of it.
        """
        await asyncio.sleep(viewer.expires - time())
        if running := set(self._operations.values()):
            await asyncio.wait(running, timeout=_FINISHING)
        raise CloseError(*_EXPIRED)

    async def _start(self, message: messages.Subscribe) -> None:
        if self._viewer is None:
            raise CloseError(4401, "Unauthorized")
        if message.id in self._operations:
            raise CloseError(4409, f"Subscriber for {message.id} already exists")
        if len(self._operations) >= self._options.operations:
            most = self._options.operations
            text = f"A connection carries {most} operations at a time."
            body = error_body(text, ErrorCode.LIMIT_EXCEEDED)
            await self._send(messages.errors(message.id, body))
            return
        self._count += 1
        request_id = f"{self._request_id}.{self._count}"
        running = self._context.run(
            self._go, self._run, message, self._viewer, request_id
        )
        self._operations[message.id] = running

    async def _run(
        self, message: messages.Subscribe, viewer: Viewer, request_id: str
    ) -> None:
        try:
            last = await self._results(message, viewer, request_id)
        except WebSocketDisconnect:
            raise
        except ExpiredError:
            # Told by the close alone: clients then ask again on their next connection.
            del self._operations[message.id]
            return
        except Exception as error:  # noqa: BLE001  # whatever it is, the client learns of it
            last = messages.errors(message.id, failure(error, request_id).body)
        # The client may use the id again as soon as it has the last message.
        del self._operations[message.id]
        await self._send(last)

    async def _results(
        self, message: messages.Subscribe, viewer: Viewer, request_id: str
    ) -> str:
        """Send all results; the message that is to follow them."""
        documents, parameters = self._options.documents, message.parameters
        request = Request(
            query=await documents.text(parameters),
            operation_name=parameters.operation_name,
            variables=parameters.variables,
            extensions=parameters.extensions,
        )
        async with aclosing(self._subscribe(request, viewer, request_id)) as results:
            async for result in results:
                if not result.executed:
                    return messages.errors(message.id, result.body)
                await self._send(messages.next_result(message.id, result.body))
        await documents.remember(parameters)
        return messages.complete(message.id)


def _handshake(scope: Scope, payload: Mapping[str, Any]) -> HTTPRequest:
    """The handshake as a request with the payload's Authorization, if it has one."""
    headers = scope["headers"]
    given = [text for name, text in payload.items() if name.lower() == "authorization"]
    if given:
        if not isinstance(given[0], str):
            raise CloseError(4400, "Authorization must be a string")
        headers = [line for line in headers if line[0] != b"authorization"]
        headers.append((b"authorization", given[0].encode()))
    return HTTPRequest({**scope, "type": "http", "method": "GET", "headers": headers})

"""Load: a number of connections, each asking again as soon as it has its answer."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import SplitResult, urlsplit

import uvloop

from benchmarks.postgres import BenchmarkError

PATIENCE = 30.0


def anything(_: bytes) -> bool:
    """What says of every body that it is right."""
    return True


@dataclass(frozen=True)
class Exchange:
    """A request as it is sent, and what must come back."""

    request: bytes
    is_right: Callable[[bytes], bool] = anything
    status: int = 200


@dataclass
class Measured:
    """What the clients saw; latencies in seconds, in no particular order."""

    seconds: float = 0.0
    received: int = 0
    latencies: list[float] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.latencies)

    @property
    def rate(self) -> float:
        return self.count / self.seconds

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(int(share * self.count), self.count - 1)]


def post(url: str, payload: Mapping[str, Any], token: str = "") -> bytes:
    """An HTTP request as a client would send it, on a connection that stays open;
    signed in, if there is a token."""
    parts = urlsplit(url)
    body = json.dumps(payload).encode()
    signed = f"Authorization: Bearer {token}\r\n" if token else ""
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        f"Accept: application/graphql-response+json, application/json\r\n{signed}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def ask(url: str, request: bytes) -> bytes:
    """The body of the answer to one request."""
    bodies: list[bytes] = []
    _run(urlsplit(url), iter([Exchange(request)]), (1, PATIENCE), bodies.append)
    return bodies[0]


def measure(
    url: str, exchanges: Iterator[Exchange], connections: int, seconds: float
) -> Measured:
    """Send what comes next for that long, if there is so much, then wait for what is
    open."""
    return _run(urlsplit(url), exchanges, (connections, seconds))


def _run(
    url: SplitResult,
    exchanges: Iterator[Exchange],
    bounds: tuple[int, float],
    seen: Any = None,
) -> Measured:
    connections, seconds = bounds
    host, port = str(url.hostname), int(url.port or 80)

    async def clients() -> Measured:
        loop = asyncio.get_running_loop()
        stock = _Stock(exchanges, time.perf_counter() + seconds, seen)
        started = time.perf_counter()
        for _ in range(connections):
            await loop.create_connection(lambda: _Client(stock), host, port)
        async with asyncio.timeout(seconds + PATIENCE):
            await stock.finished(connections)
        stock.measured.seconds = time.perf_counter() - started
        return stock.measured

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(clients())


class _Stock:
    """What is still to be sent, and what was measured."""

    def __init__(self, exchanges: Iterator[Exchange], until: float, seen: Any) -> None:
        self.measured = Measured()
        self.seen = seen
        self._exchanges, self._until = exchanges, until
        self._ended: asyncio.Queue[Exception | None] = asyncio.Queue()

    def next(self) -> Exchange | None:
        late = time.perf_counter() > self._until
        return None if late else next(self._exchanges, None)

    def ended(self, error: Exception | None = None) -> None:
        self._ended.put_nowait(error)

    async def finished(self, connections: int) -> None:
        for _ in range(connections):
            if error := await self._ended.get():
                raise error


class _Client(asyncio.Protocol):
    """One connection, with one request open at a time."""

    def __init__(self, stock: _Stock) -> None:
        self._stock = stock
        self._answer = bytearray()
        self._length = 0  # of head and body; 0 while the head is incomplete
        self._done = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if not self._length:
            self._length = _length(self._answer)
        if self._length and len(self._answer) >= self._length:
            self._received()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done:
            error = BenchmarkError(f"The server closed the connection: {exc}")
            self._stock.ended(error)

    def _send(self) -> None:
        exchange = self._stock.next()
        if exchange is None:
            self._end()
            return
        self._exchange = exchange
        self._answer.clear()
        self._length = 0
        self._sent = time.perf_counter()
        self._transport.write(exchange.request)

    def _received(self) -> None:
        latency = time.perf_counter() - self._sent
        head, _, body = bytes(self._answer).partition(b"\r\n\r\n")
        expected = f"HTTP/1.1 {self._exchange.status} ".encode()
        if not head.startswith(expected) or not self._exchange.is_right(body):
            self._end(BenchmarkError(f"An unexpected answer: {body[:1000]!r}"))
            return
        if self._stock.seen:
            self._stock.seen(body)
        self._stock.measured.latencies.append(latency)
        self._stock.measured.received += len(body)
        self._send()

    def _end(self, error: Exception | None = None) -> None:
        self._done = True
        self._transport.close()
        self._stock.ended(error)


def _length(answer: bytearray) -> int:
    """The length of head and body together, once the head is complete."""
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return 0
    for line in bytes(answer[:end]).lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length":
            return end + 4 + int(value)
    raise BenchmarkError("An answer without Content-Length can't be measured.")

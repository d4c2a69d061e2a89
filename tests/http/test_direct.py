"""Whole requests and responses, past ASGI's messages: clients can't tell the difference."""

import re
import socket
from collections.abc import Iterator

import pytest
from starlette.middleware.gzip import GZipMiddleware

from gql_app.http.endpoint import Options
from gql_app.http.protocol import BoundedProtocol
from tests.http.listening import Address, serving
from tests.http.small import application

QUERY = b"/graphql?query=%7Brole%7D"
DATE = re.compile(rb"date: [^\r]*\r\n")


def asked(
    method: bytes = b"GET", path: bytes = QUERY, headers: bytes = b"", body: bytes = b""
) -> bytes:
    """A request that leaves the connection open."""
    if body:
        headers += b"content-type: application/json\r\ncontent-length: %d\r\n" % len(
            body
        )
    return (
        b"%b %b HTTP/1.1\r\nhost: test\r\nx-request-id: known\r\n" % (method, path)
        + headers
        + b"\r\n"
        + body
    )


LAST = asked(headers=b"connection: close\r\n")

REQUESTS = {
    "post": asked(b"POST", b"/graphql", body=b'{"query": "{ role }"}'),
    "get": asked(),
    "head": asked(b"HEAD"),
    "not modified": asked(headers=b"if-none-match: *\r\n"),
    "invalid": asked(b"POST", b"/graphql", body=b'{"query": "{"}'),
    "no JSON": asked(b"POST", b"/graphql", body=b"{"),
    "too large": asked(b"POST", b"/graphql", body=b'{"query": "%b"}' % (b"x" * 60_000)),
    "large": asked(
        *(b"POST", b"/graphql"),
        body=b'{"query": "{ hello(name: \\"%b\\") }"}' % (b"x" * 20_000),
    ),
    "HTTP/1.0": LAST.replace(b"HTTP/1.1", b"HTTP/1.0"),
    "other type": asked(headers=b"accept: application/graphql-response+json\r\n"),
}


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Address, Address]]:
    """With messages, and without."""
    app = application(options=Options(body_bytes=50_000))
    with (
        serving(app, http="h11") as plain,
        serving(app, http=BoundedProtocol) as direct,
    ):
        yield plain, direct


def answered(address: Address, *pieces: bytes) -> bytes:
    """All that comes until the server ends the connection, but for the time, and for
    how h11 writes its own header."""
    received = b""
    with socket.create_connection(address, timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            connection.sendall(piece)
        while more := connection.recv(65536):
            received += more
    return DATE.sub(b"", received).replace(b"Connection:", b"connection:")


@pytest.mark.parametrize("request_name", REQUESTS)
def test_responses_are_those_of_the_messages(
    servers: tuple[Address, Address], request_name: str
) -> None:
    plain, direct = servers

    expected = answered(plain, REQUESTS[request_name], LAST)

    assert answered(direct, REQUESTS[request_name], LAST) == expected
    assert expected.startswith(b"HTTP/1.1 ")


def test_requests_sent_together_are_answered_in_order(
    servers: tuple[Address, Address],
) -> None:
    plain, direct = servers
    together = b"".join([REQUESTS["post"], REQUESTS["invalid"], REQUESTS["get"], LAST])

    expected = answered(plain, together)

    assert answered(direct, together) == expected
    assert expected.count(b"HTTP/1.1 ") == 4


def test_body_in_pieces_is_read_whole(servers: tuple[Address, Address]) -> None:
    _, direct = servers
    request = REQUESTS["post"]
    whole = answered(direct, request, LAST)

    in_pieces = [request[place : place + 7] for place in range(0, len(request), 7)]

    assert answered(direct, *in_pieces, LAST) == whole


def test_client_that_asks_before_it_sends_is_told_to_go_on(
    servers: tuple[Address, Address],
) -> None:
    _, direct = servers
    head, _, body = REQUESTS["post"].partition(b"\r\n\r\n")

    with socket.create_connection(direct, timeout=10) as connection:
        connection.sendall(head + b"\r\nexpect: 100-continue\r\n\r\n")
        first = connection.recv(65536)
        connection.sendall(body)
        then = connection.recv(65536)

    assert first.startswith(b"HTTP/1.1 100 ")
    assert then.startswith(b"HTTP/1.1 200 OK\r\n")


def test_middleware_sees_the_response() -> None:
    app = GZipMiddleware(application(), minimum_size=1)

    with serving(app, http=BoundedProtocol) as address:
        received = answered(address, asked(headers=b"accept-encoding: gzip\r\n"), LAST)

    assert b"content-encoding: gzip\r\n" in received

"""On the wire: the server in front of us agrees with what we send it."""

import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from gql_app.http.endpoint import Options
from tests.http.listening import Address, serving
from tests.http.small import application

QUERY = b"/graphql?query=%7Brole%7D"
JSON = b"content-type: application/json\r\n"


@pytest.fixture(scope="module", params=["h11", "httptools"])
def address(request: pytest.FixtureRequest) -> Iterator[Address]:
    """Where a real server listens, with the body limits that the tests rely on."""
    options = Options(body_bytes=1_000_000, body_seconds=1)
    app = application(options=options)
    with serving(app, http=request.param, ws="none") as found:
        yield found


def exchange(address: Address, request: bytes) -> tuple[bytes, bytes]:
    """Headers and body of the response; the server must end the connection."""
    received = b""
    with (
        socket.create_connection(address, timeout=10) as connection,
        suppress(ConnectionResetError),  # it need not read all before it hangs up
    ):
        connection.sendall(request)
        while piece := connection.recv(65536):
            received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    return head.lower(), body


def get(path: bytes, headers: bytes = b"", *, method: bytes = b"GET") -> bytes:
    return (
        b"%b %b HTTP/1.1\r\nhost: test\r\nconnection: close\r\n" % (method, path)
        + headers
        + b"\r\n"
    )


def test_head_has_the_length_and_no_body(address: Address) -> None:
    head, body = exchange(address, get(QUERY, method=b"HEAD"))

    assert head.startswith(b"http/1.1 200")
    assert b"content-length: 29" in head
    assert body == b""


def test_not_modified_has_no_body(address: Address) -> None:
    head, body = exchange(address, get(QUERY, b"if-none-match: *\r\n"))

    assert head.startswith(b"http/1.1 304")
    assert body == b""


@pytest.mark.parametrize("size", [1_000_001, 5_000_000])
def test_client_that_sends_before_it_listens_learns_that_it_is_too_much(
    address: Address, size: int
) -> None:
    request = b"POST /graphql HTTP/1.1\r\nhost: test\r\ncontent-length: %d\r\n" % size

    head, body = exchange(address, request + JSON + b"\r\n" + b"x" * size)

    assert head.startswith(b"http/1.1 413")
    assert b"is larger than" in body


def test_stalled_body_ends_the_connection(address: Address) -> None:
    request = b"POST /graphql HTTP/1.1\r\nhost: test\r\ncontent-length: 500\r\n"

    head, body = exchange(address, request + JSON + b"\r\n{")

    assert head.startswith(b"http/1.1 408")
    assert b"did not arrive" in body


def test_chunked_body_is_limited_as_well(address: Address) -> None:
    request = b"POST /graphql HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n"
    chunk = b"%x\r\n%b\r\n" % (600_000, b" " * 600_000)

    head, _ = exchange(address, request + JSON + b"\r\n" + chunk * 2 + b"0\r\n\r\n")

    assert head.startswith(b"http/1.1 413")

"""What comes before a request's body is bounded in time and size, too."""

import json
import socket
from collections.abc import Iterator

import pytest

from gql_app.http.protocol import BoundedProtocol
from tests.http.listening import Address, serving
from tests.http.small import application
from tests.http.test_wire import JSON, QUERY, exchange, get

BEGUN = b"GET /health HTTP/1.1\r\nhost: test\r\n"


class ImpatientProtocol(BoundedProtocol):
    header_seconds = 0.3


@pytest.fixture(scope="module")
def address() -> Iterator[Address]:
    app = application()
    with serving(app, http=ImpatientProtocol, timeout_keep_alive=1) as found:
        yield found


def refused(head: bytes, body: bytes) -> tuple[int, str]:
    """Status and code of an answer of ours."""
    assert b"content-type: application/json" in head
    assert b"content-length: %d" % len(body) in head
    (error,) = json.loads(body)["errors"]
    return int(head.split()[1]), error["extensions"]["code"]


def test_request_is_answered(address: Address) -> None:
    head, body = exchange(address, get(QUERY))

    assert head.startswith(b"http/1.1 200")
    assert json.loads(body) == {"data": {"role": "anonymous"}}


@pytest.mark.parametrize("begun", [BEGUN, BEGUN + b"x-slow", b"GET /gra"])
def test_headers_that_stall_are_refused(address: Address, begun: bytes) -> None:
    head, body = exchange(address, begun)

    assert refused(head, body) == (408, "TIMEOUT")


def test_silent_client_is_disconnected(address: Address) -> None:
    assert exchange(address, b"") == (b"", b"")


def test_headers_of_a_second_request_are_waited_for_no_longer(
    address: Address,
) -> None:
    first = b"GET %b HTTP/1.1\r\nhost: test\r\n\r\n" % QUERY

    received = exchange(address, first + BEGUN)[1]

    answered, _, rest = received.partition(b"HTTP/1.1")
    assert json.loads(answered) == {"data": {"role": "anonymous"}}
    assert refused(*f"HTTP/1.1{rest.decode()}".lower().encode().split(b"\r\n\r\n"))


def test_headers_without_end_are_refused(address: Address) -> None:
    endless = b"x-endless: " + b"a" * 2_000_000

    head, body = exchange(address, BEGUN + endless)

    assert refused(head, body) == (431, "LIMIT_EXCEEDED")


def test_headers_may_be_large(address: Address) -> None:
    head, _ = exchange(address, get(QUERY, b"x-large: " + b"a" * 60_000 + b"\r\n"))

    assert head.startswith(b"http/1.1 200")


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x00\xf8\x01\x00",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"x\r\n\r\n",
    ],
    ids=["TLS", "HTTP/2", "text"],
)
def test_what_is_no_http_is_refused(address: Address, garbage: bytes) -> None:
    head, body = exchange(address, garbage)

    assert refused(head, body) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("before", [b"", b"GET %b HTTP/1.1\r\nhost: a\r\n\r\n" % QUERY])
def test_body_that_is_no_body_is_refused(address: Address, before: bytes) -> None:
    chunked = b"POST /graphql HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n"

    head, body = exchange(address, before + chunked + JSON + b"\r\nZZ\r\n")

    if before:  # its response must not be another's
        assert head == body == b""
    else:
        assert refused(head, body) == (400, "BAD_REQUEST")


def test_headers_of_many_requests_are_not_added_up(address: Address) -> None:
    padding = b"a" * 3000
    request = b"GET %b HTTP/1.1\r\nhost: test\r\nx: %b\r\n\r\n" % (QUERY, padding)

    _, received = exchange(address, request * 150 + get(QUERY))

    assert received.count(b'{"data":{"role":"anonymous"}}') == 151


def test_body_may_take_longer_than_headers(address: Address) -> None:
    body = b'{"query": "{ role }"}'
    head = b"POST /graphql HTTP/1.1\r\nhost: test\r\nconnection: close\r\n" + JSON
    head += b"content-length: %d\r\n\r\n" % len(body)
    received = b""
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(head)
        connection.settimeout(2 * ImpatientProtocol.header_seconds)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(10)
        connection.sendall(body)
        while piece := connection.recv(65536):
            received += piece

    assert received.startswith(b"HTTP/1.1 200")

"""Bodies: which are read, how far, and what is said about the others."""

import gzip

import orjson
import pytest

from gql_app.http.endpoint import Options
from tests.http.small import (
    JSON,
    RESPONSE,
    SmallExecutor,
    application,
    chunk,
    client,
    post_scope,
    refusal,
    run_asgi,
)

ROLE = '{"query": "{ role }"}'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"null",
        b"1",
        b'""',
        b"true",
        b"NaN",
        b'{"query": NaN}',
        b'{"query": "{ role }", "variables": {"x": Infinity}}',
        b"9" * 5000,
        b'{"query": "{ role }", "variables": {"x": ' + b"9" * 5000 + b"}}",
        b"\xff\xfe",
        b'{"query": "\xff"}',
        b'{"query": "\\ud800"}',
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        b'{"query": "{ role }", "variables": ' + b'{"a":' * 5000 + b"1" + b"}" * 5001,
        b"{}",
        b'{"query": null}',
        b'{"query": 1}',
        b'{"query": ["{ role }"]}',
        b'{"query": "{ role }", "variables": []}',
        b'{"query": "{ role }", "variables": "{}"}',
        b'{"query": "{ role }", "extensions": 1}',
        b'{"query": "{ role }", "operationName": {}}',
        b'{"query": "{ role }", "documentId": 5}',
        b"[]",
        b'[{"query": "{ role }"}]',
        b"query={role}",
        b"{ role }",
        b'{"query": "{ role }"',
        b'{"query": "{ role }"}}',
        b"{'query': '{ role }'}",
    ],
    ids=lambda body: repr(body[:50]),
)
@pytest.mark.parametrize("headers", [JSON, RESPONSE], ids=["json", "response"])
def test_malformed_body_is_a_bad_request(body: bytes, headers: dict[str, str]) -> None:
    executor = SmallExecutor()

    response = client(executor).post("/graphql", content=body, headers=headers)

    assert refusal(response)[:2] == (400, "BAD_REQUEST")
    assert executor.requests == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The body is empty."),
        (b'{"query": "\xff"}', "The body is not UTF-8."),
        ("{}".encode("utf-16"), "The body is not UTF-8."),
        (b"{", "The body is not valid JSON: "),
    ],
)
def test_malformed_body_is_told_what_it_is(body: bytes, message: str) -> None:
    response = client().post("/graphql", content=body, headers=JSON)

    assert refusal(response)[2].startswith(message)


def test_batch_is_refused_by_its_name() -> None:
    response = client().post("/graphql", content=f"[{ROLE}]", headers=JSON)

    assert "Batching is not supported" in refusal(response)[2]


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "application/jsonx",
        "application/graphql",
        "application/json; charset=utf-16",
        "text/plain",
        "text/plain;charset=UTF-8",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ],
)
def test_other_content_type_is_unsupported(content_type: str | None) -> None:
    headers = {} if content_type is None else {"content-type": content_type}

    response = client().post("/graphql", content=ROLE, headers=headers)

    assert refusal(response)[:2] == (415, "BAD_REQUEST")


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, gzip", "unheard-of"])
def test_compressed_body_is_unsupported(encoding: str) -> None:
    response = client().post(
        "/graphql",
        content=gzip.compress(ROLE.encode()),
        headers={**JSON, "content-encoding": encoding},
    )

    assert refusal(response)[:2] == (415, "BAD_REQUEST")


def test_identity_is_no_compression() -> None:
    headers = {**JSON, "content-encoding": "Identity"}

    assert client().post("/graphql", content=ROLE, headers=headers).is_success


def test_body_may_be_as_large_as_the_limit() -> None:
    options = Options(body_bytes=100)
    body = ROLE.ljust(100)

    assert (
        client(options=options).post("/graphql", content=body, headers=JSON).is_success
    )
    response = client(options=options).post(
        "/graphql", content=body + " ", headers=JSON
    )

    assert refusal(response)[:2] == (413, "LIMIT_EXCEEDED")
    assert response.headers["connection"] == "close"


@pytest.mark.parametrize("length", [b"20000000", b"9" * 5000])
def test_client_that_asks_before_it_sends_too_much_is_told_no(length: bytes) -> None:
    messages = [chunk(ROLE.encode(), more=False)]
    headers = [(b"content-length", length), (b"expect", b"100-continue")]

    sent = run_asgi(application(), post_scope(*headers), messages)

    assert sent[0]["status"] == 413
    assert len(messages) == 1


def test_endless_body_is_not_read_for_ever() -> None:
    limit = 1_000
    app = application(options=Options(body_bytes=limit))
    messages = [chunk(b" " * limit, more=True) for _ in range(100)]

    sent = run_asgi(app, post_scope(), messages)

    assert sent[0]["status"] == 413
    assert len(messages) == 100 - 33


def test_body_in_chunks_is_put_together() -> None:
    messages = [chunk(bytes([byte]), more=True) for byte in ROLE.encode()]

    sent = run_asgi(application(), post_scope(), [*messages, chunk(b"", more=False)])

    assert orjson.loads(sent[1]["body"]) == {"data": {"role": "anonymous"}}


def test_stalled_body_times_out() -> None:
    app = application(options=Options(body_seconds=0.01))

    sent = run_asgi(app, post_scope(), [chunk(b"{", more=True)])

    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]


def test_client_that_is_gone_gets_no_answer() -> None:
    executor = SmallExecutor()
    messages = [chunk(b"{", more=True), {"type": "http.disconnect"}]

    assert run_asgi(application(executor), post_scope(), messages) == []
    assert executor.requests == []

"""Whatever is sent: an answer below 500, in JSON, with a message for each error."""

from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.http.small import application, run_asgi

APP = application()
SLOW_MACHINES = settings(max_examples=200, deadline=None)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
queries = st.sampled_from(
    [
        "{ role }",
        "{",
        "{ nope }",
        "mutation { count }",
        "query A { role } query B { role }",
        "query ($n: String) { hello(name: $n) }",
        "query ($a: Int!) { add(left: $a, right: 1) }",
        "fragment F on Query { role }",
        "\x00",
        "",
    ]
)
hashes = st.sampled_from(["", "a" * 64, "sha256:" + "a" * 64])
requests = st.fixed_dictionaries(
    {},
    optional={
        "query": queries | json_values,
        "variables": st.dictionaries(st.sampled_from(["n", "a"]), json_values)
        | json_values,
        "operationName": st.sampled_from(["A", ""]) | json_values,
        "extensions": st.fixed_dictionaries(
            {"persistedQuery": st.fixed_dictionaries({"version": json_values})}
        )
        | json_values,
        "documentId": hashes | json_values,
    },
)
encoded = (requests | json_values).map(orjson.dumps)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A request's JSON with a piece cut out and other bytes put there instead."""
    body = draw(encoded)
    start = draw(st.integers(0, len(body)))
    end = draw(st.integers(start, len(body)))
    return body[:start] + draw(st.binary(max_size=8)) + body[end:]


header_values = st.binary(max_size=40) | st.sampled_from(
    [
        b"application/json",
        b"application/json; charset=utf-8",
        b"application/json; charset=utf-16",
        b"application/graphql-response+json;q=0.5",
        b"text/html, */*;q=0.1",
        b"gzip",
        b"identity",
        b"99999999999999999999",
        b"-1",
    ]
)
header_names = st.sampled_from(
    [
        b"accept",
        b"content-type",
        b"content-encoding",
        b"content-length",
        b"if-none-match",
        b"sec-fetch-site",
        b"x-request-id",
        b"cookie",
    ]
)
headers = st.lists(st.tuples(header_names, header_values), max_size=4)


def answer(
    method: str, query_string: bytes, lines: list[tuple[bytes, bytes]], body: bytes
) -> tuple[int, Any]:
    """Status and decoded JSON of what must be one complete response."""
    scope = {
        "type": "http",
        "method": method,
        "path": "/graphql",
        "query_string": query_string,
        "headers": lines,
    }
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    start, end = run_asgi(APP, scope, messages)

    assert start["status"] < 500
    sent = dict(start["headers"])
    assert sent[b"content-type"].endswith(b"json; charset=utf-8")
    assert (start["status"] == 304) == (end["body"] == b"")
    return start["status"], orjson.loads(end["body"] or b'{"data": null}')


def assert_is_graphql_response(body: Any) -> None:
    assert isinstance(body, dict)
    assert "data" in body or body["errors"]
    assert all(error["message"] for error in body.get("errors", []))


@SLOW_MACHINES
@given(encoded | damaged() | st.binary(max_size=60))
def test_any_body_is_answered(body: bytes) -> None:
    status, found = answer("POST", b"", [(b"content-type", b"application/json")], body)

    assert status in (200, 400, 404)
    assert_is_graphql_response(found)


@SLOW_MACHINES
@given(
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "QUERY"]),
    st.binary(max_size=40) | st.just(b"query=%7Brole%7D"),
    headers,
    encoded,
)
def test_any_headers_and_url_are_answered(
    method: str, query_string: bytes, lines: list[tuple[bytes, bytes]], body: bytes
) -> None:
    _, found = answer(method, query_string, lines, body)

    assert_is_graphql_response(found)

"""Server-sent events, as graphql-sse has them with a connection for each operation."""

from typing import Any

import orjson
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from gql_app.http import event_stream
from gql_app.http.endpoint import GraphQLEndpoint
from tests.http.small import JSON, chunk, client, post_scope, run_asgi, viewer_by_header
from tests.http.streams import SmallStreams

EVENTS = {"accept": "text/event-stream"}
# As urql sends it, with everything.
ANY = (
    "application/graphql-response+json, application/graphql+json, application/json, "
    "text/event-stream, multipart/mixed"
)
TICKS = "subscription { ticks }"


def endpoint(streams: SmallStreams) -> GraphQLEndpoint:
    return GraphQLEndpoint(streams.executor, viewer=viewer_by_header, subscribe=streams)


def streaming(streams: SmallStreams) -> TestClient:
    return TestClient(Starlette(routes=[Route("/graphql", endpoint(streams))]))


def events(text: str) -> list[tuple[str, Any]]:
    """Each event's name and data, comments aside."""
    found = []
    for block in text.removesuffix("\n\n").split("\n\n"):
        fields = dict(line.split(":", 1) for line in block.split("\n"))
        if event := fields.get("event"):
            data = fields["data"].strip()
            found.append((event.strip(), orjson.loads(data) if data else None))
    return found


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_query_is_one_event_and_the_end(method: str) -> None:
    parameters = {"query": "{ role }"}
    given = {"json" if method == "POST" else "params": parameters}

    response = client().request(method, "/graphql", headers=EVENTS, **given)  # type: ignore[arg-type]  # by name

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert events(response.text) == [
        ("next", {"data": {"role": "anonymous"}}),
        ("complete", None),
    ]


@pytest.mark.parametrize("query", ["{", "{ unknown }"])
def test_what_is_wrong_with_the_operation_is_an_event(query: str) -> None:
    response = client().post("/graphql", headers=EVENTS, json={"query": query})

    (name, body), end = events(response.text)
    assert response.status_code == 200
    assert (name, end) == ("next", ("complete", None))
    assert body["errors"][0]["extensions"]["code"].startswith("GRAPHQL_")


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [("{", "application/json", 400), ("{}", "text/plain", 415)],
)
def test_request_that_is_none_is_refused_as_usual(
    content: str, content_type: str, status: int
) -> None:
    headers = {**EVENTS, "content-type": content_type}

    response = client().post("/graphql", headers=headers, content=content)

    assert response.status_code == status
    assert response.headers["content-type"] == "application/json; charset=utf-8"


def test_viewer_that_is_refused_has_no_stream() -> None:
    headers = {**EVENTS, "x-role": "UnauthenticatedError"}

    response = client().post("/graphql", headers=headers, json={"query": "{ role }"})

    assert response.status_code == 401


def test_mutation_by_get_is_no_exception() -> None:
    parameters = {"query": "mutation { count }"}

    response = client().get("/graphql", headers=EVENTS, params=parameters)

    ((_, body), _) = events(response.text)
    assert body["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("accept", ["text/event-stream", ANY])
def test_subscription_is_streamed_to_whoever_accepts_it(accept: str) -> None:
    streams = SmallStreams(most=2)

    response = streaming(streams).post(
        "/graphql", headers={"accept": accept}, json={"query": TICKS}
    )

    assert events(response.text) == [
        ("next", {"data": {"ticks": 1}}),
        ("next", {"data": {"ticks": 2}}),
        ("complete", None),
    ]
    assert len(streams.ended) == 1


@pytest.mark.parametrize("accept", [ANY, "*/*", "text/*", "application/json"])
def test_query_is_streamed_only_to_who_likes_that_best(accept: str) -> None:
    response = client().post(
        "/graphql", headers={"accept": accept}, json={"query": "{ role }"}
    )

    streamed = response.headers["content-type"].startswith("text/event-stream")
    assert not streamed


@pytest.mark.parametrize("accept", ["text/*", "text/event-stream;q=0"])
def test_wildcard_is_no_wish_for_a_stream(accept: str) -> None:
    response = client().post(
        "/graphql", headers={"accept": accept}, json={"query": "{ role }"}
    )

    assert response.status_code == 406


def test_defect_is_an_event_that_tells_nothing() -> None:
    streams = SmallStreams()

    async def fail() -> None:
        raise LookupError("secret")

    streams.executor.before = fail
    response = streaming(streams).post(
        "/graphql", headers=EVENTS, json={"query": "{ role }"}
    )

    (_, body), end = events(response.text)
    assert body["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert "secret" not in response.text
    assert end == ("complete", None)


def test_client_that_leaves_ends_its_subscription() -> None:
    streams = SmallStreams()
    body = orjson.dumps({"query": TICKS})
    messages = [chunk(body, more=False), {"type": "http.disconnect"}]

    sent = run_asgi(
        endpoint(streams), post_scope((b"accept", b"text/event-stream")), messages
    )

    assert len(streams.ended) == 1
    assert b"complete" not in sent[-1]["body"]


def test_client_that_leaves_does_not_stop_its_mutation() -> None:
    streams = SmallStreams()
    body = orjson.dumps({"query": "mutation { count }"})
    messages = [chunk(body, more=False), {"type": "http.disconnect"}]

    run_asgi(endpoint(streams), post_scope((b"accept", b"text/event-stream")), messages)

    assert streams.executor.count == 1


def test_silence_is_broken_by_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "_SILENCE", 0.0001)

    response = streaming(SmallStreams(most=3)).post(
        "/graphql", headers={**JSON, **EVENTS}, json={"query": TICKS}
    )

    assert response.text.count(":\n\n") > 2
    assert len(events(response.text)) == 4

"""Spans, as a provider of OpenTelemetry sees them."""

from time import time_ns
from typing import Any

import pytest
from opentelemetry import context, trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, StatusCode, TraceFlags
from starlette.testclient import TestClient

from gql_app.app import create_app
from gql_app.observability import traces
from gql_app.settings import Settings
from tests.observability.samples import observation


class Span(NonRecordingSpan):
    """A span that remembers; the SDK is not among what we depend on."""

    def __init__(self, name: str, parent: Any, started: int, attributes: Any) -> None:
        super().__init__(SpanContext(1, id(self), False, TraceFlags(1)))
        self.name = name
        self.parent = parent
        self.started = started
        self.attributes = attributes
        self.ended = 0
        self.failed = False

    def set_status(self, status: Any, description: str | None = None) -> None:
        self.failed = status.status_code is StatusCode.ERROR

    def end(self, end_time: int | None = None) -> None:
        self.ended = end_time or time_ns()


class Tracer(trace.NoOpTracer):
    def __init__(self) -> None:
        self.spans: list[Span] = []

    def start_span(
        self,
        name: str,
        context: context.Context | None = None,
        kind: trace.SpanKind = trace.SpanKind.INTERNAL,
        attributes: Any = None,
        links: Any = None,
        start_time: int | None = None,
        record_exception: bool = True,
        set_status_on_exception: bool = True,
    ) -> Span:
        parent = trace.get_current_span(context)
        span = Span(name, parent, start_time or time_ns(), attributes)
        self.spans.append(span)
        return span


class Provider(trace.TracerProvider):
    def __init__(self) -> None:
        self.tracer = Tracer()

    def get_tracer(self, *_: Any, **__: Any) -> Tracer:
        return self.tracer


@pytest.fixture
def tracer(monkeypatch: pytest.MonkeyPatch) -> Tracer:
    """The tracer of a process that has a provider."""
    provider = Provider()
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    return provider.tracer


def test_nothing_is_configured_until_there_is_a_provider() -> None:
    assert not traces.is_configured()


def test_operation_and_its_statements_have_spans(tracer: Tracer) -> None:
    assert traces.is_configured()

    traces.trace_operations("sqlite")(observation())
    operation, statement = tracer.spans

    assert operation.name == "query Feed"
    assert operation.ended - operation.started == 200_000_000
    assert statement.started - operation.started == 50_000_000
    assert operation.attributes["graphql.document.hash"] == "0" * 64
    assert not operation.failed
    assert statement.parent is operation
    assert statement.name == "posts"
    assert statement.ended - statement.started == 125_000_000
    assert statement.attributes == {
        "db.system.name": "sqlite",
        "db.query.text": "SELECT id FROM post",
        "db.response.returned_rows": 20,
    }


def test_only_faults_of_ours_are_errors(tracer: Tracer) -> None:
    observe = traces.trace_operations("sqlite")

    observe(observation("Feed", "FORBIDDEN"))
    observe(observation("Feed", "TIMEOUT"))

    operations = [span for span in tracer.spans if span.name == "query Feed"]
    assert [span.failed for span in operations] == [False, True]


@pytest.mark.parametrize("plans", [True, False])
def test_statements_follow_each_other_within_the_operation(
    tracer: Tracer, migrated_url: str, plans: bool
) -> None:
    settings = Settings(database_url=migrated_url, plans=plans)
    began = time_ns()

    with TestClient(create_app(settings)) as client:
        query = "query Two { posts { nodes { title } } users { totalCount } }"
        client.post("/graphql", json={"query": query})
    request, operation, first, second = tracer.spans

    moments = [
        began,
        request.started,
        operation.started,
        first.started,
        first.ended,
        second.started,
        second.ended,
        operation.ended,
        request.ended,
    ]
    assert moments == sorted(moments)
    assert operation.name == "query Two"
    assert operation.parent is request
    assert first.parent is second.parent is operation
    assert first.attributes["db.system.name"] in migrated_url

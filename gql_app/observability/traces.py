"""Traces: a span for each operation and each of its statements, with OpenTelemetry.

Nothing is made unless the process has a tracer provider: from opentelemetry-instrument,
or from FastAPI with FASTAPI_OTEL_AUTO_CONFIGURE, whose request span becomes the parent.
"""

import time

from opentelemetry import trace
from opentelemetry.trace import Status, StatusCode, Tracer

from gql_app.observability.observing import Observation, Observer, Outcome

_UNCONFIGURED = (trace.ProxyTracerProvider, trace.NoOpTracerProvider)


def is_configured() -> bool:
    """Whether somebody wants spans."""
    return not isinstance(trace.get_tracer_provider(), _UNCONFIGURED)


def trace_operations() -> Observer:
    """An observer that makes the spans."""
    tracer = trace.get_tracer("gql_app")

    def observe(seen: Observation) -> None:
        _record(tracer, seen, time.time_ns())

    return observe


def _record(tracer: Tracer, seen: Observation, ended: int) -> None:
    started = ended - int(seen.seconds * 1e9)
    kind, name, digest = seen.operation
    span = tracer.start_span(
        f"{kind} {name}".strip() or "GraphQL",
        start_time=started,
        attributes={
            "graphql.operation.type": kind,
            "graphql.operation.name": name,
            "graphql.document.hash": digest,
            "graphql.outcome": seen.outcome.value,
            "graphql.errors": list(seen.result.codes),
            "graphql.rows": seen.rows,
        },
    )
    if seen.outcome is Outcome.FAILED:
        span.set_status(Status(StatusCode.ERROR))
    parent = trace.set_span_in_context(span)
    # One at a time, in this order; what was between them was not measured.
    for statement in seen.result.statements:
        one = tracer.start_span(
            statement.path or "statement",
            context=parent,
            kind=trace.SpanKind.CLIENT,
            start_time=started,
            attributes={
                "db.query.text": statement.sql,
                "db.response.returned_rows": statement.rows,
            },
        )
        started += int(statement.seconds * 1e9)
        one.end(started)
    span.end(ended)

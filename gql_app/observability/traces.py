"""Traces: a span for each operation and each of its statements, with OpenTelemetry.

Nothing is made unless the process has a tracer provider: from opentelemetry-instrument,
or from FastAPI with FASTAPI_OTEL_AUTO_CONFIGURE, whose request span becomes the parent.
"""

import time
from collections.abc import Callable

from opentelemetry import trace
from opentelemetry.trace import Status, StatusCode, Tracer

from gql_app.engine.reading import Execution
from gql_app.observability.observing import Observation, Observer, Outcome

_UNCONFIGURED = (trace.ProxyTracerProvider, trace.NoOpTracerProvider)

_Clock = Callable[[float], int]
"""From what `perf_counter` said to nanoseconds of Unix time."""


def is_configured() -> bool:
    """Whether somebody wants spans."""
    return not isinstance(trace.get_tracer_provider(), _UNCONFIGURED)


def trace_operations(system: str) -> Observer:
    """An observer that makes the spans; `system` is what OpenTelemetry calls the
    database: "postgresql" or "sqlite"."""
    tracer = trace.get_tracer("gql_app")

    def observe(seen: Observation) -> None:
        # Read anew for each operation: the system's time is set right now and then.
        ahead = time.time_ns() - time.perf_counter_ns()
        _record(tracer, seen, system, lambda at: int(at * 1e9) + ahead)

    return observe


def _record(tracer: Tracer, seen: Observation, system: str, clock: _Clock) -> None:
    kind, name, digest = seen.operation
    span = tracer.start_span(
        f"{kind} {name}".strip() or "GraphQL",
        start_time=clock(seen.started),
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
    within = trace.set_span_in_context(span)
    for statement in seen.result.statements:
        one = tracer.start_span(
            statement.path or "statement",
            context=within,
            kind=trace.SpanKind.CLIENT,
            start_time=clock(statement.started),
            attributes=_attributes(statement, system),
        )
        one.end(clock(statement.started + statement.seconds))
    span.end(clock(seen.started + seen.seconds))


def _attributes(statement: Execution, system: str) -> dict[str, str | int]:
    return {
        "db.system.name": system,
        "db.query.text": statement.sql,
        "db.response.returned_rows": statement.rows,
    }

"""Metrics: what Prometheus asks for at /metrics.

Operations are counted here in plain numbers and put into Prometheus's forms when it
asks: the event loop alone writes and reads them, so that no locks are needed.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Protocol

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gql_app.observability.observing import Observation

# From a look-up by key to what is about to be stopped.
_MILLISECONDS = (1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000)
_BOUNDS = tuple(bound / 1000 for bound in _MILLISECONDS)
_EDGES = [*map(str, _BOUNDS), "+Inf"]
OTHER = "(other)"
"""The name of operations beyond the first so many: whoever may send any operation can
make up names without end."""


class Lane(Protocol):
    """Database connections, as the engine lends them to operations."""

    size: int
    busy: int
    waiting: int


_LANES: tuple[tuple[str, str, Callable[[Lane], int]], ...] = (
    (
        "graphql_connections_max",
        "Database connections for operations.",
        lambda lane: lane.size,
    ),
    (
        "graphql_connections_busy",
        "Database connections that operations have at the moment.",
        lambda lane: lane.busy,
    ),
    (
        "graphql_operations_waiting",
        "Operations that wait for a database connection.",
        lambda lane: lane.waiting,
    ),
)


@dataclass(slots=True)
class _Series:
    """The operations of one kind, name and outcome."""

    durations: list[int] = field(default_factory=lambda: [0] * len(_EDGES))
    seconds: float = 0.0
    statements: int = 0
    statement_seconds: float = 0.0
    rows: int = 0


class Metrics(Collector):
    """Counts operations, as an observer; all else is asked for when Prometheus asks."""

    def __init__(
        self,
        *,
        plans: Callable[[], Mapping[str, int]],
        comparisons: Callable[[], Mapping[str, int]],
        running: Callable[[], int],
        lanes: Mapping[str, Lane],
        names: int = 200,
    ) -> None:
        self._plans = plans
        self._comparisons = comparisons
        self._running = running
        self._lanes = lanes
        self._room = names
        self._names: set[tuple[str, str]] = set()
        self._series: dict[tuple[str, str, str], _Series] = {}
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def observe(self, seen: Observation) -> None:
        """Count an operation."""
        kind, name, _ = seen.operation
        if (kind, name) not in self._names:
            name = self._admitted(kind, name)
        key = kind, name, seen.outcome.value
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = _Series()
        seconds = seen.seconds
        series.durations[bisect_left(_BOUNDS, seconds)] += 1
        series.seconds += seconds
        series.statements += len(seen.result.statements)
        series.statement_seconds += seen.statement_seconds
        series.rows += seen.rows

    def routes(self) -> list[Route]:
        """The route that Prometheus asks."""

        async def metrics(_request: Request) -> Response:
            return Response(
                generate_latest(self._registry),
                headers={"cache-control": "no-store"},
                media_type=CONTENT_TYPE_LATEST,
            )

        return [Route("/metrics", metrics)]

    def collect(self) -> Iterator[Metric]:
        """Everything in Prometheus's forms."""
        yield from self._operations()
        yield _results(
            "graphql_plans",
            "Queries answered by a plan, without one, or after one gave up.",
            self._plans(),
        )
        yield _results(
            "graphql_plans_compared",
            "Plans' responses that were compared with those of the ordinary path.",
            self._comparisons(),
        )
        yield GaugeMetricFamily(
            "graphql_operations_running",
            "Operations that run or wait for a database connection.",
            value=self._running(),
        )
        yield from self._connections()

    def _admitted(self, kind: str, name: str) -> str:
        if self._room == 0:
            return OTHER
        self._room -= 1
        self._names.add((kind, name))
        return name

    def _connections(self) -> Iterator[Metric]:
        for name, description, number in _LANES:
            gauge = GaugeMetricFamily(name, description, labels=["lane"])
            for lane, connections in self._lanes.items():
                gauge.add_metric([lane], number(connections))
            yield gauge

    def _operations(self) -> Iterator[Metric]:
        labels = ["kind", "name", "outcome"]
        durations = HistogramMetricFamily(
            "graphql_operation_duration_seconds",
            "From a request that was read to its response.",
            labels=labels,
        )
        counters = {
            "statements": CounterMetricFamily(
                "graphql_statements", "SQL statements run.", labels=labels
            ),
            "statement_seconds": CounterMetricFamily(
                "graphql_statement_seconds",
                "Time spent waiting for the database.",
                labels=labels,
            ),
            "rows": CounterMetricFamily(
                "graphql_rows", "Rows that statements gave.", labels=labels
            ),
        }
        for key, series in self._series.items():
            counts = zip(_EDGES, accumulate(series.durations), strict=True)
            durations.add_metric(key, list(counts), series.seconds)
            for name, counter in counters.items():
                counter.add_metric(key, getattr(series, name))
        yield durations
        yield from counters.values()


def _results(name: str, description: str, counts: Mapping[str, int]) -> Metric:
    counter = CounterMetricFamily(name, description, labels=["result"])
    for result, count in counts.items():
        counter.add_metric([result], count)
    return counter

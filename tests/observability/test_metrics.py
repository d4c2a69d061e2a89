"""Metrics, as Prometheus reads them."""

from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.testclient import TestClient

from gql_app.observability.metrics import OTHER, Metrics
from tests.observability.samples import observation

Samples = dict[tuple[str, ...], float]


@dataclass
class Connections:
    size: int
    busy: int
    waiting: int


def samples(metrics: Metrics) -> Samples:
    """What /metrics says, by name and the values of labels in their names' order."""
    response = TestClient(Starlette(routes=metrics.routes())).get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=")
    return {
        (
            sample.name,
            *(value for _, value in sorted(sample.labels.items())),
        ): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def fresh(*, names: int = 200) -> Metrics:
    plans = {"planned": 3, "bailed": 1}
    lanes = {"read": Connections(4, 3, 0), "write": Connections(1, 1, 7)}
    return Metrics(
        plans=lambda: plans,
        comparisons=lambda: {"different": 1},
        running=lambda: 2,
        lanes=lanes,
        names=names,
    )


def test_operations_are_counted_by_kind_name_and_outcome() -> None:
    metrics = fresh()

    for seconds in (0.001, 0.002, 0.2, 60):
        metrics.observe(observation(seconds=seconds))
    metrics.observe(observation("Feed", "FORBIDDEN"))
    found = samples(metrics)

    feed = ("query", "Feed", "ok")
    duration = "graphql_operation_duration_seconds"
    counts = {
        labels[2]: value
        for labels, value in found.items()
        if labels[0] == f"{duration}_bucket" and labels[-1] == "ok"
    }
    assert counts["0.001"] == 1
    assert counts["0.0025"] == counts["0.1"] == 2
    assert counts["0.25"] == counts["10.0"] == 3
    assert counts["+Inf"] == found[(f"{duration}_count", *feed)] == 4
    assert found[(f"{duration}_sum", *feed)] == 60.203
    assert found[("graphql_statements_total", *feed)] == 4
    assert found[("graphql_statement_seconds_total", *feed)] == 0.5
    assert found[("graphql_rows_total", *feed)] == 80
    assert found[(f"{duration}_count", "query", "Feed", "partial")] == 1


def test_names_without_end_are_counted_together() -> None:
    metrics = fresh(names=2)

    for name in ("A", "B", "C", "D", "A"):
        metrics.observe(observation(name))
    found = samples(metrics)

    counts = {
        labels[2]: value
        for labels, value in found.items()
        if labels[0] == "graphql_operation_duration_seconds_count"
    }
    assert counts == {"A": 2, "B": 1, OTHER: 2}


def test_plans_and_what_runs_are_asked_for() -> None:
    found = samples(fresh())

    assert found[("graphql_plans_total", "planned")] == 3
    assert found[("graphql_plans_total", "bailed")] == 1
    assert found[("graphql_plans_compared_total", "different")] == 1
    assert found[("graphql_operations_running",)] == 2
    assert found[("process_start_time_seconds",)] > 0


def test_connections_are_told_by_lane() -> None:
    found = samples(fresh())

    assert found[("graphql_connections_max", "read")] == 4
    assert found[("graphql_connections_busy", "read")] == 3
    assert found[("graphql_operations_waiting", "read")] == 0
    assert found[("graphql_connections_max", "write")] == 1
    assert found[("graphql_connections_busy", "write")] == 1
    assert found[("graphql_operations_waiting", "write")] == 7

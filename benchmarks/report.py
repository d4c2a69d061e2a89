"""Report: the measurements as Markdown tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

BASELINE = "PostGraphile"


@dataclass(frozen=True)
class Measurement:
    """One workload on one system with that many connections, per request: CPU and
    latencies in milliseconds. `statements` is None where they could not be counted."""

    workload: str
    system: str
    connections: int
    rate: float
    p50: float
    p99: float
    server_cpu: float
    database_cpu: float
    statements: int | None
    size: int

    @property
    def cpu(self) -> float:
        return self.server_cpu + self.database_cpu


HEADER = (
    "system",
    "connections",
    "requests/s",
    "p50 ms",
    "p99 ms",
    "server CPU ms",
    "database CPU ms",
    "statements",
    "bytes",
    "server CPU, times faster",
    "all CPU, times faster",
)


def table(measurements: Sequence[Measurement]) -> str:
    """The measurements of one workload; how much faster is relative to PostGraphile
    with as many connections."""
    rows = [
        (*_cells(one), *_ratios(one, _baseline(one, measurements)))
        for one in measurements
    ]
    return _markdown(HEADER, rows)


def summary(measurements: Sequence[Measurement], connections: int) -> str:
    """For each system how many times less CPU it takes than PostGraphile: the server's,
    and with the database's."""
    chosen = [one for one in measurements if one.connections == connections]
    workloads = dict.fromkeys(one.workload for one in chosen)
    systems = dict.fromkeys(one.system for one in chosen)
    found = {
        (one.workload, one.system): " / ".join(_ratios(one, _baseline(one, chosen)))
        for one in chosen
    }
    rows = [
        (system, *(found.get((workload, system), "") for workload in workloads))
        for system in systems
    ]
    return _markdown(("system", *workloads), rows)


def _baseline(
    measurement: Measurement, among: Iterable[Measurement]
) -> Measurement | None:
    for one in among:
        same_load = one.connections == measurement.connections
        if (
            one.system == BASELINE
            and same_load
            and one.workload == measurement.workload
        ):
            return one
    return None


def _cells(one: Measurement) -> tuple[str, ...]:
    return (
        one.system,
        str(one.connections),
        f"{one.rate:.0f}",
        f"{one.p50:.2f}",
        f"{one.p99:.2f}",
        f"{one.server_cpu:.3f}",
        f"{one.database_cpu:.3f}",
        "" if one.statements is None else str(one.statements),
        str(one.size),
    )


def _ratios(one: Measurement, baseline: Measurement | None) -> tuple[str, str]:
    if baseline is None:
        return "", ""
    return (
        f"{baseline.server_cpu / one.server_cpu:.2f}",
        f"{baseline.cpu / one.cpu:.2f}",
    )


def _markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table that is aligned as text too."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    line = [f"{'-' * (width - 1)}:" for width in widths]
    line[0] = "-" * widths[0]
    aligned = [
        [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]
        for row in (header, *rows)
    ]
    for row in aligned:
        row[0] = row[0].strip().ljust(widths[0])
    body = [aligned[0], line, *aligned[1:]]
    return "\n".join(f"| {' | '.join(row)} |" for row in body)

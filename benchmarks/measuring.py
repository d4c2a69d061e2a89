"""Measuring: one workload on one system, checked before it is timed."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks import load
from benchmarks.postgres import Postgres
from benchmarks.processes import milliseconds
from benchmarks.report import Measurement
from benchmarks.systems import System
from benchmarks.workloads import Workload

SLICE = 0.5
PATIENCE = 4


@dataclass(frozen=True)
class Duration:
    """How long a load runs, in seconds. Before it is measured, the server has to have
    worked for so much CPU time: a compiler in it learns by work, not by waiting."""

    warm_up: float
    measured: float


class Trial:
    """A workload on a system: its requests with their answers, which are right."""

    def __init__(self, workload: Workload, system: System, postgres: Postgres) -> None:
        self._workload, self._system, self._postgres = workload, system, postgres
        self._exchanges = workload.exchanges(system, postgres)
        self.statements: Sequence[str] = ()
        """What one request makes PostgreSQL do, after a run."""

    def run(self, connections: int, duration: Duration) -> Measurement:
        """Let that many connections ask for a while."""
        url, exchanges = self._system.url, self._exchanges
        earlier = self._warm_up(connections, duration.warm_up)
        before = self._system.cpu(), self._postgres.cpu()
        seen = load.measure(url, exchanges, connections, duration.measured)
        after = self._system.cpu(), self._postgres.cpu()
        server, database = map(milliseconds, before, after)
        self.statements = self._statements()
        self._workload.settle(earlier + seen.count + 1, self._postgres)
        return Measurement(
            workload=self._workload.name,
            system=self._system.name,
            connections=connections,
            rate=seen.rate,
            p50=seen.percentile(0.5) * 1000,
            p99=seen.percentile(0.99) * 1000,
            server_cpu=server / seen.count,
            database_cpu=database / seen.count,
            statements=len(self.statements) if self._postgres.logs else None,
            size=seen.received // seen.count,
        )

    def _warm_up(self, connections: int, seconds: float) -> int:
        """The number of requests that it took."""
        start, count = self._system.cpu(), 0
        for _ in range(int(PATIENCE * seconds / SLICE)):
            url, exchanges = self._system.url, self._exchanges
            count += load.measure(url, exchanges, connections, SLICE).count
            if milliseconds(start, self._system.cpu()) > seconds * 1000:
                break
        return count

    def _statements(self) -> Sequence[str]:
        with self._postgres.statements() as statements:
            load.ask(self._system.url, next(self._exchanges).request)
        return statements

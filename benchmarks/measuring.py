"""Measuring: one workload on one system, checked before it is timed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks import load
from benchmarks.load import Exchange
from benchmarks.postgres import BenchmarkError, Postgres
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
        self._operation = workload.operation(system.schema)
        self._exchanges = [self._checked(given) for given in workload.variables]
        self.statements: Sequence[str] = ()
        """What one request makes PostgreSQL do, after a run."""

    def run(self, connections: int, duration: Duration) -> Measurement:
        """Let that many connections ask for a while."""
        url, exchanges = self._system.url, self._exchanges
        self._warm_up(connections, duration.warm_up)
        before = self._system.cpu(), self._postgres.cpu()
        seen = load.measure(url, exchanges, connections, duration.measured)
        after = self._system.cpu(), self._postgres.cpu()
        server, database = map(milliseconds, before, after)
        self.statements = self._statements()
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

    def _warm_up(self, connections: int, seconds: float) -> None:
        start = self._system.cpu()
        for _ in range(int(PATIENCE * seconds / SLICE)):
            load.measure(self._system.url, self._exchanges, connections, SLICE)
            if milliseconds(start, self._system.cpu()) > seconds * 1000:
                return

    def _checked(self, variables: Mapping[str, Any]) -> Exchange:
        asked = self._following(variables) if self._workload.page_of else variables
        request = load.post(self._system.url, self._payload(asked))
        body = load.ask(self._system.url, request)
        self._workload.check(_data(body), variables, self._postgres)
        return Exchange(request, body)

    def _following(self, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        """The variables with the first page's cursor."""
        first = load.post(self._system.url, self._payload(variables))
        page = _data(load.ask(self._system.url, first))[self._workload.page_of]
        return {**variables, "after": page["pageInfo"]["endCursor"]}

    def _payload(self, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"query": self._operation, "variables": variables}

    def _statements(self) -> Sequence[str]:
        with self._postgres.statements() as statements:
            load.ask(self._system.url, self._exchanges[0].request)
        return statements


def _data(body: bytes) -> Mapping[str, Any]:
    answer = json.loads(body)
    if answer.get("errors"):
        raise BenchmarkError(f"An answer with errors: {body[:1000]!r}")
    data: Mapping[str, Any] = answer["data"]
    return data

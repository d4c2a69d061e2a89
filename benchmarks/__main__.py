"""The command: `python -m benchmarks` measures the workloads and prints tables."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Annotated

import typer

from benchmarks import report, soaking, systems
from benchmarks.measuring import Duration, Trial
from benchmarks.postgres import BenchmarkError, Postgres, dataset_server
from benchmarks.processes import memory_megabytes, starting_on
from benchmarks.report import Measurement
from benchmarks.systems import System, running
from benchmarks.workloads import READING, Workload
from benchmarks.writing import WRITING
from gql_app.testing.postgres import NoPostgresError

WORKLOADS = (*READING, *WRITING)
NAMES = ", ".join(one.name for one in WORKLOADS)

Names = Annotated[str, typer.Option(help=f"Some of: {NAMES}.")]
Systems = Annotated[str, typer.Option(help="Some of those that this machine can run.")]
Connections = Annotated[str, typer.Option(help="How many at a time, by commas.")]
Seconds = Annotated[float, typer.Option(help="How long each load is measured.")]
WarmUp = Annotated[float, typer.Option(help="CPU seconds of the server before that.")]
Soak = Annotated[float, typer.Option(help="Instead: seconds of everything at once.")]
Sql = Annotated[bool, typer.Option("--sql", help="Print the statements as well.")]


def main(  # noqa: PLR0913 - the command's options
    workloads: Names = NAMES,
    on: Systems = "",
    connections: Connections = "1, 16",
    seconds: Seconds = 4.0,
    warm_up: WarmUp = 5.0,
    sql: Sql = False,
    soak: Soak = 0.0,
) -> None:
    """Measure this server, with and without plans, and PostGraphile if npm is there.

    With --soak: tell instead whether this server's memory grows.
    """
    chosen = [one for one in WORKLOADS if one.name in _split(workloads)]
    loads = [int(number) for number in _split(connections)]
    bench = Bench(chosen, loads, Duration(warm_up, seconds), sql)
    try:
        names = ["gql_app"] if soak else _available(_split(on))
        with dataset_server(bench.core) as postgres, ExitStack() as stack:
            started = [
                stack.enter_context(
                    running(name, systems.command(name, postgres.url), bench.core)
                )
                for name in names
            ]
            if not soak:
                bench.run(started, postgres)
            elif not bench.soak(started[0], postgres, soak):
                raise typer.Exit(1)
    except (BenchmarkError, NoPostgresError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


class Bench:
    """One run: every workload on every system side by side, and the tables."""

    def __init__(
        self,
        workloads: Sequence[Workload],
        loads: Sequence[int],
        duration: Duration,
        sql: bool,
    ) -> None:
        self._workloads, self._loads = workloads, loads
        self._duration, self._sql = duration, sql
        cores = sorted(os.sched_getaffinity(0))
        self.core, self._own = cores[0], cores[-1]

    def run(self, started: Sequence[System], postgres: Postgres) -> None:
        self._introduce(started, postgres)
        done: list[Measurement] = []
        with starting_on(self._own):
            for workload in self._workloads:
                typer.echo(f"\n## {workload.name}\n")
                measured = self._measure(workload, started, postgres)
                typer.echo(report.table(measured))
                done += measured
        for connections in self._loads:
            typer.echo(f"\n## Server CPU / all CPU, {connections} connections\n")
            typer.echo(report.summary(done, connections))
        typer.echo("\n## Start to first answer, memory after the run\n")
        for system in started:
            memory = memory_megabytes(system.pid)
            typer.echo(f"- {system.name}: {system.start:.1f} s, {memory:.0f} MB")

    def soak(self, system: System, postgres: Postgres, seconds: float) -> bool:
        """Whether the server's memory stays as it is."""
        self._introduce([system], postgres)
        with starting_on(self._own):
            return soaking.soak(system, postgres, seconds)

    def _introduce(self, started: Sequence[System], postgres: Postgres) -> None:
        versions = [f"{system.name} {system.version}" for system in started]
        typer.echo(f"{'; '.join(versions)}; PostgreSQL {postgres.version}")
        typer.echo(f"Servers and PostgreSQL on core {self.core}, load on {self._own}.")
        if self.core == self._own:
            typer.echo("Only one core: rates and latencies include the load itself.")

    def _measure(
        self, workload: Workload, started: Sequence[System], postgres: Postgres
    ) -> list[Measurement]:
        trials = [Trial(workload, system, postgres) for system in started]
        measured = [
            trial.run(connections, self._duration)
            for connections in self._loads
            for trial in trials
        ]
        if self._sql:
            for system, trial in zip(started, trials, strict=True):
                typer.echo("\n\n".join((f"{system.name}:", *trial.statements)) + "\n")
        return measured


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _available(wanted: Sequence[str]) -> Sequence[str]:
    available = systems.available()
    if unknown := set(wanted) - set(available):
        raise BenchmarkError(
            f"Can't run {', '.join(unknown)}; there is {', '.join(available)}."
        )
    return wanted or available


if __name__ == "__main__":
    typer.run(main)

"""PostgreSQL under measurement: its CPU time, and the statements it is sent."""

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any
from uuid import uuid4

import psycopg2
from sqlalchemy.engine import URL

from benchmarks import dataset, processes
from gql_app.migrations import migrate
from gql_app.testing.postgres import postgres_server

VARIABLE = "BENCHMARK_DATABASE_URL"
# As in production, where it matters: what is committed is on the disk.
OPTIONS = (
    "-c listen_addresses= -c max_connections=100 -c shared_buffers=256MB"
    " -c effective_cache_size=1GB -c random_page_cost=1.1 -c work_mem=16MB"
    " -c autovacuum=off"  # the dataset is vacuumed once, and not in the middle of a run
    " -c logging_collector=on -c log_destination=jsonlog"
)
PATIENCE = 10.0
TRANSACTION = ("BEGIN", "COMMIT", "ROLLBACK", "START TRANSACTION")


class BenchmarkError(Exception):
    """Nothing can be measured; the message says why."""


class Postgres:
    """A server with the dataset in a database of its own."""

    def __init__(self, url: URL) -> None:
        self.url = url.set(drivername="postgresql").render_as_string(False)
        self.connection = psycopg2.connect(self.url)
        self.connection.autocommit = True
        self._server = self._processes_parent()
        self.version = str(self.value("SHOW server_version")).split()[0]
        self.logs = bool(self.value("SELECT pg_current_logfile('jsonlog')"))

    def value(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> Any:
        """The one value that a query of ours gives."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql, values)
            row = cursor.fetchone()
            assert row is not None
            return row[0]

    def execute(self, sql: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)

    def pin(self, core: int) -> None:
        """All that the server runs, and what it will run, on one core."""
        try:
            for pid in self._processes():
                processes.pin(pid, core)
        except PermissionError:
            raise BenchmarkError(
                f"The server of {VARIABLE} belongs to another user: it can't be pinned."
            ) from None

    def cpu(self) -> processes.Cpu:
        return processes.cpu(self._processes())

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """Fills the list with what others send meanwhile, without the bare beginnings
        and ends of transactions. Stays empty unless the server `logs` as JSON."""
        found: list[str] = []
        if not self.logs:
            yield found
            return
        self.execute("ALTER SYSTEM SET log_statement = 'all'")
        self.execute("SELECT pg_reload_conf()")
        try:
            start = self._marked()
            yield found
            entries = self._entries(start, self._marked())
        finally:
            self.execute("ALTER SYSTEM RESET log_statement")
            self.execute("SELECT pg_reload_conf()")
        found += [sql for sql in map(_statement, entries) if sql]

    def _marked(self) -> str:
        """A text that the log holds behind everything which was logged before."""
        mark, until = f"mark {uuid4()}", time.monotonic() + PATIENCE
        while mark not in self._log():
            if time.monotonic() > until:
                raise BenchmarkError("PostgreSQL does not log statements.")
            self.execute(f"SELECT '{mark}'")
            time.sleep(0.1)
        return mark

    def _log(self) -> str:
        return str(self.value("SELECT pg_read_file(pg_current_logfile('jsonlog'))"))

    def _entries(self, start: str, end: str) -> list[dict[str, Any]]:
        own = self.connection.info.backend_pid
        lines = self._log().rpartition(start)[2].partition(end)[0].splitlines()[1:-1]
        return [entry for line in lines if (entry := json.loads(line))["pid"] != own]

    def _processes_parent(self) -> int:
        pid = self.connection.info.backend_pid
        try:
            command = (processes.PROC / str(pid) / "comm").read_text()
            if command.startswith("postgres"):
                return processes.parent(pid)
        except FileNotFoundError:
            pass
        raise BenchmarkError(f"The server of {VARIABLE} must run on this machine.")

    def _processes(self) -> list[int]:
        return [self._server, *processes.children(self._server)]


def _statement(entry: dict[str, Any]) -> str | None:
    """What was executed, simply or with parameters on their own."""
    kind, colon, sql = str(entry["message"]).partition(": ")
    if not colon or (kind != "statement" and not kind.startswith("execute ")):
        return None
    bare = sql.strip().rstrip(";")
    return None if bare.upper().startswith(TRANSACTION) and ";" not in bare else bare


@contextmanager
def dataset_server(core: int) -> Iterator[Postgres]:
    """A server of our own, or a new database on that of BENCHMARK_DATABASE_URL."""
    with processes.starting_on(core), postgres_server(VARIABLE, OPTIONS) as server:
        url = server.create_database()
        try:
            migrate(url.render_as_string(hide_password=False))
            postgres = Postgres(url)
            with closing(postgres.connection):
                dataset.fill(postgres.connection)
                if VARIABLE in os.environ:
                    postgres.pin(core)
                yield postgres
        finally:
            server.drop_database(url)

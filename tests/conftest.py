"""Databases for the tests: each test gets its own, on SQLite and on PostgreSQL."""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from gql_app.migrations import migrate
from tests.postgres import NoPostgresError, PostgresServer, postgres_server


def pytest_configure() -> None:
    """Being terminated ends the session in order: it stops the server it started."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server; without one, the whole run fails."""
    try:
        with postgres_server() as server:
            yield server
    except NoPostgresError as error:
        pytest.exit(str(error), returncode=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """The database system that the test runs on; every test runs on both."""
    return str(request.param)


@pytest.fixture
def database_url(dialect: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database of the test's own."""
    if dialect == "sqlite":
        yield f"sqlite:///{new_folder(request)}/test.sqlite3"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.create_database()
    yield url.render_as_string(hide_password=False)
    server.drop_database(url)


@pytest.fixture
def migrated_url(dialect: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of the test's own at the newest migration, without rows."""
    if dialect == "sqlite":
        file = new_folder(request) / "test.sqlite3"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), file)
        yield f"sqlite:///{file}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    template: str = request.getfixturevalue("migrated_postgres")
    url = server.create_database(template)
    yield url.render_as_string(hide_password=False)
    server.drop_database(url)


def new_folder(request: pytest.FixtureRequest) -> Path:
    factory: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    return factory.mktemp("database")


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "migrated.sqlite3"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres: PostgresServer) -> Iterator[str]:
    """The name of a migrated database, to be used as a template."""
    url = postgres.create_database()
    migrate(url.render_as_string(hide_password=False))
    assert url.database
    yield url.database
    postgres.drop_database(url)

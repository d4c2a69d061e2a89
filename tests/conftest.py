"""Databases for the tests: each test gets its own, on SQLite and on PostgreSQL."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from gql_app.migrations import migrate
from gql_app.settings import Settings
from gql_app.testing import CreateTables, Databases, PostgresServer

pytest_plugins = ["gql_app.testing.plugin", "pytester"]


def pytest_configure() -> None:
    """Being terminated ends the session in order: it stops the server it started."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def no_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests, and the processes that they start, see neither the settings of this shell
    nor the `.env` of this checkout: they run in an empty folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("empty"))
        for name in [*os.environ]:
            if name.lower() in Settings.model_fields:
                patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def gql_create_tables() -> CreateTables:
    return migrate


@pytest.fixture(params=["sqlite", "postgresql"])
def gql_dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def postgres(gql_databases: Databases) -> PostgresServer:
    """A PostgreSQL server; without one, the whole run fails."""
    return gql_databases.server


@pytest.fixture
def database_url(gql_databases: Databases, gql_dialect: str) -> Iterator[str]:
    """An empty database of the test's own."""
    with gql_databases.new(gql_dialect, empty=True) as url:
        yield url


@pytest.fixture
def migrated_url(gql_database_url: str) -> str:
    """A database of the test's own at the newest migration, without rows."""
    return gql_database_url


@pytest.fixture(scope="session")
def migrated_sqlite(gql_databases: Databases) -> Iterator[Path]:
    """A migrated file, to be copied."""
    with gql_databases.new("sqlite") as url:
        yield Path(str(make_url(url).database))

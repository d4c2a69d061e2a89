"""Fixtures: `pytest_plugins = ["gql_app.testing.plugin"]` in conftest.py, where
`gql_schema` must be given; any other one may be.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
import strawberry

from gql_app.engine import Database, Executor
from gql_app.testing.client import Client
from gql_app.testing.databases import CreateTables, Databases, create_all
from gql_app.testing.postgres import NoPostgresError, PostgresServer, postgres_server

_NO_SCHEMA = (
    "conftest.py must have a fixture `gql_schema` that gives build_schema(api)."
)


@pytest.fixture(scope="session")
def gql_schema() -> strawberry.Schema:
    """The schema to be tested; each project gives its own."""
    pytest.fail(_NO_SCHEMA, pytrace=False)


@pytest.fixture(scope="session")
def gql_create_tables() -> CreateTables:
    """How an empty database gets its tables: called once for each dialect."""
    return create_all


@pytest.fixture
def gql_dialect() -> str:
    """The database system that the test runs on. With `params=["sqlite", "postgresql"]`
    each test runs on both."""
    return "sqlite"


@pytest.fixture(scope="session")
def gql_databases(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    gql_create_tables: CreateTables,
) -> Iterator[Databases]:
    """Makes databases: for fixtures that live longer than a test."""
    server = partial(_server, request.session)
    databases = Databases(tmp_path_factory.mktemp("db"), gql_create_tables, server)
    yield databases
    databases.close()


@contextmanager
def _server(session: pytest.Session) -> Iterator[PostgresServer]:
    """That of TEST_DATABASE_URL, or a throw-away one; without, the whole run fails."""
    try:
        with postgres_server() as server:
            yield server
    except NoPostgresError as error:
        session.shouldfail = str(error)  # which ends a run in several processes, too
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def gql_database_url(gql_databases: Databases, gql_dialect: str) -> Iterator[str]:
    """A database of the test's own, with tables and without rows."""
    with gql_databases.new(gql_dialect) as url:
        yield url


@pytest.fixture
def gql_database(gql_database_url: str) -> Iterator[Database]:
    """The same, opened."""
    database = Database(gql_database_url)
    yield database
    database.close()


@pytest.fixture
def gql_executor(gql_schema: strawberry.Schema, gql_database: Database) -> Executor:
    """What answers: the schema on the database."""
    return Executor(gql_schema, gql_database, masked=False)


@pytest.fixture
def gql(gql_executor: Executor) -> Client:
    """Asks the API as any viewer."""
    return Client(gql_executor)

"""A migrated database for each test of the domain, and GraphQL to ask it with."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any, Protocol

import pytest
from sqlalchemy import Engine
from strawberry import Schema

from gql_app.app import create_schema
from gql_app.engine.database import Database
from gql_app.engine.execution import Executor
from gql_app.engine.policy import ANONYMOUS, Viewer
from gql_app.engine.responses import Request
from gql_app.engine.schema import build_schema
from gql_app.publishing import api
from gql_app.publishing.seed import seed
from gql_app.testing import Client


class Ask(Protocol):
    """Runs a query and returns its data."""

    def __call__(self, query: str, viewer: Viewer = ANONYMOUS) -> Any: ...


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    database = Database(migrated_url)
    yield database
    database.close()


@pytest.fixture
def engine(database: Database) -> Engine:
    return database.engine


@pytest.fixture(scope="session")
def schema() -> Schema:
    return build_schema(api)


@pytest.fixture(scope="session")
def whole_schema() -> Schema:
    """With the hand-written parts."""
    return create_schema()


@pytest.fixture
def client(database: Database, whole_schema: Schema) -> Client:
    return Client(Executor(whole_schema, database, masked=False))


@pytest.fixture
def ask(database: Database, schema: Schema) -> Ask:
    executor = Executor(schema, database, masked=False)

    def ask(query: str, viewer: Viewer = ANONYMOUS) -> Any:
        result = asyncio.run(executor.execute(Request(query), viewer))
        answer = json.loads(result.body)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    return ask


@pytest.fixture
def seeded_ask(engine: Engine, ask: Ask) -> Ask:
    seed(engine)
    return ask

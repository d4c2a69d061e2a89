"""The world on both databases, and GraphQL to ask it with as several viewers."""

import asyncio
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from strawberry import Schema

from gql_app.app import create_schema
from gql_app.engine import Database, Executor, Request
from tests.permissions.world import VIEWERS, World, create_world
from tests.postgres import PostgresServer


class Call(NamedTuple):
    """An operation."""

    query: str
    variables: dict[str, Any] = {}  # noqa: RUF012  # never changed


class Asker:
    """Asks one world, as viewers by their names. Errors are never masked."""

    def __init__(self, schema: Schema, world: World, *, plans: bool = True) -> None:
        self.world = world
        self._executor = Executor(schema, world.database, plans=plans, masked=False)

    def answers(self, viewer: str, calls: Sequence[Call]) -> list[Any]:
        """The whole response to each operation, one after the other."""
        return asyncio.run(self._answers(viewer, calls))

    async def _answers(self, viewer: str, calls: Sequence[Call]) -> list[Any]:
        asked = VIEWERS[viewer]
        results = [
            await self._executor.execute(Request(query, None, variables), asked)
            for query, variables in calls
        ]
        return [json.loads(result.body) for result in results]

    def data(self, viewer: str, calls: Sequence[Call]) -> list[Any]:
        """The only field of each response without errors."""
        found = []
        for answer in self.answers(viewer, calls):
            assert "errors" not in answer, answer["errors"]
            (value,) = answer["data"].values()
            found.append(value)
        return found


@contextmanager
def new_world(dialect: str, request: pytest.FixtureRequest) -> Iterator[World]:
    """A world of its own in a migrated database."""
    if dialect == "sqlite":
        factory: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
        file = factory.mktemp("world") / "test.sqlite3"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), file)
        database = Database(f"sqlite:///{file}")
        yield create_world(database)
        database.close()
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.create_database(request.getfixturevalue("migrated_postgres"))
    database = Database(url.render_as_string(hide_password=False))
    yield create_world(database)
    database.close()
    server.drop_database(url)


@pytest.fixture(scope="session")
def schema() -> Schema:
    return create_schema()


@pytest.fixture(scope="package", params=["sqlite", "postgresql"])
def asker(request: pytest.FixtureRequest, schema: Schema) -> Iterator[Asker]:
    """Asks a world that nobody changes: by compiled plans, or without them."""
    with new_world(request.param, request) as world:
        yield Asker(schema, world, plans=request.param == "postgresql")


@pytest.fixture(params=["sqlite", "postgresql"])
def own_asker(request: pytest.FixtureRequest, schema: Schema) -> Iterator[Asker]:
    """Asks a world of the test's own."""
    with new_world(request.param, request) as world:
        yield Asker(schema, world)

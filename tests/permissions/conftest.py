"""The world on both databases, and GraphQL to ask it with as several viewers."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any, NamedTuple

import pytest
from strawberry import Schema

from gql_app.app import create_schema
from gql_app.engine import Database, Executor, Request
from gql_app.testing import Databases
from tests.permissions.world import VIEWERS, World, create_world


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
def new_world(databases: Databases, dialect: str) -> Iterator[World]:
    """A world of its own in a migrated database."""
    with databases.new(dialect) as url, closing(Database(url)) as database:
        yield create_world(database)


@pytest.fixture(scope="session")
def schema() -> Schema:
    return create_schema()


@pytest.fixture(scope="package", params=["sqlite", "postgresql"])
def asker(
    request: pytest.FixtureRequest, gql_databases: Databases, schema: Schema
) -> Iterator[Asker]:
    """Asks a world that nobody changes: by compiled plans, or without them."""
    with new_world(gql_databases, request.param) as world:
        yield Asker(schema, world, plans=request.param == "postgresql")


@pytest.fixture
def own_asker(
    gql_databases: Databases, gql_dialect: str, schema: Schema
) -> Iterator[Asker]:
    """Asks a world of the test's own."""
    with new_world(gql_databases, gql_dialect) as world:
        yield Asker(schema, world)

"""The shelf, filled, on both databases."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from strawberry import Schema

from gql_app.engine import Database, build_schema
from tests.testing.shelf import Base, fill, shelf


@pytest.fixture(scope="session")
def gql_schema() -> Schema:
    return build_schema(shelf())


@pytest.fixture
def gql_database(database_url: str) -> Iterator[Database]:
    with closing(Database(database_url)) as database:
        Base.metadata.create_all(database.engine)
        fill(database.engine)
        yield database

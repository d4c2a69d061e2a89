"""A magazine of the test's own, on both databases."""

from collections.abc import Iterator

import pytest

from gql_app.engine import Database
from tests.engine.graph import fill
from tests.writing.desk import Desk
from tests.writing.magazine import ROWS, magazine


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """With the magazine's tables, two authors and three labels."""
    database = Database(database_url)
    fill(database, ROWS)
    yield database
    database.close()


@pytest.fixture(params=[True, False], ids=["planned", "ordinary"])
def plans(request: pytest.FixtureRequest) -> bool:
    """Whether plans answer, or graphql-core field by field."""
    return bool(request.param)


@pytest.fixture
def desk(database: Database) -> Desk:
    """Asks the magazine."""
    return Desk(magazine(), database)

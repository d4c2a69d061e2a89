"""The tests' own tables, filled and served on both databases."""

from collections.abc import Iterator

import pytest
from sqlalchemy import make_url

from gql_app.engine import Database
from gql_app.testing import Databases
from tests.engine.graph import Graph, fill
from tests.engine.library_rows import library_rows
from tests.engine.models import library
from tests.engine.samples import Sample, sample_api, sample_rows
from tests.plan.staff import company
from tests.plan.staff_rows import staff_rows

# Nothing may depend on the time zone that a server happens to have.
ELSEWHERE = {"options": "-c timezone=Asia/Kathmandu"}


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def shared_database(
    request: pytest.FixtureRequest, gql_databases: Databases
) -> Iterator[Database]:
    """A database for all tests that only read, with every table of theirs."""
    with gql_databases.new(request.param, empty=True) as empty:
        url = make_url(empty)
        if request.param == "postgresql":
            url = url.update_query_dict(ELSEWHERE)
        database = Database(url.render_as_string(hide_password=False))
        fill(database, library_rows())
        fill(database, {Sample: sample_rows()})
        fill(database, staff_rows())
        yield database
        database.close()


@pytest.fixture(scope="session")
def graph(shared_database: Database) -> Graph:
    """The library, to be read only."""
    return Graph(library(), shared_database)


@pytest.fixture(scope="session")
def samples(shared_database: Database) -> Graph:
    """The samples of every scalar, to be read only."""
    return Graph(sample_api(), shared_database)


@pytest.fixture(scope="session")
def staff(shared_database: Database) -> Graph:
    """The company with columns that have readers, to be read only."""
    return Graph(company(), shared_database)


@pytest.fixture
def own_database(database_url: str) -> Iterator[Database]:
    """A database that the test may change."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def own_graph(own_database: Database) -> Graph:
    """The library in a database that the test may change."""
    fill(own_database, library_rows())
    return Graph(library(), own_database)

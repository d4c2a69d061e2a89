"""What the tests ask: the API, on a migrated database of each test's own."""

import pytest
from alembic import command
from alembic.config import Config
from gql_app.engine import Database
from gql_app.testing import CreateTables
from sqlalchemy import insert
from strawberry import Schema

from bookshop.models import Author, Book
from bookshop.schema import schema

pytest_plugins = ["gql_app.testing.plugin"]


def configuration(url: str) -> Config:
    """Alembic's, for the database at that URL."""
    config = Config(toml_file="pyproject.toml")
    config.attributes["url"] = url
    return config


@pytest.fixture(scope="session")
def gql_schema() -> Schema:
    return schema


@pytest.fixture(scope="session")
def gql_create_tables() -> CreateTables:
    return lambda url: command.upgrade(configuration(url), "head")


@pytest.fixture
def migrations(gql_database_url: str) -> Config:
    """Alembic's configuration, for the database of the test."""
    return configuration(gql_database_url)


@pytest.fixture
def books(gql_database: Database) -> None:
    """Two authors; of the books of one, one is published."""
    authors = [{"id": 1, "name": "Jane Austen"}, {"id": 2, "name": "Mary Shelley"}]
    novel = {"author_id": 1, "pages": 300}
    books = [
        {"id": 1, "title": "Emma", "published": True, **novel},
        {"id": 2, "title": "Sanditon", "published": False, **novel},
    ]
    with gql_database.engine.begin() as connection:
        connection.execute(insert(Author), authors)
        connection.execute(insert(Book), books)

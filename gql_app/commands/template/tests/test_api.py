"""What clients see."""

import pytest
from alembic import command
from alembic.config import Config
from gql_app.engine import Viewer
from gql_app.testing import Client, check_schema, walk

from bookshop.api import EDITOR
from bookshop.schema import schema

EDITING = Viewer(EDITOR)


@pytest.mark.usefixtures("books")
def test_list_of_authors_and_books_takes_two_statements(gql: Client) -> None:
    with gql.statements(2):
        found = gql.field("{ authors { nodes { name books { nodes { title } } } } }")

    assert found["nodes"] == [
        {"name": "Jane Austen", "books": {"nodes": [{"title": "Emma"}]}},
        {"name": "Mary Shelley", "books": {"nodes": []}},
    ]


@pytest.mark.usefixtures("books")
def test_editors_see_books_that_are_not_published(gql: Client) -> None:
    found = walk(gql, "{ books { nodes { title } } }", EDITING)

    assert found == [{"title": "Emma"}, {"title": "Sanditon"}]


def test_committed_schema_is_that_of_the_code() -> None:
    check_schema(schema, "schema.graphql")


def test_migrations_make_the_tables_of_the_models(migrations: Config) -> None:
    command.check(migrations)  # raises if there is a difference

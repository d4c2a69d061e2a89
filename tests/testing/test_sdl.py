"""The schema in its file, and ids of rows."""

from pathlib import Path

import pytest
from strawberry import Schema

from gql_app.testing import Client, check_schema, global_id
from tests.testing.shelf import READER, Shape


def test_file_with_the_schema_passes(gql_schema: Schema, tmp_path: Path) -> None:
    file = tmp_path / "schema.graphql"
    file.write_text(f"{gql_schema.as_str()}\n")

    check_schema(gql_schema, file)


def test_file_with_another_schema_fails(gql_schema: Schema, tmp_path: Path) -> None:
    file = tmp_path / "schema.graphql"
    file.write_text(gql_schema.as_str().replace("  year: Int\n", "  era: String\n", 1))

    with pytest.raises(AssertionError) as failed:
        check_schema(gql_schema, str(file))

    assert str(failed.value).startswith(f"{file} is not the schema of the code:\n")
    changed = [line for line in str(failed.value).splitlines() if line[1:3] == "  "]
    assert "-  era: String" in changed
    assert "+  year: Int" in changed


def test_missing_file_fails(gql_schema: Schema, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="is not the schema of the code"):
        check_schema(gql_schema, tmp_path / "schema.graphql")


def test_global_ids_are_those_of_rows(gql: Client) -> None:
    query = "query ($id: ID!) { node(id: $id) { __typename id } }"
    author, copy = global_id("Author", 2), global_id("Copy", 1, Shape.SOFT)

    assert gql.field(query, id=author) == {"__typename": "Author", "id": author}
    assert gql.field(query, READER, id=copy) == {"__typename": "Copy", "id": copy}

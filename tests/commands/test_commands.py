"""`gql-app documents` and `gql-app schema`, as their users call them."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gql_app.cli import app
from gql_app.http.documents import TrustedDocuments, hash_of

Invoke = Callable[..., Result]

TITLES = "query Titles { posts(first: 1) { nodes { title } } }"


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Run `gql-app` with arguments in a folder with `operations/titles.graphql`."""
    monkeypatch.chdir(tmp_path)
    Path("operations").mkdir()
    Path("operations", "titles.graphql").write_text(TITLES)

    def run(*arguments: str, **settings: str) -> Result:
        return CliRunner().invoke(app, arguments, env=settings)

    return run


def test_check_of_valid_documents_says_how_many(invoke: Invoke) -> None:
    result = invoke("documents", "check", "operations")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "1 operations are valid.\n"


def test_check_prints_each_problem_and_fails(invoke: Invoke) -> None:
    Path("operations", "bad.graphql").write_text("{\n  unknown\n}")

    result = invoke("documents", "check", "operations")

    assert result.exit_code == 1
    assert result.stdout.startswith("operations/bad.graphql:2:3: Cannot query field")
    assert result.stderr == "1 problems in operations.\n"


def test_check_knows_the_limits(invoke: Invoke) -> None:
    result = invoke("documents", "check", "operations", LIMIT_DEPTH="2")

    assert result.exit_code == 1
    assert result.stdout.startswith("operations/titles.graphql:1:1: ")


def test_missing_folder_is_misuse(invoke: Invoke) -> None:
    assert invoke("documents", "check", "nowhere").exit_code == 2


def test_add_writes_what_the_server_then_trusts(invoke: Invoke) -> None:
    first = invoke("documents", "add", "operations", "--to", "trusted")
    again = invoke("documents", "add", "operations", "--to", "trusted")

    digest = hash_of(TITLES)
    assert json.loads(first.stdout) == {f"sha256:{digest}": "Titles"}
    assert again.stdout == first.stdout
    trusted = TrustedDocuments.from_directory(Path("trusted"))
    assert len(trusted) == 1
    assert asyncio.run(trusted.get(digest)) == TITLES


def test_add_writes_nothing_if_one_is_invalid(invoke: Invoke) -> None:
    Path("operations", "bad.graphql").write_text("{ unknown }")

    result = invoke("documents", "add", "operations", "--to", "trusted")

    assert result.exit_code == 1
    assert not Path("trusted").exists()


def test_add_takes_a_manifest(invoke: Invoke) -> None:
    Path("persisted.json").write_text(json.dumps({hash_of(TITLES): TITLES}))

    result = invoke("documents", "add", "persisted.json", "--to", "trusted")

    assert json.loads(result.stdout) == {f"sha256:{hash_of(TITLES)}": "Titles"}


def old_schema(invoke: Invoke, *changes: tuple[str, str]) -> None:
    """Write old.graphql: that of the code, but for the changes."""
    invoke("schema", "export", "--file", "old.graphql")
    text = Path("old.graphql").read_text()
    for now, before in changes:
        assert now in text
        text = text.replace(now, before, 1)
    Path("old.graphql").write_text(text)


def test_schema_that_has_not_changed_breaks_nothing(invoke: Invoke) -> None:
    old_schema(invoke)

    result = invoke("schema", "check", "--against", "old.graphql")

    assert result.exit_code == 0
    assert result.stdout == "0 breaking, 0 dangerous, 0 safe.\n"


def test_breaking_change_fails(invoke: Invoke) -> None:
    old_schema(invoke, ("type Query {", "type Query {\n  removed: String"))

    result = invoke("schema", "check", "--against", "old.graphql")

    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "breaking: Field Query.removed was removed.",
        "1 breaking, 0 dangerous, 0 safe.",
    ]
    assert result.stderr == "The schema would break clients.\n"


def test_breaking_change_that_no_operation_uses_does_not_fail(invoke: Invoke) -> None:
    old_schema(invoke, ("type Query {", "type Query {\n  removed: String"))

    arguments = ("--against", "old.graphql", "--operations", "operations")
    result = invoke("schema", "check", *arguments, "--format", "json")

    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert report["breaking"] == [
        {"type": "FIELD_REMOVED", "description": "Field Query.removed was removed."}
    ]
    assert (report["operations"], report["fails"]) == ([], False)


def test_operation_that_breaks_fails(invoke: Invoke) -> None:
    old_schema(invoke, ("type Query {", "type Query {\n  removed: String"))
    Path("operations", "removed.graphql").write_text("{ removed }")

    arguments = ("--against", "old.graphql", "--operations", "operations")
    result = invoke("schema", "check", *arguments, "--format", "json")

    assert result.exit_code == 1
    (problem,) = json.loads(result.stdout)["operations"]
    assert (problem["place"], problem["line"]) == ("operations/removed.graphql", 1)


def test_file_that_is_no_text_is_not_the_schema(invoke: Invoke) -> None:
    Path("schema.graphql").write_bytes(b"type Query { caf\xe9: Int }")

    result = invoke("schema", "check")

    assert result.exit_code == 1
    assert result.stderr == (
        "schema.graphql is not the schema of the code: run `gql-app schema export`.\n"
    )


def test_file_that_is_no_schema_is_a_clear_error(invoke: Invoke) -> None:
    Path("old.graphql").write_text("type {")

    result = invoke("schema", "check", "--against", "old.graphql")

    assert result.exit_code == 1
    assert result.stderr.startswith("old.graphql is no schema: Syntax Error")

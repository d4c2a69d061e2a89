"""Operations of clients, from folders and manifests."""

import json
from pathlib import Path
from typing import Any

import pytest

from gql_app.commands.errors import CommandFailedError
from gql_app.commands.operations import ClientOperations
from gql_app.engine.limits import Limits
from gql_app.http.documents import hash_of
from tests.http.small import SCHEMA

ROLE = "query Role { role }"


def folder(path: Path, files: dict[str, str]) -> ClientOperations:
    for name, text in files.items():
        file = path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(text.encode())
    return ClientOperations.read(path)


def problems(
    operations: ClientOperations, limits: Limits | None = None
) -> list[tuple[str, int, int]]:
    found = operations.problems(SCHEMA, limits or Limits())
    return [(Path(one.place).name, one.line, one.column) for one in found]


def manifest(path: Path, content: Any) -> Path:
    file = path / "manifest.json"
    file.write_text(json.dumps(content))
    return file


def test_valid_operations_have_no_problems(tmp_path: Path) -> None:
    operations = folder(tmp_path, {"a.graphql": f"{ROLE} query B {{ hello }}"})

    assert problems(operations) == []


def test_problems_tell_file_line_and_column(tmp_path: Path) -> None:
    operations = folder(
        tmp_path,
        {
            "a.graphql": "query {\n  unknown\n  hello(wrong: 1)\n}",
            "b.graphql": "query {",
            "c.graphql": "{ role }",
        },
    )

    assert problems(operations) == [
        ("a.graphql", 2, 3),
        ("a.graphql", 3, 9),
        ("b.graphql", 1, 8),
    ]
    first = operations.problems(SCHEMA, Limits())[0]
    assert str(first).endswith(
        "a.graphql:2:3: Cannot query field 'unknown' on type 'Query'."
    )


def test_fragments_of_other_files_are_found_and_blamed_once(tmp_path: Path) -> None:
    operations = folder(
        tmp_path,
        {
            "a.graphql": "query A { ...F }",
            "b.graphql": "query B { ...F }",
            "parts/f.graphql": "fragment F on Query { ...G role }",
            "parts/g.graphql": "fragment G on Query {\n  nothing\n}",
        },
    )

    assert problems(operations) == [("g.graphql", 2, 3)]


def test_fragment_that_is_unused_missing_or_unclear_is_a_problem(
    tmp_path: Path,
) -> None:
    operations = folder(
        tmp_path,
        {
            "a.graphql": "query A { ...Missing ...Twice }",
            "b.graphql": "fragment Unused on Query { role }",
            "c.graphql": "fragment Twice on Query { role }",
            "d.graphql": "fragment Twice on Query { hello }",
        },
    )

    assert problems(operations) == [
        ("a.graphql", 1, 14),
        ("a.graphql", 1, 22),
        ("b.graphql", 1, 1),
    ]


def test_operation_that_the_server_would_refuse_is_a_problem(tmp_path: Path) -> None:
    text = f"{ROLE}\nquery Aliases {{ a: role b: role }}"
    operations = folder(tmp_path, {"a.graphql": text})

    assert problems(operations, Limits(aliases=1)) == [("a.graphql", 2, 1)]
    assert problems(operations, Limits(document_bytes=20)) == [
        ("a.graphql", 1, 1),
        ("a.graphql", 2, 1),
    ]


def test_complete_operations_keep_their_text_and_others_get_their_fragments(
    tmp_path: Path,
) -> None:
    whole = "# Ünï\r\nquery Whole { ...F }\r\nfragment F on Query { role }"
    operations = folder(
        tmp_path,
        {
            "a.graphql": whole,
            "b.graphql": "query One { role } query { ...F }",
        },
    )

    found = list(operations.complete())

    assert found == [
        ("Whole", whole),
        ("One", "query One {\n  role\n}"),
        ("", "{\n  ...F\n}\n\nfragment F on Query {\n  role\n}"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        {hash_of(ROLE): ROLE},
        {f"sha256:{hash_of(ROLE)}": ROLE},
        {
            "format": "apollo-persisted-query-manifest",
            "version": 1,
            "operations": [
                {"id": hash_of(ROLE), "name": "Role", "type": "query", "body": ROLE}
            ],
        },
    ],
    ids=["graphql-codegen and Relay", "with its algorithm", "Apollo"],
)
def test_manifests_are_understood(tmp_path: Path, content: Any) -> None:
    operations = ClientOperations.read(manifest(tmp_path, content))

    assert problems(operations) == []
    assert list(operations.complete()) == [("Role", ROLE)]


def test_manifest_with_another_hash_says_how_to_change_it(tmp_path: Path) -> None:
    file = manifest(tmp_path, {"0" * 40: ROLE})

    with pytest.raises(CommandFailedError, match=r"not the SHA-256.*hashAlgorithm"):
        ClientOperations.read(file)


@pytest.mark.parametrize(
    "content",
    ["x", [], {"a": 1}, {"format": "apollo-persisted-query-manifest"}, None],
    ids=str,
)
def test_file_that_is_no_manifest_is_a_clear_error(
    tmp_path: Path, content: Any
) -> None:
    file = manifest(tmp_path, content)

    with pytest.raises(CommandFailedError, match="is no manifest"):
        ClientOperations.read(file)


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"a": "{ \\ud800 }"}', "\xff"],
    ids=["nested too deep", "half a character", "not UTF-8"],
)
def test_text_that_is_no_manifest_is_a_clear_error(tmp_path: Path, text: str) -> None:
    file = tmp_path / "manifest.json"
    file.write_bytes(text.encode("latin-1"))

    with pytest.raises(CommandFailedError, match="is no manifest"):
        ClientOperations.read(file)


def test_folder_without_documents_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandFailedError, match="there are no documents"):
        ClientOperations.read(tmp_path)

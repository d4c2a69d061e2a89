"""The schema as a file, and rows as their ids."""

import difflib
from enum import Enum
from pathlib import Path

import strawberry

from gql_app.engine.identifiers import encode_id


def check_schema(schema: strawberry.Schema, file: str | Path) -> None:
    """AssertionError, with what differs, unless the file has the schema's SDL."""
    __tracebackhide__ = True
    path = Path(file)
    written = path.read_text(encoding="utf-8") if path.exists() else ""
    lines = difflib.unified_diff(
        written.splitlines(),
        schema.as_str().splitlines(),
        str(path),
        "the code",
        n=1,
        lineterm="",
    )
    if difference := "\n".join(lines):
        raise AssertionError(f"{path} is not the schema of the code:\n{difference}")


def global_id(name: str, *key: object) -> str:
    """The id of the row of a type with this primary key."""
    return encode_id(
        name, [part.name if isinstance(part, Enum) else str(part) for part in key]
    )

"""`gql-app schema`: write schema.graphql, compare it with the code and with the past."""

import difflib
import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import strawberry
import typer
from graphql import GraphQLError, GraphQLSchema, build_schema

from gql_app.commands.comparison import Comparison, Severity, compare, severity
from gql_app.commands.errors import CommandFailedError
from gql_app.commands.operations import ClientOperations
from gql_app.commands.project import current_project

app = typer.Typer(
    help="Write schema.graphql, or check what changes in it.", no_args_is_help=True
)

SchemaFile = Annotated[Path, typer.Option("--file", help="The file with the schema.")]


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"


@app.command()
def export(file: SchemaFile = Path("schema.graphql")) -> None:
    """Write the schema as SDL."""
    schema = current_project().schema()
    file.write_text(schema.as_str() + "\n", encoding="utf-8")


@app.command()
def check(
    file: SchemaFile = Path("schema.graphql"),
    against: Annotated[
        Path | None,
        typer.Option(help="An older schema.graphql, to classify what changed since."),
    ] = None,
    operations: Annotated[
        Path | None,
        typer.Option(
            help="A folder or manifest of clients' operations: which of them break?",
            exists=True,
        ),
    ] = None,
    output: Annotated[Format, typer.Option("--format")] = Format.TEXT,
) -> None:
    """Fail if the file is not the schema of the code, or if clients would break.

    With --against, the code is compared with an older schema instead of the file: a
    change is breaking, dangerous or safe. The exit code is 1 if one is breaking; with
    --operations, if one of the operations that worked before no longer does.
    """
    if against is None and operations is None:
        compare_with_file(file)
        return
    project = current_project()
    comparison = compare(
        None if against is None else read_schema(against),
        build_schema(project.schema().as_str()),  # as the older one was written
        None if operations is None else ClientOperations.read(operations),
        project.limits(),
    )
    typer.echo(report(comparison, output))
    if comparison.fails:
        raise CommandFailedError("The schema would break clients.")


def compare_with_file(file: Path) -> None:
    """Fail if the file is not the schema of the code."""
    if not file.exists():
        raise CommandFailedError(f"{file} is missing: run `gql-app schema export`.")
    if difference := difference_to_file(current_project().schema(), file):
        typer.echo(difference)
        raise CommandFailedError(
            f"{file} is not the schema of the code: run `gql-app schema export`."
        )


def difference_to_file(schema: strawberry.Schema, file: Path) -> str:
    """What the code changes in the file, as lines of a diff; empty if nothing."""
    written = file.read_text(encoding="utf-8", errors="replace").splitlines()
    current = schema.as_str().splitlines()
    lines = difflib.unified_diff(written, current, str(file), "code", lineterm="")
    return "\n".join(lines)


def read_schema(file: Path) -> GraphQLSchema:
    try:
        return build_schema(file.read_text(encoding="utf-8"))
    except (GraphQLError, TypeError, UnicodeDecodeError) as error:
        raise CommandFailedError(f"{file} is no schema: {error}") from error


def report(comparison: Comparison, output: Format) -> str:
    by_severity = {
        one: [change for change in comparison.changes if severity(change) is one]
        for one in Severity
    }
    if output is Format.JSON:
        listed: dict[str, Any] = {
            one: [{"type": c.type.name, "description": c.description} for c in changes]
            for one, changes in by_severity.items()
        }
        listed["operations"] = [problem._asdict() for problem in comparison.broken]
        return json.dumps({"fails": comparison.fails, **listed}, indent=2)
    lines = [
        f"{one}: {change.description}"
        for one, changes in by_severity.items()
        for change in changes
    ]
    lines += [str(problem) for problem in comparison.broken]
    counts = [f"{len(changes)} {one}" for one, changes in by_severity.items()]
    if comparison.checked:
        counts.append(f"{len(comparison.broken)} problems in operations")
    return "\n".join([*lines, ", ".join(counts) + "."])

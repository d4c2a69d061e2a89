"""`gql-app documents`: check the operations of clients, and trust them."""

import json
from pathlib import Path
from typing import Annotated

import typer

from gql_app.commands.errors import CommandFailedError
from gql_app.commands.operations import ClientOperations, Operation
from gql_app.commands.project import current_project
from gql_app.engine.schema import core_schema
from gql_app.http.documents import hash_of

app = typer.Typer(
    help="Check or trust the operations of clients.", no_args_is_help=True
)

Operations = Annotated[
    Path,
    typer.Argument(
        help="A folder of .graphql files, or the manifest that graphql-codegen, Relay's "
        "compiler or Apollo's generator wrote.",
        exists=True,
    ),
]


@app.command()
def check(operations: Operations) -> None:
    """Fail if an operation doesn't fit the schema, or exceeds the limits.

    The exit code is 1 then, and each problem a line: file:line:column: message.
    """
    found = valid_operations(operations)
    typer.echo(f"{len(list(found.complete()))} operations are valid.", err=True)


@app.command()
def add(
    operations: Operations,
    to: Annotated[Path, typer.Option(help="The folder of trusted documents.")],
) -> None:
    """Trust operations: write them to a folder for the setting DOCUMENTS.

    Prints which `documentId` belongs to which operation, as JSON for clients. Nothing
    is written unless all of them are valid; what is in the folder already stays.
    """
    found = list(valid_operations(operations).complete())
    to.mkdir(parents=True, exist_ok=True)
    for operation in found:
        file = to / file_name(operation)
        # To the byte: the id is that of the bytes.
        file.write_bytes(operation.text.encode())
    names = {f"sha256:{hash_of(one.text)}": one.name for one in found}
    by_name = dict(sorted(names.items(), key=lambda item: (item[1], item[0])))
    typer.echo(json.dumps(by_name, indent=2))


def valid_operations(path: Path) -> ClientOperations:
    """The operations, if all of them can be run; otherwise it prints why not."""
    operations = ClientOperations.read(path)
    project = current_project()
    schema = core_schema(project.schema())
    problems = operations.problems(schema, project.limits())
    for problem in problems:
        typer.echo(problem)
    if problems:
        raise CommandFailedError(f"{len(problems)} problems in {path}.")
    return operations


def file_name(operation: Operation) -> str:
    """By name for people, by hash because clients of all versions are out there."""
    return f"{operation.name or 'unnamed'}-{hash_of(operation.text)[:16]}.graphql"

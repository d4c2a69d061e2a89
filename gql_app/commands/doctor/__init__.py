"""`gql-app doctor`: what an application lacks, and how to mend it."""

from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from gql_app.commands.doctor.drift import database_drift, schema_drift
from gql_app.commands.doctor.findings import Finding, Severity, report
from gql_app.commands.doctor.indexes import missing_indexes, unindexed_filters
from gql_app.commands.doctor.models import (
    does_not_start,
    missing_rules,
    unknown_types,
    unserved_tables,
)
from gql_app.commands.errors import CommandFailedError
from gql_app.commands.project import Project, current_project
from gql_app.commands.schema import Format, SchemaFile

Loaded = TypeVar("Loaded")


def doctor(
    file: SchemaFile = Path("schema.graphql"),
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail for warnings, too.")
    ] = False,
    notes: Annotated[
        bool, typer.Option("--notes", help="Also tell what is worth knowing.")
    ] = False,
    output: Annotated[Format, typer.Option("--format")] = Format.TEXT,
) -> None:
    """Examine models, policies, indexes, migrations and schema.graphql.

    Compares with the database of the settings. The exit code is 1 if there is an error;
    with --strict, if there is a warning.
    """
    project = current_project()
    failing = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    shown = set(Severity) if notes else {Severity.ERROR, Severity.WARNING}
    found = [
        finding
        for finding in examine(project, file)
        if finding.severity in shown and not is_ignored(finding, project)
    ]
    fails = any(finding.severity in failing for finding in found)
    typer.echo(report(found, fails=fails, json=output is Format.JSON))
    if fails:
        raise typer.Exit(1)


def is_ignored(finding: Finding, project: Project) -> bool:
    return any(fnmatchcase(finding.name, pattern) for pattern in project.ignored)


def examine(project: Project, file: Path) -> Iterator[Finding]:
    """Everything that there is to say of an application. One that doesn't start can only
    be examined as far as it gets."""
    api = started(project.api)
    if isinstance(api, Finding):
        yield api
        return
    yield from unserved_tables(api)
    yield from database_drift(project.alembic())
    unknown = list(unknown_types(api))
    yield from unknown
    if unknown:
        return
    schema = started(project.schema)
    if isinstance(schema, Finding):
        yield schema
        return
    yield from missing_rules(api.entities)
    yield from missing_indexes(api.entities)
    yield from unindexed_filters(api.entities)
    yield from schema_drift(schema, file)


def started(load: Callable[[], Loaded]) -> Loaded | Finding:
    """What a function loads, or why it doesn't."""
    try:
        return load()
    except CommandFailedError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever an application may do wrong
        return does_not_start(error)

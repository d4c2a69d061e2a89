"""What is wrong with models and policies."""

import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path

import sqlalchemy as sa

from gql_app.commands.doctor.findings import Finding, Severity
from gql_app.engine.api import Api
from gql_app.engine.entity import Entity
from gql_app.engine.mapping import ScalarMap
from gql_app.engine.names import words


def does_not_start(error: Exception) -> Finding:
    """An application that can't be loaded, with the line of its own that fails."""
    here = Path.cwd()
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(here)
        and "site-packages" not in frame.filename
    ]
    where = "the application"
    if frames:
        where = f"{Path(frames[-1].filename).relative_to(here)}:{frames[-1].lineno}"
    return Finding(
        Severity.ERROR,
        "does-not-start",
        where,
        str(error) or type(error).__name__,
        "Mend this first: an application that doesn't start can't be examined further.",
    )


def unserved_tables(api: Api) -> Iterator[Finding]:
    """Tables beside the API's own that are neither added nor the link of an n-n
    relation."""
    mappers = [sa.inspect(entry.model) for entry in api.registrations]
    served = {mapper.local_table for mapper in mappers}
    served |= {item.secondary for mapper in mappers for item in mapper.relationships}
    for metadata in {entry.model.metadata for entry in api.registrations}:
        for table in metadata.tables.values():
            if table not in served:
                yield Finding(
                    Severity.WARNING,
                    "unserved-table",
                    table.fullname,
                    "The table is not in the API.",
                    "Give it to api.add, or put "
                    f'"unserved-table:{table.fullname}" into the ignore list.',
                )


def unknown_types(api: Api) -> Iterator[Finding]:
    """Columns for clients, or of a primary key, whose type has no scalar."""
    scalars = ScalarMap(api.scalars)
    for entry in api.registrations:
        mapper = sa.inspect(entry.model)
        for column in mapper.local_table.columns:
            name = mapper.get_property_by_column(column).key
            shown = entry.read.model_fields.get(name)
            own = shown or entry.model.model_fields.get(name)
            exposed = shown is not None or column.primary_key
            annotation = own and own.annotation
            if exposed and scalars.of_column(column, annotation) is None:
                yield Finding(
                    Severity.ERROR,
                    "unknown-type",
                    f"{column.table.name}.{column.name}",
                    f"The type {column.type!r} ({annotation}) has no scalar.",
                    "Give one to Api(scalars={...}), or leave the column out of "
                    f"{entry.read.__name__}.",
                )


def missing_rules(entities: Sequence[Entity]) -> Iterator[Finding]:
    """Models for writing that no rule of the policy lets anybody use."""
    for entity in entities:
        policy = entity.policy
        written = (
            ("create", entity.create, policy.create),
            ("update", entity.update, policy.update),
        )
        for action, model, rule in written:
            if model is not None and rule is None:
                yield Finding(
                    Severity.WARNING,
                    "missing-rule",
                    f"{entity.name}.{action}",
                    f"There is {model.model.__name__}, but no rule lets anybody "
                    f"{action} a {words(entity.name)}: there is no such mutation.",
                    f"Add {action}=... to the policy, or leave the model out.",
                )

"""Explanations: what a database refused, in words for the client."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from gql_app.engine.access import Scope
from gql_app.engine.entity import Entity
from gql_app.engine.errors import (
    BadUserInputError,
    ConflictError,
    EngineError,
    NotFoundError,
    Path,
    UniqueViolationError,
)
from gql_app.engine.filters import slot
from gql_app.engine.names import words
from gql_app.engine.transaction import ConstraintError
from gql_app.engine.writing.constraints import Violation, violation
from gql_app.engine.writing.drafts import Draft
from gql_app.engine.writing.writer import Writer


def explained(writer: Writer, error: ConstraintError, draft: Draft) -> EngineError:
    """Why the row of the draft couldn't be written. The path leads to a column that the
    client sent, if it is about one."""
    table = draft.entity.table
    found = violation(error.driver_error, table.metadata, writer.scope.dialect.sql)
    if found.kind == "foreign key" and found.table is None:
        found = _dangling(writer, draft) or found
    names = _names(draft.entity, found)
    sent = [name for name in names if name in draft.sent]
    path = draft.field_path(sent[0]) if sent else draft.path
    if found.kind == "not null" and names and draft.asks_for(names[0]):
        path = (*draft.path, draft.entity.columns[names[0]].field)
    return _EXPLAIN[found.kind](words(draft.entity.name), names, path)


def explained_delete(entity: Entity, path: Path) -> EngineError:
    """Why a row couldn't be deleted: other rows need it."""
    return ConflictError(f"Others still refer to the {words(entity.name)}.", path=path)


def explained_generally(error: ConstraintError, path: Path) -> EngineError:
    """Why something couldn't be written that no input stands for, such as by a hook."""
    found = violation(error.driver_error, sa.MetaData(), sqlite.dialect())
    return _EXPLAIN[found.kind]("row", [], path)


def _unique(entity: str, columns: list[str], path: Path) -> EngineError:
    what = f"this {_list(columns)}" if columns else "these values"
    return UniqueViolationError(f"Another {entity} has {what} already.", path=path)


def _reference(_entity: str, columns: list[str], path: Path) -> EngineError:
    what = f"The {_list(columns)}" if columns else "The input"
    refers = "refer" if len(columns) > 1 else "refers"
    return NotFoundError(f"{what} {refers} to something that isn't there.", path=path)


def _needed(_entity: str, columns: list[str], path: Path) -> EngineError:
    what = f"The {_list(columns)}" if columns else "A value"
    return BadUserInputError(f"{what} is needed.", path=path)


def _refused(entity: str, columns: list[str], path: Path) -> EngineError:
    what = f"The {_list(columns)}" if columns else f"The {entity}"
    breaks = "break" if len(columns) > 1 else "breaks"
    return BadUserInputError(f"{what} {breaks} a rule of the database.", path=path)


_EXPLAIN: dict[str, Callable[[str, list[str], Path], EngineError]] = {
    "unique": _unique,
    "foreign key": _reference,
    "not null": _needed,
    "check": _refused,
    "other": _refused,
}


def _names(entity: Entity, found: Violation) -> list[str]:
    """The columns, if they are the entity's own."""
    known = [entity.by_source.get(column) for column in found.columns]
    return [column.name for column in known if column is not None]


def _list(names: list[str]) -> str:
    return " and ".join(words(name) for name in names)


def _dangling(writer: Writer, draft: Draft) -> Violation | None:
    """The foreign key of the draft that nothing answers to: SQLite doesn't tell."""
    entity = draft.entity
    for constraint in entity.table.foreign_key_constraints:
        columns = tuple(constraint.columns)
        values = [draft.values.get(entity.by_source[one].name) for one in columns]
        if None in values:
            continue
        targets = tuple(element.column for element in constraint.elements)
        if not writer.rows(_exists, targets, slots=values):
            return Violation("foreign key", entity.table, columns)
    return None


def _exists(targets: tuple[sa.Column[object], ...], _: Scope) -> sa.Select[int]:
    met = [column == slot(place, column.type) for place, column in enumerate(targets)]
    return sa.select(sa.literal(1)).select_from(targets[0].table).where(*met)

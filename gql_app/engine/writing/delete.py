"""Delete: for good, or softly where the table keeps deleted rows; restore and purge."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from gql_app.engine.entity import Column, Entity
from gql_app.engine.policy import Action
from gql_app.engine.transaction import ConstraintError
from gql_app.engine.writing import builders
from gql_app.engine.writing.builders import Setting, Target
from gql_app.engine.writing.explanations import explained_delete
from gql_app.engine.writing.problems import ProblemsError, check_ruling
from gql_app.engine.writing.update import Chosen, lock_row, refusal
from gql_app.engine.writing.writer import Writer, stamped


def delete_rows(writer: Writer, entity: Entity, rows: Sequence[Chosen]) -> None:
    """Delete these rows, softly if the table has a `deleted_at`; several have been found
    and locked before. Raises ProblemsError unless all may be deleted."""
    hooks = entity.hooks
    check_ruling(writer.scope, entity, "delete", rows[0].path)
    if hooks.before_delete is None and hooks.after_delete is None:
        _remove(writer, entity, rows)
        return
    # Hooks see all rows as they were: some may go along with others.
    before = [lock_row(writer, entity, row, "delete") for row in rows]
    for row, old in zip(rows, before, strict=True):
        writer.call(hooks.before_delete, row.path, {}, old)
    _remove(writer, entity, rows)
    for row, old in zip(rows, before, strict=True):
        writer.call(hooks.after_delete, row.path, {}, old)


def restore_row(writer: Writer, entity: Entity, row: Chosen) -> None:
    """Bring a softly deleted row back. Raises ProblemsError."""
    check_ruling(writer.scope, entity, "restore", row.path)
    returning: tuple[Column, ...] = entity.key
    if entity.hooks.after_restore is not None:
        returning = tuple(entity.columns.values())
    found = _mark(writer, entity, [row], "restore", returning)
    if not found:
        raise ProblemsError([refusal(writer, entity, row, "restore")])
    names = [column.name for column in returning]
    after = dict(zip(names, found[0], strict=True))
    writer.call(entity.hooks.after_restore, row.path, {}, after=after)


def purge_row(writer: Writer, entity: Entity, row: Chosen) -> None:
    """Delete a softly deleted row for good. Raises ProblemsError."""
    check_ruling(writer.scope, entity, "purge", row.path)
    _remove_for_good(writer, entity, [row], "purge")


def _remove(writer: Writer, entity: Entity, rows: Sequence[Chosen]) -> None:
    if entity.deleted_at is None:
        _remove_for_good(writer, entity, rows, "delete")
        return
    found = _mark(writer, entity, rows, "delete", entity.key)
    _check_all(writer, entity, rows, found, "delete")


def _mark(
    writer: Writer,
    entity: Entity,
    rows: Sequence[Chosen],
    action: Action,
    returning: tuple[Column, ...],
) -> Sequence[tuple[Any, ...]]:
    """Set `deleted_at`. Being deleted isn't an edit: nothing else is stamped."""
    assert entity.deleted_at is not None
    moment = datetime.now(UTC) if action == "delete" else None
    setting = Setting((entity.deleted_at,), stamped(entity))
    target, slots, keys = _target(rows, action, [moment])
    return writer.rows(
        *(builders.update, entity, setting, target, returning),
        slots=slots,
        keys=keys,
    )


def _remove_for_good(
    writer: Writer, entity: Entity, rows: Sequence[Chosen], action: Action
) -> None:
    target, slots, keys = _target(rows, action, [])
    try:
        found = writer.rows(
            *(builders.delete, entity, target, entity.key), slots=slots, keys=keys
        )
    except ConstraintError as error:
        raise ProblemsError([explained_delete(entity, rows[0].path)]) from error
    _check_all(writer, entity, rows, found, action)


def _target(
    rows: Sequence[Chosen], action: Action, values: Sequence[Any]
) -> tuple[Target, Sequence[Any], Sequence[tuple[Any, ...]] | None]:
    """One row is found by the slots after the values, several by the keys."""
    if len(rows) > 1:
        return Target(action, many=True), values, [row.key for row in rows]
    row = rows[0]
    expected = [] if row.expected is None else [row.expected]
    target = Target(action, slot=len(values), version=bool(expected))
    return target, [*values, *row.key, *expected], None


def _check_all(
    writer: Writer,
    entity: Entity,
    rows: Sequence[Chosen],
    found: Sequence[tuple[Any, ...]],
    action: Action,
) -> None:
    known = set(found)
    missing = [row for row in rows if row.key not in known]
    if missing and len(rows) > 1:
        missing = _left(writer, entity, missing)
    if missing:
        raise ProblemsError([refusal(writer, entity, missing[0], action)])


def _left(writer: Writer, entity: Entity, rows: Sequence[Chosen]) -> list[Chosen]:
    """The rows that haven't gone along with others, by a cascade or by a hook."""
    mark = () if entity.deleted_at is None else (entity.deleted_at,)
    every = Target("any", many=True)
    keys = [row.key for row in rows]
    found = writer.rows(builders.select, entity, (*entity.key, *mark), every, keys=keys)
    width = len(entity.key)
    left = {one[:width] for one in found if not any(one[width:])}
    return [row for row in rows if row.key in left]

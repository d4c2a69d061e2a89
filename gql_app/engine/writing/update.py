"""Update: rows found by their keys are changed, if they may be; before and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gql_app.engine.entity import Entity
from gql_app.engine.errors import (
    ConflictError,
    EngineError,
    ForbiddenError,
    NotFoundError,
    Path,
)
from gql_app.engine.names import words
from gql_app.engine.policy import Action
from gql_app.engine.rulings import ruling_of
from gql_app.engine.statements import Row
from gql_app.engine.transaction import ConstraintError
from gql_app.engine.writing import builders
from gql_app.engine.writing.builders import Columns, Setting, Target
from gql_app.engine.writing.drafts import Draft, Key, key_of
from gql_app.engine.writing.explanations import explained
from gql_app.engine.writing.problems import ProblemsError, check_ruling, may_not
from gql_app.engine.writing.references import (
    check_references,
    named_together,
    names_partly,
)
from gql_app.engine.writing.writer import (
    CarefulRetryError,
    Writer,
    columns_of,
    needed,
    stamps,
)


class StaleVersionError(ConflictError):
    """The row has changed since the client read it: `entity` and `key` find it."""

    def __init__(self, entity: Entity, key: Key, path: Path) -> None:
        name = words(entity.name)
        super().__init__(f"The {name} has been changed meanwhile.", path=path)
        self.entity = entity
        self.key = key


@dataclass(frozen=True, slots=True)
class Chosen:
    """A row to change: its key, where the client named it, and the version that it
    must still have."""

    key: Key
    path: Path
    expected: int | None = None


def update_row(writer: Writer, row: Chosen, draft: Draft) -> dict[str, Any]:
    """Set the draft's values, with hooks; what `needed` of the row came back, by
    attribute name. Foreign keys among the values must be there. Raises ProblemsError."""
    entity, hooks = draft.entity, draft.entity.hooks
    check_ruling(writer.scope, entity, "update", row.path)
    before = None
    if _is_hooked(entity) or names_partly(draft):
        before = lock_row(writer, entity, row, "update")
        writer.call(hooks.before_update, draft.path, draft.values, before)
    values = draft.values
    check_references(writer, named_together(draft, {**(before or {}), **values}))
    changed = bool(values) or (bool(draft.branches) and entity.version is not None)
    returning = needed(entity, hooks.after_update)
    if changed:
        values = {**values, **stamps(entity, values)}
        found = _set(writer, row, draft, values, returning)
    else:
        found = _read(writer, row, entity, returning, "update")
    if found is None:
        raise ProblemsError([refusal(writer, entity, row, "update")])
    returned = changed and ruling_of(entity, "update", writer.scope) == "returned"
    if returned and not found[-1]:
        raise ProblemsError([out_of_reach(entity, draft.path)])
    names = (column.name for column in returning)
    after = dict(zip(names, found, strict=False))  # a verdict may come last
    writer.call(hooks.after_update, draft.path, draft.values, before, after)
    return after


def update_rows(
    writer: Writer, entity: Entity, rows: Sequence[Chosen], draft: Draft
) -> list[Key]:
    """Set the draft's values of all these rows; their keys as they are now. Raises
    ProblemsError unless all may be changed."""
    alone = writer.careful or len(rows) == 1
    moving = any(column.name in draft.values for column in entity.key)
    if alone or moving or _is_hooked(entity) or names_partly(draft):
        found = []
        for row in rows:
            one = Draft(entity, draft.path, dict(draft.values), draft.sent)
            after = update_row(writer, row, one)
            found.append(replace(row, key=key_of(entity, after)))
        rows = found
    else:
        _update_at_once(writer, entity, rows, draft)
    check_updated(writer, entity, rows)
    return [row.key for row in rows]


def _update_at_once(
    writer: Writer, entity: Entity, rows: Sequence[Chosen], draft: Draft
) -> None:
    check_ruling(writer.scope, entity, "update", rows[0].path)
    check_references(writer, named_together(draft, draft.values))
    values = {**draft.values, **stamps(entity, draft.values)}
    columns = columns_of(entity, values)
    target = Target("update", many=True)
    try:
        found = writer.rows(
            *(builders.update, entity, Setting(columns), target, entity.key),
            slots=[values[column.name] for column in columns],
            keys=[row.key for row in rows],
        )
    except ConstraintError as error:
        raise CarefulRetryError from error
    width = len(entity.key)
    known = {one[:width]: one for one in found}
    for row in rows:
        if row.key not in known:
            raise ProblemsError([refusal(writer, entity, row, "update")])
        if len(known[row.key]) > width and not known[row.key][-1]:
            raise ProblemsError([out_of_reach(entity, row.path)])


def check_updated(writer: Writer, entity: Entity, rows: Sequence[Chosen]) -> None:
    """Raise ProblemsError unless the policy's rule holds of the rows as they are now; for
    rules that need a query."""
    if rows and ruling_of(entity, "update", writer.scope) == "queried":
        keys = [row.key for row in rows]
        allowed = set(writer.rows(builders.allowed, entity, "update", keys=keys))
        for row in rows:
            if row.key not in allowed:
                raise ProblemsError([out_of_reach(entity, row.path)])


def lock_row(
    writer: Writer, entity: Entity, row: Chosen, action: Action
) -> Mapping[str, Any]:
    """The whole row, which nobody else can change any more. Raises ProblemsError."""
    columns = tuple(entity.columns.values())
    found = _read(writer, row, entity, columns, action)
    if found is None:
        raise ProblemsError([refusal(writer, entity, row, action)])
    return dict(zip(entity.columns, found, strict=True))


def refusal(writer: Writer, entity: Entity, row: Chosen, action: Action) -> EngineError:
    """Why a row wasn't there for a change."""
    name = words(entity.name)
    missing = NotFoundError(f"There is no such {name}.", path=row.path)
    if action in ("restore", "purge"):
        return missing  # to say more would tell what was deleted
    known = Target("read")
    key = entity.key
    if not writer.rows(builders.select, entity, key, known, slots=row.key):
        return missing
    target = Target(action)
    if not writer.rows(builders.select, entity, key, target, slots=row.key):
        return may_not(action, entity, row.path)
    return StaleVersionError(entity, row.key, row.path)


def out_of_reach(entity: Entity, path: Path) -> EngineError:
    """The error for a change that the policy forbids because of its result."""
    return ForbiddenError(
        f"You may not change the {words(entity.name)} in this way.", path=path
    )


def _is_hooked(entity: Entity) -> bool:
    hooks = entity.hooks
    return hooks.before_update is not None or hooks.after_update is not None


def _read(
    writer: Writer, row: Chosen, entity: Entity, columns: Columns, action: Action
) -> Row | None:
    target = Target(action, version=row.expected is not None)
    slots = [*row.key, *([] if row.expected is None else [row.expected])]
    found = writer.rows(builders.select_locked, entity, columns, target, slots=slots)
    return found[0] if found else None


def _set(
    writer: Writer,
    row: Chosen,
    draft: Draft,
    values: Mapping[str, Any],
    returning: Columns,
) -> Row | None:
    columns = columns_of(draft.entity, values)
    setting = Setting(columns)
    target = Target("update", slot=len(columns), version=row.expected is not None)
    slots = [*(values[column.name] for column in columns), *row.key]
    slots += [] if row.expected is None else [row.expected]
    try:
        found = writer.rows(
            builders.update, draft.entity, setting, target, returning, slots=slots
        )
    except ConstraintError as error:
        raise ProblemsError([explained(writer, error, draft)]) from error
    return found[0] if found else None

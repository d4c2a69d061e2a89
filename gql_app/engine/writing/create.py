"""Create: drafts become rows, as many of them with each statement as possible."""

from collections.abc import Sequence
from itertools import chain
from typing import Any, TypeAlias

import sqlalchemy as sa

from gql_app.engine.entity import Column, Entity, settled
from gql_app.engine.errors import UnauthenticatedError
from gql_app.engine.mapping import plain_type
from gql_app.engine.rulings import ruling_of
from gql_app.engine.statements import Row
from gql_app.engine.transaction import ConstraintError
from gql_app.engine.writing import builders
from gql_app.engine.writing.drafts import Draft, Key
from gql_app.engine.writing.explanations import explained
from gql_app.engine.writing.problems import ProblemsError, may_not
from gql_app.engine.writing.references import check_references, named_together
from gql_app.engine.writing.writer import (
    CarefulRetryError,
    Writer,
    columns_of,
    defaults,
    needed,
)

Columns: TypeAlias = tuple[Column, ...]
Values: TypeAlias = dict[str, Any]


def insert_drafts(writer: Writer, drafts: Sequence[Draft]) -> list[Values]:
    """Insert the rows of drafts of one entity, with presets and hooks; what `needed` of
    each row came back, by attribute name, in the order of the drafts.

    Foreign keys among the values must be there. Raises ProblemsError.
    """
    entity = drafts[0].entity
    returning = needed(entity, entity.hooks.after_create)
    found: dict[int, Row] = {}
    for columns, places in _prepared(writer, drafts).items():
        chosen = [drafts[place] for place in places]
        rows = _insert(writer, chosen, columns, returning)
        found |= zip(places, rows, strict=True)
    return [
        _made(writer, draft, returning, found[place])
        for place, draft in enumerate(drafts)
    ]


def insert_missing(
    writer: Writer, drafts: Sequence[Draft], match: Columns
) -> list[Values | None]:
    """As `insert_drafts`, but rows that share the `match` columns with one that is
    there are left out: None stands in their place."""
    entity = drafts[0].entity
    returning = tuple(
        dict.fromkeys((*match, *needed(entity, entity.hooks.after_create)))
    )
    found: dict[int, Row] = {}
    for columns, places in _prepared(writer, drafts).items():
        chosen = [drafts[place] for place in places]
        rows = _insert_unless(writer, chosen, columns, returning, match)
        by_match = {row[: len(match)]: row for row in rows}
        for place in places:
            key = _key(drafts[place], match)
            if key in by_match:
                found[place] = by_match[key]
    return [
        _made(writer, draft, returning, found[place]) if place in found else None
        for place, draft in enumerate(drafts)
    ]


def check_created(writer: Writer, drafts: Sequence[Draft], keys: Sequence[Key]) -> None:
    """Raise ProblemsError unless the policy's rule holds of the new rows; for rules that
    need a query."""
    entity = drafts[0].entity
    if ruling_of(entity, "create", writer.scope) == "queried":
        allowed = set(writer.rows(builders.allowed, entity, "create", keys=keys))
        for draft, key in zip(drafts, keys, strict=True):
            if key not in allowed:
                raise ProblemsError([may_not("create", entity, draft.path)])


def _prepared(writer: Writer, drafts: Sequence[Draft]) -> dict[Columns, list[int]]:
    """Complete the drafts' values; the places of those with the same columns."""
    groups: dict[Columns, list[int]] = {}
    for place, draft in enumerate(drafts):
        entity = draft.entity
        writer.preset(entity, draft.values)
        _check_presets(draft)
        writer.call(entity.hooks.before_create, draft.path, draft.values)
        defaults(entity, draft.values)
        groups.setdefault(columns_of(entity, draft.values), []).append(place)
    named = (named_together(draft, draft.values) for draft in drafts)
    check_references(writer, chain.from_iterable(named))
    return groups


def _made(writer: Writer, draft: Draft, returning: Columns, row: Row) -> Values:
    names = (column.name for column in returning)
    values = dict(zip(names, row, strict=False))  # a verdict may come last
    hook = draft.entity.hooks.after_create
    writer.call(hook, draft.path, draft.values, after=values)
    return values


def _insert_unless(
    writer: Writer,
    drafts: Sequence[Draft],
    columns: Columns,
    returning: Columns,
    match: Columns,
) -> list[Row]:
    """Those of the rows that could be inserted."""
    if writer.careful or not _batchable(writer, drafts[0].entity, columns):
        return _insert_each(writer, drafts, columns, returning, match)
    rows = _insert_batch(writer, drafts, columns, returning, match)
    for row in rows:
        _check_returned(writer, drafts[0], row)
    return rows


def _insert(
    writer: Writer, drafts: Sequence[Draft], columns: Columns, returning: Columns
) -> list[Row]:
    entity = drafts[0].entity
    alone = len(drafts) == 1 or writer.careful
    if alone or not _batchable(writer, entity, columns):
        return _insert_each(writer, drafts, columns, returning)
    rows = _insert_batch(writer, drafts, columns, returning)
    rows = _in_order(entity, drafts, columns, returning, rows)
    for draft, row in zip(drafts, rows, strict=True):
        _check_returned(writer, draft, row)
    return rows


def _insert_batch(
    writer: Writer,
    drafts: Sequence[Draft],
    columns: Columns,
    returning: Columns,
    unless: Columns = (),
) -> list[Row]:
    """The rows, in no order."""
    names = [column.name for column in columns]
    keys = [
        (place, *(draft.values[name] for name in names))
        for place, draft in enumerate(drafts)
    ]
    entity = drafts[0].entity
    try:
        return writer.rows(
            builders.insert_many, entity, columns, returning, unless, keys=keys
        )
    except ConstraintError as error:
        raise CarefulRetryError from error


def _insert_each(
    writer: Writer,
    drafts: Sequence[Draft],
    columns: Columns,
    returning: Columns,
    unless: Columns = (),
) -> list[Row]:
    return [
        row
        for draft in drafts
        for row in _insert_one(writer, draft, columns, returning, unless)
    ]


def _insert_one(
    writer: Writer,
    draft: Draft,
    columns: Columns,
    returning: Columns,
    unless: Columns,
) -> list[Row]:
    values = [draft.values[column.name] for column in columns]
    try:
        rows = writer.rows(
            builders.insert, draft.entity, columns, returning, unless, slots=values
        )
    except ConstraintError as error:
        raise ProblemsError([explained(writer, error, draft)]) from error
    for row in rows:
        _check_returned(writer, draft, row)
    return rows


def _check_returned(writer: Writer, draft: Draft, row: Row) -> None:
    returned = ruling_of(draft.entity, "create", writer.scope) == "returned"
    if returned and not row[-1]:
        raise ProblemsError([may_not("create", draft.entity, draft.path)])


def _check_presets(draft: Draft) -> None:
    for name in draft.entity.policy.presets.keys() & draft.values.keys():
        column = draft.entity.columns[name]
        if draft.values[name] is None and not column.source.nullable:
            raise ProblemsError(
                [UnauthenticatedError("Sign in first.", path=draft.path)]
            )


def _batchable(writer: Writer, entity: Entity, columns: Columns) -> bool:
    """Whether the values survive being sent as lists, and rows can be told apart when
    they come back."""
    kinds = _FRAGILE_SQLITE if writer.scope.dialect.name == "sqlite" else _FRAGILE
    fragile = any(isinstance(plain_type(one.source.type), kinds) for one in columns)
    if fragile or not columns:
        return False
    computed = (one.source.default for one in entity.columns.values())
    if any(default is not None and default.is_clause_element for default in computed):
        return False
    return set(entity.key) <= set(columns) or _counts_up(entity)


_FRAGILE = (sa.ARRAY,)
_FRAGILE_SQLITE = (sa.ARRAY, sa.LargeBinary, sa.Numeric, sa.Float)


def _counts_up(entity: Entity) -> bool:
    return len(entity.key) == 1 and isinstance(
        plain_type(entity.key[0].source.type), sa.Integer
    )


def _in_order(
    entity: Entity,
    drafts: Sequence[Draft],
    columns: Columns,
    returning: Columns,
    rows: list[Row],
) -> list[Row]:
    """The rows in the order of the drafts; keys that count up do so in that order."""
    places = [returning.index(column) for column in entity.key]
    by_key = {tuple(row[place] for place in places): row for row in rows}
    if not set(entity.key) <= set(columns):
        return [by_key[key] for key in sorted(by_key)]
    keys = [_key(draft, entity.key) for draft in drafts]
    if not by_key.keys() >= set(keys):
        raise CarefulRetryError  # the database has changed what it was given
    return [by_key[key] for key in keys]


def _key(draft: Draft, columns: Columns) -> Key:
    return settled(columns, [draft.values[column.name] for column in columns])

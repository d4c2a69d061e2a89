"""Upsert: a row is changed if there is one with the same unique key, else made."""

from gql_app.engine.entity import Column
from gql_app.engine.errors import BadUserInputError, UniqueViolationError
from gql_app.engine.names import words
from gql_app.engine.writing import builders
from gql_app.engine.writing.builders import Target
from gql_app.engine.writing.create import check_created, insert_missing
from gql_app.engine.writing.drafts import Draft, Key, key_of
from gql_app.engine.writing.nested import settle, write_branches
from gql_app.engine.writing.problems import ProblemsError
from gql_app.engine.writing.update import Chosen, check_updated, update_row
from gql_app.engine.writing.writer import Writer


def upsert_row(
    writer: Writer, draft: Draft, match: tuple[Column, ...]
) -> tuple[Key, bool]:
    """The row's primary key, and whether the row is new. Raises ProblemsError."""
    _check_match(draft, match)
    settle(writer, [draft])
    key = _find(writer, draft, match)
    if key is None:
        (row,) = insert_missing(writer, [draft], match)
        if row is not None:
            write_branches(writer, [draft], [row], fresh=True)
            key = key_of(draft.entity, row)
            check_created(writer, [draft], [key])
            return key, True
        # Another operation was faster; or the row is one that the viewer can't read.
        key = _find(writer, draft, match)
    if key is None:
        names = " and ".join(words(column.name) for column in match)
        text = f"Another {words(draft.entity.name)} has this {names} already."
        path = draft.field_path(match[0].name)
        raise ProblemsError([UniqueViolationError(text, path=path)])
    return _update(writer, draft, match, key), False


def _check_match(draft: Draft, match: tuple[Column, ...]) -> None:
    for column in match:
        if draft.values.get(column.name) is None:
            text = f"The {words(column.name)} is needed to find a row by."
            path = (*draft.path, column.field)
            raise ProblemsError([BadUserInputError(text, path=path)])


def _find(writer: Writer, draft: Draft, match: tuple[Column, ...]) -> Key | None:
    entity = draft.entity
    values = [draft.values[column.name] for column in match]
    found = writer.rows(
        *(builders.select_locked, entity, entity.key, Target("read", key=match)),
        slots=values,
    )
    return found[0] if found else None


def _update(writer: Writer, draft: Draft, match: tuple[Column, ...], key: Key) -> Key:
    """Set what was sent, as far as it can be changed at all; the key as it is now."""
    entity = draft.entity
    assert entity.update is not None
    changeable = {field.name for field in entity.update.fields.values()}
    adopted = {one.name for relation, _ in draft.parents for one in relation.local}
    names = (draft.sent & changeable | adopted) - {column.name for column in match}
    values = {name: draft.values[name] for name in names}
    change = Draft(entity, draft.path, values, draft.sent, branches=draft.branches)
    after = update_row(writer, Chosen(key, draft.path), change)
    write_branches(writer, [change], [after], fresh=False)
    key = key_of(entity, after)
    check_updated(writer, entity, [Chosen(key, draft.path)])
    return key

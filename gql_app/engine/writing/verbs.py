"""Verbs: what each generated mutation does with its arguments."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from gql_app.engine.entity import Entity
from gql_app.engine.errors import BadUserInputError, LimitExceededError
from gql_app.engine.filters import Values, Where
from gql_app.engine.policy import Action
from gql_app.engine.where import FilterParser
from gql_app.engine.writing import builders
from gql_app.engine.writing.delete import delete_rows, purge_row, restore_row
from gql_app.engine.writing.drafts import Key, key_of
from gql_app.engine.writing.nested import create_rows, settle, write_branches
from gql_app.engine.writing.parsing import InputReader
from gql_app.engine.writing.problems import ProblemsError
from gql_app.engine.writing.targets import conflict_targets
from gql_app.engine.writing.update import (
    Chosen,
    check_updated,
    update_row,
    update_rows,
)
from gql_app.engine.writing.upsert import upsert_row
from gql_app.engine.writing.writer import Writer

Verb: TypeAlias = Literal[
    "create",
    "createMany",
    "update",
    "updateMany",
    "upsert",
    "delete",
    "deleteMany",
    "restore",
    "purge",
]
Arguments: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """What a mutation field has written: the primary keys of the rows that are there
    now, or of those that are gone."""

    keys: Sequence[Key] = ()
    deleted: Sequence[Key] = ()
    created: bool | None = None


def write(writer: Writer, entity: Entity, verb: Verb, arguments: Arguments) -> Written:
    """Do what a mutation field asks for. Raises ProblemsError, with all that is wrong
    with the input before the first statement, and what `Writer.rows` does."""
    reader = InputReader(writer.scope, writer.limits)
    return _VERBS[verb](writer, entity, reader, arguments)


def _create(
    writer: Writer, entity: Entity, reader: InputReader, arguments: Arguments
) -> Written:
    draft = reader.create(entity, arguments["input"], ("input",))
    reader.check()
    return Written(create_rows(writer, [draft]))


def _create_many(
    writer: Writer, entity: Entity, reader: InputReader, arguments: Arguments
) -> Written:
    drafts = [
        reader.create(entity, one, ("inputs", place))
        for place, one in enumerate(arguments["inputs"])
    ]
    reader.check()
    return Written(create_rows(writer, drafts))


def _update(
    writer: Writer, entity: Entity, reader: InputReader, arguments: Arguments
) -> Written:
    row = _named(entity, reader, arguments)
    draft = reader.update(entity, arguments["input"], ("input",))
    reader.check()
    settle(writer, [draft])
    after = update_row(writer, row, draft)
    write_branches(writer, [draft], [after], fresh=False)
    key = key_of(entity, after)  # it may have changed
    check_updated(writer, entity, [Chosen(key, row.path)])
    return Written([key])


def _update_many(
    writer: Writer, entity: Entity, reader: InputReader, arguments: Arguments
) -> Written:
    draft = reader.update(entity, arguments["set"], ("set",))
    chosen = _where(writer, entity, arguments)
    reader.check()
    settle(writer, [draft])
    rows = _matching(writer, entity, chosen, arguments, "update")
    if rows and draft.values:
        return Written(update_rows(writer, entity, rows, draft))
    return Written([row.key for row in rows])


def _upsert(
    writer: Writer, entity: Entity, reader: InputReader, arguments: Arguments
) -> Written:
    draft = reader.create(entity, arguments["input"], ("input",))
    reader.check()
    match = conflict_targets(entity)[arguments["onConflict"].name]
    key, created = upsert_row(writer, draft, match)
    return Written([key], created=created)


def _delete(
    writer: Writer, entity: Entity, reader: InputReader, arguments: Arguments
) -> Written:
    row = _named(entity, reader, arguments)
    reader.check()
    delete_rows(writer, entity, [row])
    return Written(deleted=[row.key])


def _delete_many(
    writer: Writer, entity: Entity, reader: InputReader, arguments: Arguments
) -> Written:
    chosen = _where(writer, entity, arguments)
    reader.check()
    rows = _matching(writer, entity, chosen, arguments, "delete")
    if rows:
        delete_rows(writer, entity, rows)
    return Written(deleted=[row.key for row in rows])


def _restore(
    writer: Writer, entity: Entity, reader: InputReader, arguments: Arguments
) -> Written:
    row = _named(entity, reader, arguments)
    reader.check()
    restore_row(writer, entity, row)
    return Written([row.key])


def _purge(
    writer: Writer, entity: Entity, reader: InputReader, arguments: Arguments
) -> Written:
    row = _named(entity, reader, arguments)
    reader.check()
    purge_row(writer, entity, row)
    return Written(deleted=[row.key])


def _named(entity: Entity, reader: InputReader, arguments: Arguments) -> Chosen:
    found = reader.reference(entity, arguments["id"], ("id",))
    key = () if found is None else found.key  # the reader keeps the problem
    return Chosen(key, ("id",), arguments.get("expectedVersion"))


def _where(
    writer: Writer, entity: Entity, arguments: Arguments
) -> tuple[Where, Values]:
    values = Values()
    parser = FilterParser(writer.limits, values)
    try:
        return parser.parse(entity, arguments["where"]), values
    except (BadUserInputError, LimitExceededError) as error:
        error.path = ("where",)
        raise ProblemsError([error]) from error


def _matching(
    writer: Writer,
    entity: Entity,
    chosen: tuple[Where, Values],
    arguments: Arguments,
    action: Action,
) -> list[Chosen]:
    """The rows that pass the filter and may be changed, locked; `atMost` of them."""
    where, values = chosen
    most = arguments["atMost"]
    limits = writer.limits
    if not 0 <= most <= limits.written_rows:
        text = f"atMost can be {limits.written_rows} at most, and not negative."
        raise ProblemsError([LimitExceededError(text, path=("atMost",))])
    found = writer.rows(
        *(builders.select_where, entity, entity.key, where, action),
        slots=values.items,
        extra={"limit": most + 1},
    )
    if len(found) > most:
        text = f"More than {most} rows pass the filter; nothing was changed."
        raise ProblemsError([LimitExceededError(text, path=("atMost",))])
    return [Chosen(key, ("where",)) for key in found]


_VERBS: Mapping[Verb, Callable[[Writer, Entity, InputReader, Arguments], Written]] = {
    "create": _create,
    "createMany": _create_many,
    "update": _update,
    "updateMany": _update_many,
    "upsert": _upsert,
    "delete": _delete,
    "deleteMany": _delete_many,
    "restore": _restore,
    "purge": _purge,
}

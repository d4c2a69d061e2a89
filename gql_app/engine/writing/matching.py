"""Matching: the rows that connectOrCreate names, by a unique key of theirs."""

from collections.abc import Sequence

from gql_app.engine.entity import Column
from gql_app.engine.errors import EngineError, UniqueViolationError
from gql_app.engine.names import words
from gql_app.engine.writing.drafts import Draft, Key
from gql_app.engine.writing.problems import ProblemsError
from gql_app.engine.writing.references import resolve
from gql_app.engine.writing.writer import Writer


def made_meanwhile(
    writer: Writer, match: tuple[Column, ...], late: Sequence[Draft]
) -> dict[int, Key]:
    """The primary keys of rows that other operations have just made, by the ids of the
    drafts that they are as good as. Raises ProblemsError for one that can't be read."""
    if not late:
        return {}
    wanted = [match_values(draft, match) for draft in late]
    entity = late[0].entity
    known = resolve(writer, entity, match, entity.key, wanted)
    hidden: list[EngineError] = [
        UniqueViolationError(
            f"Another {words(draft.entity.name)} has this {words(match[0].name)}, "
            "one that you can't see.",
            path=draft.field_path(match[0].name),
        )
        for draft, key in zip(late, wanted, strict=True)
        if key not in known
    ]
    if hidden:
        raise ProblemsError(hidden)
    return {id(draft): known[key] for draft, key in zip(late, wanted, strict=True)}


def match_values(draft: Draft, match: tuple[Column, ...]) -> Key:
    """What the draft says of the `match` columns."""
    return tuple(draft.values[column.name] for column in match)

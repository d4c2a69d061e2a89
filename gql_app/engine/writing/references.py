"""References: rows that an input names, which the viewer must be able to read."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from gql_app.engine.entity import Column, Entity, ForeignKey, settled
from gql_app.engine.errors import EngineError, NotFoundError
from gql_app.engine.names import words
from gql_app.engine.rulings import is_open
from gql_app.engine.writing import builders
from gql_app.engine.writing.drafts import Draft, Key, Reference
from gql_app.engine.writing.problems import ProblemsError
from gql_app.engine.writing.writer import Writer


def check_references(writer: Writer, references: Iterable[Reference]) -> None:
    """Raise ProblemsError, with a path for each row that isn't there for the viewer."""
    missing: list[EngineError] = []
    for (entity, match), group in _grouped(references).items():
        found = resolve(writer, entity, match, match, [one.key for one in group])
        missing += [not_found(one) for one in group if one.key not in found]
    if missing:
        raise ProblemsError(missing)


@lru_cache(1024)
def guarded(entity: Entity) -> Sequence[ForeignKey]:
    """The foreign keys of the entity to rows that not every viewer can read."""
    return tuple(
        key
        for key in entity.foreign_keys
        if not (is_open(key.target) and key.target.deleted_at is None)
    )


def named_together(draft: Draft, values: Mapping[str, Any]) -> list[Reference]:
    """The rows that several columns of a draft's row, each with its value, name
    together, if the client has sent one of these columns."""
    found = []
    for foreign_key in _composite(draft.entity):
        names = [column.name for column in foreign_key.local]
        sent = [name for name in names if name in draft.sent and name in draft.values]
        key = tuple(values.get(name) for name in names)
        if sent and None not in key:
            path = draft.field_path(sent[0])
            found.append(Reference(foreign_key.target, foreign_key.remote, key, path))
    return found


def names_partly(draft: Draft) -> bool:
    """Whether some columns of a foreign key are set, and the others are to stay."""
    keys = (
        {one.name for one in foreign_key.local}
        for foreign_key in _composite(draft.entity)
    )
    return any(key & draft.values.keys() and key - draft.values.keys() for key in keys)


def _composite(entity: Entity) -> Iterable[ForeignKey]:
    return (one for one in guarded(entity) if len(one.local) > 1)


def resolve(
    writer: Writer,
    entity: Entity,
    match: tuple[Column, ...],
    columns: tuple[Column, ...],
    keys: Sequence[Key],
) -> dict[Key, Key]:
    """The columns of the readable rows whose `match` columns are the keys."""
    unique = list(dict.fromkeys(keys))
    read = (*match, *columns)
    rows = writer.rows(builders.readable_rows, entity, match, read, keys=unique)
    found = {row[: len(match)]: row[len(match) :] for row in rows}
    same = {key: settled(match, key) for key in unique}
    return {key: found[there] for key, there in same.items() if there in found}


def not_found(reference: Reference) -> NotFoundError:
    """The error for a reference to a row that isn't there, or not for the viewer."""
    return NotFoundError(
        f"There is no such {words(reference.entity.name)}.", path=reference.path
    )


def _grouped(
    references: Iterable[Reference],
) -> dict[tuple[Entity, tuple[Column, ...]], list[Reference]]:
    groups: dict[tuple[Entity, tuple[Column, ...]], list[Reference]] = {}
    for reference in references:
        groups.setdefault((reference.entity, reference.match), []).append(reference)
    return groups

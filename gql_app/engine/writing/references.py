"""References: rows that an input names, which the viewer must be able to read."""

from collections.abc import Iterable, Sequence

from gql_app.engine.entity import Column, Entity
from gql_app.engine.errors import EngineError, NotFoundError
from gql_app.engine.names import words
from gql_app.engine.writing import builders
from gql_app.engine.writing.drafts import Key, Reference
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
    return {row[: len(match)]: row[len(match) :] for row in rows}


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

"""Links: the rows between the two ends of an n-n relation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gql_app.engine.entity import Column, Entity, Relation
from gql_app.engine.errors import EngineError, ForbiddenError, NotFoundError, Path
from gql_app.engine.names import words
from gql_app.engine.rulings import ruling_of
from gql_app.engine.transaction import ConstraintError
from gql_app.engine.writing import builders
from gql_app.engine.writing.drafts import Draft, Key, Reference
from gql_app.engine.writing.explanations import explained
from gql_app.engine.writing.problems import ProblemsError
from gql_app.engine.writing.references import resolve
from gql_app.engine.writing.writer import Writer, columns_of, defaults


@dataclass(frozen=True, slots=True)
class Tie:
    """A link to be: the near end's values, what tells the target (its key, unless other
    columns are named), the link's own columns."""

    near: Key
    key: Key
    edge: Mapping[str, Any]
    named_by: Reference | Draft


def link_rows(writer: Writer, relation: Relation, ties: Sequence[Tie]) -> None:
    """Make the links that aren't there yet. Raises ProblemsError, for targets that the
    viewer can't read and for links that the policy forbids."""
    key = relation.target.key
    for own, group in _grouped(writer, relation, ties).items():
        if _link(writer, relation, (key, own), group) < len(group):
            _check_targets(writer, relation, [tie for tie, _ in group])


def link_matching(
    writer: Writer, relation: Relation, match: tuple[Column, ...], ties: Sequence[Tie]
) -> bool:
    """As `link_rows`, for targets that the `match` columns tell. Whether all the links
    are new, which means that all the targets are there."""
    groups = _grouped(writer, relation, ties)
    return all(
        _link(writer, relation, (match, own), group) == len(group)
        for own, group in groups.items()
    )


def unlink_rows(
    writer: Writer, relation: Relation, near: Key, keys: Sequence[Key], *, keep: bool
) -> None:
    """Delete the links to these targets, or (`keep`) to all others."""
    writer.rows(builders.unlink, relation, keep, slots=near, keys=keys)


_Groups = dict[tuple[Column, ...], list[tuple[Tie, Mapping[str, Any]]]]


def _grouped(writer: Writer, relation: Relation, ties: Sequence[Tie]) -> _Groups:
    """The ties, each once, with their own values, by the columns that these are of."""
    link = relation.link
    assert link is not None
    unique = list({(tie.near, tie.key): tie for tie in ties}.values())
    if link.entity is not None and unique:
        _check_ruling(writer, link.entity, unique[0].named_by.path)
    groups: _Groups = {}
    for tie in unique:
        values = _edge_values(writer, link.entity, tie)
        columns = () if link.entity is None else columns_of(link.entity, values)
        ends = {*link.near, *link.far}
        own = tuple(column for column in columns if column.source not in ends)
        groups.setdefault(own, []).append((tie, values))
    return groups


def _edge_values(writer: Writer, entity: Entity | None, tie: Tie) -> dict[str, Any]:
    values = dict(tie.edge)
    if entity is not None:
        writer.preset(entity, values)
        defaults(entity, values)
    return values


def _link(
    writer: Writer,
    relation: Relation,
    columns: tuple[tuple[Column, ...], tuple[Column, ...]],
    group: Sequence[tuple[Tie, Mapping[str, Any]]],
) -> int:
    """How many links were made; the columns are those that tell the targets, and the
    links' own."""
    link = relation.link
    assert link is not None
    match, own = columns
    keys = [
        (*tie.near, *tie.key, *(values[column.name] for column in own))
        for tie, values in group
    ]
    try:
        made = writer.rows(builders.link, relation, match, own, keys=keys)
    except ConstraintError as error:
        named = group[0][0].named_by
        entity = link.entity or relation.target
        draft = Draft(entity, named.path, {}, frozenset())
        raise ProblemsError([explained(writer, error, draft)]) from error
    _check_made(writer, relation, group[0][0].named_by.path, made)
    return len(made)


def _check_made(
    writer: Writer, relation: Relation, path: Path, made: Sequence[tuple[Any, ...]]
) -> None:
    link = relation.link
    assert link is not None
    if link.entity is None or not made:
        return
    ruling = ruling_of(link.entity, "create", writer.scope)
    allowed = True
    if ruling == "returned":
        allowed = all(row[-1] for row in made)
    elif ruling == "queried":
        ends = [*link.near, *link.far]
        places = [ends.index(column.source) for column in link.entity.key]
        keys = [tuple(row[place] for place in places) for row in made]
        found = writer.rows(builders.allowed, link.entity, "create", keys=keys)
        allowed = len(found) == len(keys)
    if not allowed:
        raise ProblemsError([_forbidden(link.entity, path)])


def _check_ruling(writer: Writer, entity: Entity, path: Path) -> None:
    if ruling_of(entity, "create", writer.scope) == "never":
        raise ProblemsError([_forbidden(entity, path)])


def _forbidden(entity: Entity, path: Path) -> ForbiddenError:
    return ForbiddenError(f"You may not create this {words(entity.name)}.", path=path)


def _check_targets(writer: Writer, relation: Relation, ties: Sequence[Tie]) -> None:
    """Some links weren't made: because they exist, or because there is no target."""
    target = relation.target
    found = resolve(writer, target, target.key, target.key, [tie.key for tie in ties])
    missing: list[EngineError] = [
        NotFoundError(f"There is no such {words(target.name)}.", path=tie.named_by.path)
        for tie in ties
        if tie.key not in found
    ]
    if missing:
        raise ProblemsError(missing)

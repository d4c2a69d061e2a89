"""Links: the rows between the two ends of an n-n relation."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gql_app.engine.entity import Column, Entity, Relation
from gql_app.engine.errors import ConflictError, EngineError, NotFoundError, Path
from gql_app.engine.names import words
from gql_app.engine.rulings import ruling_of
from gql_app.engine.statements import Row
from gql_app.engine.transaction import ConstraintError
from gql_app.engine.writing import builders, linking
from gql_app.engine.writing.drafts import Branch, Draft, Key, Reference
from gql_app.engine.writing.explanations import explained
from gql_app.engine.writing.problems import ProblemsError, check_ruling, may_not
from gql_app.engine.writing.references import resolve
from gql_app.engine.writing.update import Chosen, update_rows
from gql_app.engine.writing.validation import all_fields, problem, validated, without
from gql_app.engine.writing.writer import (
    CarefulRetryError,
    Writer,
    columns_of,
    defaults,
)


@dataclass(frozen=True, slots=True)
class Tie:
    """A link to be: the near end's values, what tells the target (its key, unless other
    columns are named), the link's own columns."""

    near: Key
    key: Key
    edge: Draft | None
    named_by: Reference | Draft


def link_rows(
    writer: Writer, relation: Relation, ties: Sequence[Tie], *, fresh: bool
) -> None:
    """Make the links that aren't there yet, and give the others the columns that were
    sent; rows that are `fresh` have no others. Raises ProblemsError, for targets that the
    viewer can't read and for links that the policy forbids."""
    key = relation.target.key
    for own, group in _grouped(writer, relation, ties):
        made = _link(writer, relation, (key, own), group)
        if len(made) < len(group):
            some = [tie for tie, _ in group]
            _check_targets(writer, relation, some)
            if not fresh:
                _change_known(writer, relation, some, made)


def link_matching(
    writer: Writer, relation: Relation, match: tuple[Column, ...], ties: Sequence[Tie]
) -> bool:
    """As `link_rows`, for targets that the `match` columns tell. Whether all the links
    are new, which means that all the targets are there."""
    groups = _grouped(writer, relation, ties)
    return all(
        len(_link(writer, relation, (match, own), group)) == len(group)
        for own, group in groups
    )


def unlink_rows(
    writer: Writer, branch: Branch, near: Key, keys: Sequence[Key], *, keep: bool
) -> None:
    """Delete the links to these targets, or (`keep`) to all others. Raises ProblemsError
    if there are some that may not be deleted."""
    relation = branch.relation
    writer.rows(linking.unlink, relation, keep, slots=near, keys=keys)
    entity = None if relation.link is None else relation.link.entity
    if entity is None or ruling_of(entity, "delete", writer.scope) == "always":
        return
    if writer.rows(linking.undeletable, relation, keep, slots=near, keys=keys):
        raise ProblemsError([may_not("delete", entity, branch.path)])


_Group = list[tuple[Tie, Mapping[str, Any]]]


def _grouped(
    writer: Writer, relation: Relation, ties: Sequence[Tie]
) -> list[tuple[tuple[Column, ...], _Group]]:
    """The ties, each once, with their own values, by the columns that these are of."""
    link = relation.link
    assert link is not None
    unique = list({(tie.near, tie.key): tie for tie in ties}.values())
    if link.entity is not None and unique:
        path = unique[0].named_by.path
        check_ruling(writer.scope, link.entity, "create", path)
    groups: dict[tuple[Column, ...], _Group] = {}
    for tie in unique:
        values = _edge_values(writer, link.entity, tie)
        columns = () if link.entity is None else columns_of(link.entity, values)
        ends = {*link.near, *link.far}
        own = tuple(column for column in columns if column.source not in ends)
        groups.setdefault(own, []).append((tie, values))
    if writer.careful:
        return [(own, [one]) for own, group in groups.items() for one in group]
    return list(groups.items())


def _edge_values(writer: Writer, entity: Entity | None, tie: Tie) -> dict[str, Any]:
    values = {} if tie.edge is None else dict(tie.edge.values)
    if entity is not None:
        writer.preset(entity, values)
        defaults(entity, values)
    return values


def _link(
    writer: Writer,
    relation: Relation,
    columns: tuple[tuple[Column, ...], tuple[Column, ...]],
    group: _Group,
) -> Sequence[Row]:
    """The links that were made; the columns are those that tell the targets, and the
    links' own."""
    link = relation.link
    assert link is not None
    match, own = columns
    keys = [
        (*tie.near, *tie.key, *(values[column.name] for column in own))
        for tie, values in group
    ]
    try:
        made = writer.rows(linking.link, relation, match, own, keys=keys)
    except ConstraintError as error:
        if len(group) > 1:
            raise CarefulRetryError from error
        tie = group[0][0]
        entity = link.entity or relation.target
        draft = tie.edge or Draft(entity, tie.named_by.path, {}, frozenset())
        raise ProblemsError([explained(writer, error, draft)]) from error
    _check_made(writer, relation, group[0][0].named_by.path, made)
    return made


def _check_made(
    writer: Writer, relation: Relation, path: Path, made: Sequence[Row]
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
        width = len(link.entity.key)
        keys = [row[:width] for row in made]
        found = writer.rows(builders.allowed, link.entity, "create", keys=keys)
        allowed = len(found) == len(keys)
    if not allowed:
        raise ProblemsError([may_not("create", link.entity, path)])


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


def _change_known(
    writer: Writer, relation: Relation, ties: Sequence[Tie], made: Sequence[Row]
) -> None:
    """Give links what was sent of their own columns, where they have something else and
    weren't made just now."""
    edges = [(tie, tie.edge) for tie in ties if tie.edge is not None and tie.edge.sent]
    if not edges:
        return
    entity = edges[0][1].entity
    width = len(entity.key)
    new = {row[:width] for row in made}
    columns = columns_of(entity, {name for _, edge in edges for name in edge.sent})
    keys = [(place, *tie.near, *tie.key) for place, (tie, _) in enumerate(edges)]
    for row in writer.rows(linking.known, relation, columns, keys=keys):
        place, readable, *rest = row
        edge = edges[place][1]
        key, stored = tuple(rest[:width]), rest[width:]
        other = frozenset(
            column.name
            for column, value in zip(columns, stored, strict=True)
            if column.name in edge.sent
            and column.settle(edge.values[column.name]) != value
        )
        if key not in new and not readable:
            raise ProblemsError([_conflict(edge, edge.sent)])
        if key not in new and other:
            _change(writer, key, edge, other)


def _change(writer: Writer, key: Key, edge: Draft, names: frozenset[str]) -> None:
    """Change these columns of a link, which its update model must have."""
    entity, model = edge.entity, edge.entity.update
    known = set() if model is None else {one.name for one in model.fields.values()}
    if model is None or entity.policy.update is None or not names <= known:
        raise ProblemsError([_conflict(edge, names)])
    values = {name: edge.values[name] for name in names}
    others = frozenset(all_fields(model)) - names
    instance, details = validated(without(model.model, others), values)
    if instance is None:
        raise ProblemsError([problem(one, model, edge.path) for one in details])
    values = {name: getattr(instance, name) for name in names}
    row = Chosen(key, edge.path)
    update_rows(writer, entity, [row], Draft(entity, edge.path, values, names))


def _conflict(edge: Draft, names: Iterable[str]) -> ConflictError:
    """The error for a link that is there with other columns than these, as sent."""
    (first, *_) = columns_of(edge.entity, names)
    text = f"The {words(edge.entity.name)} exists, with another {words(first.name)}."
    return ConflictError(text, path=edge.field_path(first.name))

"""Nested: what is written at the ends of a row's relations, along with the row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from gql_app.engine.entity import Column, Relation
from gql_app.engine.errors import EngineError
from gql_app.engine.writing import builders
from gql_app.engine.writing.create import (
    check_created,
    insert_drafts,
    insert_missing,
)
from gql_app.engine.writing.drafts import Branch, Draft, Key, Reference, key_of
from gql_app.engine.writing.links import (
    Tie,
    link_matching,
    link_rows,
    unlink_rows,
)
from gql_app.engine.writing.matching import made_meanwhile, match_values
from gql_app.engine.writing.problems import ProblemsError
from gql_app.engine.writing.references import check_references, not_found, resolve
from gql_app.engine.writing.shapes import match_key
from gql_app.engine.writing.update import Chosen, update_rows
from gql_app.engine.writing.writer import Writer


def create_rows(writer: Writer, drafts: Sequence[Draft]) -> list[Key]:
    """Make the rows of drafts of one entity, and all that is nested in them; their
    primary keys. Raises ProblemsError."""
    if not drafts:
        return []
    entity = drafts[0].entity
    settle(writer, drafts)
    rows = insert_drafts(writer, drafts)
    write_branches(writer, drafts, rows, fresh=True)
    keys = [key_of(entity, row) for row in rows]
    check_created(writer, drafts, keys)
    return keys


def settle(writer: Writer, drafts: Sequence[Draft]) -> None:
    """Find or make the parents of drafts, and put their keys into the values."""
    check_references(writer, [one for draft in drafts for one in draft.references])
    for relation in dict.fromkeys(
        relation for draft in drafts for relation, _ in draft.parents
    ):
        chosen = [
            (draft, parent)
            for draft in drafts
            for one, parent in draft.parents
            if one is relation
        ]
        _connect(writer, relation, chosen)
        made = [pair for pair in chosen if isinstance(pair[1], Draft)]
        new = [parent for _, parent in made if isinstance(parent, Draft)]
        keys = create_rows(writer, new)
        found = _values(writer, relation, keys)
        for (draft, _), key in zip(made, keys, strict=True):
            _adopt(draft, relation, found[key])


def write_branches(
    writer: Writer,
    drafts: Sequence[Draft],
    rows: Sequence[Mapping[str, Any]],
    *,
    fresh: bool,
) -> None:
    """Write what is nested in drafts whose rows are there; `fresh` rows have nothing at
    the ends of their relations yet."""
    groups: dict[Relation, list[Stem]] = {}
    for draft, row in zip(drafts, rows, strict=True):
        for branch in draft.branches:
            local = branch.relation.local
            near = tuple(row[column.name] for column in local)
            groups.setdefault(branch.relation, []).append(Stem(near, branch, fresh))
    for relation, stems in groups.items():
        if relation.link is not None:
            _write_links(writer, relation, stems)
        else:
            _write_children(writer, relation, stems)


@dataclass(frozen=True, slots=True)
class Stem:
    """A row that a branch grows from: the values of the relation's local columns."""

    near: Key
    branch: Branch
    fresh: bool


def _connect(
    writer: Writer,
    relation: Relation,
    chosen: Sequence[tuple[Draft, Reference | Draft]],
) -> None:
    pairs = [
        (draft, parent) for draft, parent in chosen if isinstance(parent, Reference)
    ]
    if not pairs:
        return
    target = relation.target
    keys = [parent.key for _, parent in pairs]
    found = resolve(writer, target, target.key, relation.remote, keys)
    missing: list[EngineError] = [
        not_found(parent) for _, parent in pairs if parent.key not in found
    ]
    if missing:
        raise ProblemsError(missing)
    for draft, parent in pairs:
        _adopt(draft, relation, found[parent.key])


def _values(
    writer: Writer, relation: Relation, keys: Sequence[Key]
) -> Mapping[Key, Key]:
    """What a relation's local columns must be to meet the rows with these keys."""
    target = relation.target
    if relation.remote == target.key or not keys:
        return {key: key for key in keys}
    columns = (*target.key, *relation.remote)
    every = builders.Target("any", many=True)
    rows = writer.rows(builders.select, target, columns, every, keys=keys)
    return {row[: len(target.key)]: row[len(target.key) :] for row in rows}


def _adopt(draft: Draft, relation: Relation, values: Key) -> None:
    for column, value in zip(relation.local, values, strict=True):
        draft.values[column.name] = value


def _write_links(writer: Writer, relation: Relation, stems: Sequence[Stem]) -> None:
    named = (stem.branch.references for stem in stems)
    check_references(writer, chain.from_iterable(named))
    ties: list[Tie] = []
    for stem in stems:
        branch = stem.branch
        known = [*(branch.set or ()), *branch.add]
        ties += [Tie(stem.near, one.key, one.edge, one) for one in known]
    pairs = [_created(writer, stems)]
    if not _link_known(writer, relation, stems):
        pairs.append(_found_or_created(writer, stems))
    for made in pairs:
        ties += [Tie(stem.near, key, draft.edge, draft) for stem, draft, key in made]
    for stem in stems:
        if not stem.fresh:
            _unlink(writer, stem, ties)
    link_rows(writer, relation, ties, fresh=all(stem.fresh for stem in stems))


def _link_known(writer: Writer, relation: Relation, stems: Sequence[Stem]) -> bool:
    """Link new rows to those that connectOrCreate names, in the hope that all are there:
    most are, and it takes one statement. False if some aren't."""
    match = match_key(relation.target)
    ties = [
        Tie(stem.near, match_values(draft, match), draft.edge, draft)
        for stem in stems
        for draft in stem.branch.connect_or_create
    ]
    if not ties or not all(stem.fresh for stem in stems):
        return not ties
    return link_matching(writer, relation, match, ties)


def _unlink(writer: Writer, stem: Stem, ties: Sequence[Tie]) -> None:
    if stem.branch.set is not None:
        kept = [tie.key for tie in ties if tie.near == stem.near]
        unlink_rows(writer, stem.branch, stem.near, kept, keep=True)
    if stem.branch.remove:
        gone = [one.key for one in stem.branch.remove]
        unlink_rows(writer, stem.branch, stem.near, gone, keep=False)


def _write_children(writer: Writer, relation: Relation, stems: Sequence[Stem]) -> None:
    for stem in stems:
        if not stem.fresh:
            _release(writer, relation, stem)
    _created(writer, stems, given=relation.remote)
    taken = _found_or_created(writer, stems, given=relation.remote)
    for stem in stems:
        own = [Chosen(key, draft.path) for one, draft, key in taken if one is stem]
        rows = [*(stem.branch.set or ()), *stem.branch.add]
        chosen = [Chosen(one.key, one.path) for one in rows] + own
        _set_key(writer, relation, chosen, stem.near)


def _release(writer: Writer, relation: Relation, stem: Stem) -> None:
    """Take rows off the row's end of the relation, if they are there at all."""
    branch = stem.branch
    kept = None if branch.set is None else [one.key for one in branch.set]
    gone = [one.key for one in branch.remove]
    for keys, keep in ((kept, True), (gone or None, False)):
        if keys is not None:
            rows = writer.rows(
                builders.orphans, relation, keep, slots=stem.near, keys=keys
            )
            chosen = [Chosen(row, branch.path) for row in rows]
            _set_key(writer, relation, chosen, (None,) * len(stem.near))


def _set_key(
    writer: Writer, relation: Relation, rows: Sequence[Chosen], values: Key
) -> None:
    if rows:
        names = (column.name for column in relation.remote)
        given = dict(zip(names, values, strict=True))
        draft = Draft(relation.target, rows[0].path, given, frozenset())
        update_rows(writer, relation.target, rows, draft)


Made = list[tuple[Stem, Draft, Key]]


def _created(
    writer: Writer, stems: Sequence[Stem], given: Sequence[Column] = ()
) -> Made:
    pairs = [(stem, draft) for stem in stems for draft in stem.branch.create]
    for stem, draft in pairs:
        for column, value in zip(given, stem.near, strict=False):
            draft.values[column.name] = value
    keys = create_rows(writer, [draft for _, draft in pairs])
    return [(stem, draft, key) for (stem, draft), key in zip(pairs, keys, strict=True)]


def _found_or_created(
    writer: Writer, stems: Sequence[Stem], given: Sequence[Column] = ()
) -> Made:
    """The rows that connectOrCreate names: looked up first, as most are there."""
    pairs = [(stem, draft) for stem in stems for draft in stem.branch.connect_or_create]
    if not pairs:
        return []
    entity = pairs[0][1].entity
    match = match_key(entity)
    wanted = [match_values(draft, match) for _, draft in pairs]
    known = resolve(writer, entity, match, entity.key, wanted)
    new: dict[Key, Draft] = {}
    for (stem, draft), key in zip(pairs, wanted, strict=True):
        if key not in known and key not in new:
            new[key] = draft
            for column, value in zip(given, stem.near, strict=False):
                draft.values[column.name] = value
    if new:
        known = {**known, **_create_missing(writer, match, new)}
    return [
        (stem, draft, known[key])
        for (stem, draft), key in zip(pairs, wanted, strict=True)
    ]


def _create_missing(
    writer: Writer, match: tuple[Column, ...], new: Mapping[Key, Draft]
) -> dict[Key, Key]:
    """Make rows that weren't there a moment ago; those that another operation has made
    meanwhile are as good. Their primary keys by what was wanted."""
    drafts = list(new.values())
    entity = drafts[0].entity
    settle(writer, drafts)
    rows = insert_missing(writer, drafts, match)
    made = [(draft, row) for draft, row in zip(drafts, rows, strict=True) if row]
    late = [draft for draft, row in zip(drafts, rows, strict=True) if not row]
    keys = [key_of(entity, row) for _, row in made]
    if made:
        own = [draft for draft, _ in made]
        write_branches(writer, own, [row for _, row in made], fresh=True)
        check_created(writer, own, keys)
    found = {
        id(draft): key for (draft, _), key in zip(made, keys, strict=True)
    } | made_meanwhile(writer, match, late)
    return {key: found[id(draft)] for key, draft in new.items()}

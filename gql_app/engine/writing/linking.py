"""Every statement about links, the rows between the ends of n-n relations.

As in `builders`: pure, with slots and keys for values.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from gql_app.engine.access import (
    ONE,
    Rows,
    Scope,
    Seen,
    aliased,
    link_showing,
    pairwise,
    permitted,
    present,
)
from gql_app.engine.entity import Link, Relation
from gql_app.engine.filters import slot
from gql_app.engine.relations import unique_groups
from gql_app.engine.rulings import verdict
from gql_app.engine.writing.builders import Columns, tuple_of
from gql_app.engine.writing.presets import sql_presets


def link(
    relation: Relation, match: Columns, edge: Columns, scope: Scope
) -> sa.UpdateBase:
    """Link rows, for each of the keys: the near end's values, what the target's `match`
    columns are, the edge's columns. Targets that can't be read, and links that exist,
    are left out. Of a registered link, its key comes back, and the ruling on it."""
    assert relation.link is not None
    found = relation.link
    presets = {} if found.entity is None else sql_presets(found.entity, scope)
    names = [*found.near, *found.far, *(column.source for column in edge), *presets]
    chosen = _wanted(relation, match, edge, scope).add_columns(*presets.values())
    statement = scope.dialect.insert(found.table).from_select(
        names, chosen, include_defaults=False
    )
    if unique := _joining(found):
        statement = statement.on_conflict_do_nothing(index_elements=unique)
    if found.entity is None:
        return statement.returning(*found.near)
    key = [column.source for column in found.entity.key]
    return statement.returning(*key, *verdict(found.entity, "create", scope))


def _wanted(
    relation: Relation, match: Columns, edge: Columns, scope: Scope
) -> sa.Select[Any]:
    """What links are to be made of, as far as the targets can be read."""
    assert relation.link is not None
    found = relation.link
    target = Rows.of(relation.target)
    near = [column.type for column in found.near]
    own = [column.source.type for column in match]
    types = [*near, *own, *(column.source.type for column in edge)]
    source, values = scope.dialect.keys(types)
    ends, rest = values[: len(near)], values[len(near) :]
    ids, extra = rest[: len(own)], rest[len(own) :]
    met = Seen(target, scope).meeting(match, ids)
    far = [target[column] for column in relation.remote]
    chosen = sa.select(*ends, *far, *extra)
    chosen = chosen.select_from(source.join(target.source, sa.and_(*met)))
    # SQLite takes ON CONFLICT for a part of the join unless a WHERE comes before.
    chosen = chosen.where(sa.true(), *present(target, scope))
    if _joining(found):
        return chosen
    there = aliased(found.table)
    columns = [there.c[column.key] for column in (*found.near, *found.far)]
    same = sa.select(ONE).select_from(there).where(*pairwise(columns, [*ends, *far]))
    return chosen.where(~same.exists())


def _joining(link: Link) -> Sequence[sa.Column[Any]]:
    """The near and far columns, if all of them together are what is unique."""
    ends = {*link.near, *link.far}
    groups = (group for group in unique_groups(link.table) if {*group} == ends)
    return next(groups, ())


def unlink(relation: Relation, keep: bool, scope: Scope) -> sa.UpdateBase:
    """Delete the links from the row in the slots to the keys of targets, or (`keep`) to
    all but these. Targets that can't be read are as if they weren't there."""
    assert relation.link is not None
    found = relation.link
    statement = sa.delete(found.table).where(*_chosen(relation, keep, scope))
    if found.entity is not None:
        rows = Rows(found.entity, found.table)
        statement = statement.where(*permitted(rows, scope, "delete"))
    return statement.returning(*found.far)


def undeletable(relation: Relation, keep: bool, scope: Scope) -> sa.Select[Any]:
    """Whether `unlink` has left links that the viewer can read: those of a registered
    link that may not be deleted."""
    assert relation.link is not None
    assert relation.link.entity is not None
    rows = Rows(relation.link.entity, relation.link.table)
    statement = sa.select(ONE).select_from(rows.source)
    left = (*_chosen(relation, keep, scope), *present(rows, scope))
    return statement.where(*left).limit(1)


def known(relation: Relation, columns: Columns, scope: Scope) -> sa.Select[Any]:
    """The links of a registered kind, for each of the keys: its place among them, the near
    end's values, the target's key. The place comes back, whether the viewer can read the
    link, its key, and the columns."""
    assert relation.link is not None
    assert relation.link.entity is not None
    found, entity = relation.link, relation.link.entity
    near = [column.type for column in found.near]
    own = [column.source.type for column in relation.target.key]
    source, (place, *values) = scope.dialect.keys([sa.Integer(), *near, *own])
    target, links = Seen.of(relation.target, scope), Seen.of(entity, scope)
    named = target.meeting(relation.target.key, values[len(near) :])
    far = [target.rows[column] for column in relation.remote]
    ends = [entity.by_source[end] for end in (*found.near, *found.far)]
    met = pairwise([links.rows[end] for end in ends], [*values[: len(near)], *far])
    seen = sa.and_(sa.true(), *present(links.rows, scope), *links.showing(ends))
    statement = sa.select(
        *(place, sa.type_coerce(seen, sa.Boolean()), *links.rows.key()),
        *(links[column] for column in columns),
    )
    targets = source.join(target.source, sa.and_(*named))
    statement = statement.select_from(targets.join(links.source, sa.and_(*met)))
    return statement.order_by(place)


def _chosen(
    relation: Relation, keep: bool, scope: Scope
) -> Iterator[ColumnElement[bool]]:
    """Which links are from the row in the slots to the keys, or to all but these."""
    assert relation.link is not None
    found = relation.link
    for place, column in enumerate(found.near):
        yield column == slot(place, column.type)
    target = Rows.of(relation.target)
    keys, values = scope.dialect.keys(
        [column.source.type for column in relation.target.key]
    )
    named = tuple_of(target.key()).in_(sa.select(*values).select_from(keys))
    chosen = sa.select(*(target[column] for column in relation.remote))
    chosen = chosen.where(*present(target, scope), ~named if keep else named)
    yield tuple_of(found.far).in_(chosen)
    yield from link_showing(found, found.table, scope)

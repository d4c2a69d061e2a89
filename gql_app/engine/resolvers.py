"""Resolvers: the ordinary path, from a field's spec to its value, through loaders."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from inspect import iscoroutinefunction
from typing import Any

from graphql import GraphQLObjectType

from gql_app.engine.context import Context
from gql_app.engine.entity import Entity
from gql_app.engine.errors import LimitExceededError
from gql_app.engine.fields import (
    ColumnField,
    ComputedField,
    ConnectionField,
    IdField,
    LookupField,
    NodeField,
    PartField,
    PermissionField,
    Spec,
    ToOneField,
)
from gql_app.engine.identifiers import decode_id, not_an_id
from gql_app.engine.loaders import (
    LoadedPage,
    LoadedRow,
    PageRequest,
    count_loader,
    outside_loader,
    page_loader,
    permission_loader,
    row_loader,
)
from gql_app.engine.lookups import lookup
from gql_app.engine.queries import Selection, Side
from gql_app.engine.records import Record, values_of
from gql_app.engine.row_values import (
    Deferred,
    Info,
    Resolver,
    column_resolver,
    computed_resolver,
    seen_values,
)
from gql_app.engine.rulings import ruling_of
from gql_app.engine.selections import Selected, below, needed_columns


def resolver_of(spec: Spec) -> Resolver:
    """The graphql-core resolver of a field with this spec."""
    resolve = _resolver(spec)
    return partial(Deferred, resolve) if iscoroutinefunction(resolve) else resolve


def _resolver(  # noqa: C901, PLR0911  # one case per kind of field
    spec: Spec,
) -> Resolver:
    match spec:
        case IdField(entity):
            return lambda row, _: entity.encode_key(values_of(row, entity.key))
        case ColumnField():
            return column_resolver(spec)
        case ComputedField():
            return computed_resolver(spec)
        case ToOneField():
            return _to_one(spec)
        case ConnectionField():
            return _connection(spec)
        case LookupField(entity):
            return _lookup(entity)
        case NodeField(many, entities):
            return _nodes(entities) if many else _node(entities)
        case PermissionField():
            return _permission(spec)
        case PartField(of, name):
            return _PARTS[of, name]


def _permission(spec: PermissionField) -> Resolver:
    entity, action = spec.entity, spec.action

    async def resolve(row: Any, info: Info) -> bool:
        ruling = ruling_of(entity, action, info.context.scope)
        if ruling == "never":
            return False
        if ruling == "always" and entity.deleted_at is None:
            return True  # whoever was given the row can read it
        key = values_of(row, entity.key)
        return await permission_loader(info.context, entity, action).load(key)

    return resolve


def _to_one(spec: ToOneField) -> Resolver:
    relation = spec.relation

    async def resolve(row: Any, info: Info) -> Record | None:
        key = await seen_values(row, info, relation.source, relation.local)
        if None in key:
            return None
        columns = needed_columns(relation.target, [below(info)])
        loader = row_loader(
            info.context, relation.target, relation.remote, columns, relation
        )
        return await loader.load(key)

    return resolve


def _lookup(entity: Entity) -> Resolver:
    async def resolve(_: Any, info: Info, by: Any) -> Record | None:
        match, key = lookup(entity, by)
        columns = needed_columns(entity, [below(info)])
        return await row_loader(info.context, entity, match, columns).load(key)

    return resolve


def _node(entities: Mapping[str, Entity]) -> Resolver:
    async def resolve(_: Any, info: Info, id: str) -> Record | None:
        return await _load_node(info, entities, id)

    return resolve


def _nodes(entities: Mapping[str, Entity]) -> Resolver:
    async def resolve(_: Any, info: Info, ids: Sequence[str]) -> list[Record | None]:
        most = info.context.pages.limits.page_max
        if len(ids) > most:
            raise LimitExceededError(
                f"nodes takes {most} ids, and is given {len(ids)}."
            )
        return await asyncio.gather(*(_load_node(info, entities, one) for one in ids))

    return resolve


async def _load_node(
    info: Info, entities: Mapping[str, Entity], id: str
) -> Record | None:
    name, parts = decode_id(id)
    entity = entities.get(name)
    if entity is None or not entity.has_id:
        raise not_an_id(id)
    key = entity.key_values(id, parts)
    object_type = info.schema.get_type(name)
    assert isinstance(object_type, GraphQLObjectType)
    columns = needed_columns(entity, [below(info, object_type)])
    return await row_loader(info.context, entity, entity.key, columns).load(key)


class Connection:
    """The value of a connection field: what its parts load when they are selected."""

    def __init__(
        self, context: Context, request: PageRequest, key: tuple[Any, ...]
    ) -> None:
        self._context = context
        self._request = request
        self._key = key
        self._whose = request.relation or request.entity

    async def page(self) -> LoadedPage:
        return await page_loader(self._context, self._request).load(self._key)

    async def total_count(self) -> int:
        page = self._request.page
        return await count_loader(self._context, self._whose, page).load(self._key)

    async def has_next(self) -> bool:
        backward = self._request.page.shape.backward
        more = not backward and (await self.page()).more
        return more or await self._outside("before")

    async def has_previous(self) -> bool:
        backward = self._request.page.shape.backward
        more = backward and (await self.page()).more
        return more or await self._outside("after")

    async def _outside(self, side: Side) -> bool:
        page = self._request.page
        if getattr(page.shape, side) is None:
            return False
        loader = outside_loader(self._context, self._whose, page, side)
        return await loader.load(self._key)


def _connection(spec: ConnectionField) -> Resolver:
    relation, entity = spec.relation, spec.entity

    def connect(info: Info, arguments: Any, key: tuple[Any, ...]) -> Connection:
        context: Context = info.context
        page = context.pages.parse(spec.title, entity, arguments)
        selection, cursors = _page_selection(spec, below(info))
        request = PageRequest(entity, relation, page, selection, cursors)
        return Connection(context, request, key)

    def resolve(row: Any, info: Info, **arguments: Any) -> Connection:
        key = () if relation is None else values_of(row, relation.local)
        return connect(info, arguments, key)

    if relation is None or not any(column.readers for column in relation.local):
        return resolve

    async def resolve_guarded(row: Any, info: Info, **arguments: Any) -> Connection:
        key = await seen_values(row, info, relation.source, relation.local)
        return connect(info, arguments, key)

    return resolve_guarded


def _page_selection(
    spec: ConnectionField, selected: Selected
) -> tuple[Selection, bool]:
    """What to read of each row, and whether cursors are needed."""
    edges = list(selected.parts("edges"))
    nodes = [*selected.parts("nodes")]
    nodes += [node for edge in edges for node in edge.parts("node")]
    own = {
        found.column
        for edge in edges
        for found in edge.specs()
        if isinstance(found, ColumnField)
    }
    link = None if spec.relation is None else spec.relation.link
    columns = () if link is None else link.columns
    cursors = any(edge.has_part("cursor") for edge in edges) or any(
        info.has_part("startCursor", "endCursor") for info in selected.parts("pageInfo")
    )
    edge = tuple(column for column in columns if column in own)
    return Selection(needed_columns(spec.entity, nodes), edge), cursors


async def _total_count_part(connection: Connection, _: Any) -> int:
    return await connection.total_count()


async def _has_next_part(connection: Connection, _: Any) -> bool:
    return await connection.has_next()


async def _has_previous_part(connection: Connection, _: Any) -> bool:
    return await connection.has_previous()


async def _nodes_part(connection: Connection, _: Any) -> list[Record]:
    return [row.node for row in (await connection.page()).rows]


async def _edges_part(connection: Connection, _: Any) -> Sequence[LoadedRow]:
    return (await connection.page()).rows


async def _start_cursor(connection: Connection, _: Any) -> str | None:
    rows = (await connection.page()).rows
    return rows[0].cursor if rows else None


async def _end_cursor(connection: Connection, _: Any) -> str | None:
    rows = (await connection.page()).rows
    return rows[-1].cursor if rows else None


_PARTS: Mapping[tuple[str, str], Resolver] = {
    ("connection", "nodes"): _nodes_part,
    ("connection", "edges"): _edges_part,
    ("connection", "pageInfo"): lambda connection, _: connection,
    ("connection", "totalCount"): _total_count_part,
    ("edge", "node"): lambda edge, _: edge.node,
    ("edge", "cursor"): lambda edge, _: edge.cursor,
    ("pageInfo", "hasNextPage"): _has_next_part,
    ("pageInfo", "hasPreviousPage"): _has_previous_part,
    ("pageInfo", "startCursor"): _start_cursor,
    ("pageInfo", "endCursor"): _end_cursor,
}

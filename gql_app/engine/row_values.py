"""Row values: what a viewer is given of a row's columns, and of what is made of them."""

from collections.abc import Callable, Generator
from functools import partial
from inspect import isawaitable
from typing import Any, TypeAlias

from graphql import GraphQLResolveInfo

from gql_app.engine.context import Context
from gql_app.engine.entity import Column, Entity
from gql_app.engine.fields import ColumnField, ComputedField
from gql_app.engine.loaders import row_loader
from gql_app.engine.records import Record, values_of
from gql_app.engine.rulings import function_of

Resolver = Callable[..., Any]
Info: TypeAlias = GraphQLResolveInfo[Context]


class Deferred:
    """A call of a coroutine function that is made when its result is awaited.

    Where one field is an error, graphql-core drops what its neighbours returned; Python
    would warn of coroutines among that.
    """

    __slots__ = ("_call",)

    def __init__(self, function: Resolver, *given: Any, **arguments: Any) -> None:
        self._call = partial(function, *given, **arguments)

    def __await__(self) -> Generator[Any, None, Any]:
        found: Generator[Any, None, Any] = self._call().__await__()
        return found


def column_resolver(spec: ColumnField) -> Resolver:
    """The resolver of a column, of a row or of an edge."""
    name, read = spec.column.name, spec.column.read
    if spec.on_edge:
        return lambda edge, _: read(edge.edge[name])
    if spec.column.readers is not None:
        return _guarded(spec.entity, (spec.column,), lambda _, value: read(value))
    return lambda row, _: read(getattr(row, name))


def computed_resolver(spec: ComputedField) -> Resolver:
    """The resolver of a function of columns."""
    entity, computed = spec.entity, spec.computed
    columns, function = computed.columns, computed.function
    if not computed.has_readers:
        return lambda row, _: function(*values_of(row, columns))

    def call(info: Info, *values: Any) -> Any:
        return function_of(entity, computed, info.context.scope)(*values)

    return _guarded(entity, columns, call)


async def seen_values(
    row: Any, info: Info, entity: Entity, columns: tuple[Column, ...]
) -> tuple[Any, ...]:
    """The row's columns as the viewer sees them. The rows of hand-written resolvers
    have them as they are: what not everybody may read is read again."""
    if isinstance(row, Record) or not any(column.readers for column in columns):
        return values_of(row, columns)
    loader = row_loader(info.context, entity, entity.key, columns)
    found = await loader.load(values_of(row, entity.key))
    return (None,) * len(columns) if found is None else values_of(found, columns)


def _guarded(
    entity: Entity, columns: tuple[Column, ...], make: Callable[..., Any]
) -> Resolver:
    """The resolver that makes a value of columns which not everybody may read."""

    def resolve(row: Any, info: Info) -> Any:
        if isinstance(row, Record):
            return make(info, *values_of(row, columns))
        return Deferred(read_again, row, info)

    async def read_again(row: Any, info: Info) -> Any:
        made = make(info, *await seen_values(row, info, entity, columns))
        return await made if isawaitable(made) else made

    return resolve

"""build_schema: an Api as a complete Strawberry schema."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types
from strawberry.types import get_object_definition

from gql_app.engine.api import Api
from gql_app.engine.entity import Entity
from gql_app.engine.errors import ConfigurationError
from gql_app.engine.records import Record
from gql_app.engine.resolvers import resolver_of
from gql_app.engine.scalars import strawberry_scalars
from gql_app.engine.sdl import SPEC, declare, define_type
from gql_app.engine.types import Node
from gql_app.engine.writing.binding import bind_mutations
from gql_app.engine.writing.mutations import Mutations, WriteField, write_resolver
from gql_app.engine.writing.payloads import ERROR_TYPES, PayloadField, part_resolver

_DEFINITION = "strawberry-definition"
_READ, _CHANGED = "Everything that can be read.", "Everything that can be changed."


def build_schema(
    api: Api,
    *,
    queries: Sequence[type] = (),
    mutations: Sequence[type] = (),
    types: Sequence[type] = (),
) -> strawberry.Schema:
    """The schema of all entities and of hand-written parts.

    queries, mutations: Strawberry types whose fields are added to Query and Mutation.
    types: further types that no field returns by name.

    Raises ConfigurationError for what can't be served.
    """
    if not api.entities:
        raise ConfigurationError("An API needs at least one entity.")
    query = declare("Query")
    define_type(query, api.types.root_fields(), _READ)
    written = Mutations(api.entities, api.types).root_fields()
    if written:
        generated = declare("Mutation")
        define_type(generated, written, _CHANGED)
        mutations = (generated, *mutations)
    schema = strawberry.Schema(
        query=_merged("Query", (query, *queries), _READ),
        mutation=_merged("Mutation", mutations, _CHANGED) if mutations else None,
        types=[
            *api.types.objects.values(),
            *(ERROR_TYPES.values() if mutations else ()),
            *types,
        ],
        config=StrawberryConfig(
            sort_schema=True, scalar_map=strawberry_scalars(api.scalars.values())
        ),
    )
    _bind(core_schema(schema), {entity.name: entity for entity in api.entities})
    return schema


def core_schema(schema: strawberry.Schema) -> GraphQLSchema:
    """The graphql-core schema under Strawberry's: what executes and validates."""
    return schema._schema


def _merged(name: str, parts: Sequence[type], description: str) -> type:
    merged = merge_types(name, tuple(parts))
    get_object_definition(merged, strict=True).description = description
    return merged


def _bind(schema: GraphQLSchema, entities: Mapping[str, Entity]) -> None:
    """Give each SQL-backed field its spec and its resolver.

    graphql-core calls the resolvers directly: they take arguments by GraphQL names and
    records as they are, without Strawberry's conversions in between.
    """
    for graphql_type in schema.type_map.values():
        match graphql_type:
            case GraphQLEnumType():
                _use_members(graphql_type)
            case GraphQLInputObjectType():
                _check_one_of(graphql_type)
            case GraphQLObjectType():
                _bind_fields(graphql_type)
                if graphql_type.name in entities:
                    graphql_type.is_type_of = None
    if schema.mutation_type is not None:
        bind_mutations(schema)
    node = schema.get_type(Node.__name__)
    assert isinstance(node, GraphQLInterfaceType)
    node.resolve_type = _node_type(entities, node.resolve_type)


def _bind_fields(graphql_type: GraphQLObjectType) -> None:
    for field in graphql_type.fields.values():
        definition = field.extensions.get(_DEFINITION)
        spec = None if definition is None else definition.metadata.get(SPEC)
        if spec is not None:
            field.extensions[SPEC] = spec
            field.resolve = _resolver(spec)


def _check_one_of(graphql_type: GraphQLInputObjectType) -> None:
    """Have graphql-core check `@oneOf` inputs: it does so while it validates, where
    Strawberry only does when an operation runs."""
    definition = graphql_type.extensions.get(_DEFINITION)
    if definition is not None and definition.is_one_of:
        graphql_type.is_one_of = True
        vars(graphql_type).pop("out_type", None)


def _resolver(spec: Any) -> Callable[..., Any]:
    if isinstance(spec, WriteField):
        return write_resolver(spec)
    return part_resolver(spec) if isinstance(spec, PayloadField) else resolver_of(spec)


def _use_members(graphql_type: GraphQLEnumType) -> None:
    """Make Python enum members what the enum's names stand for: sorting the schema has
    left their bare values."""
    definition = graphql_type.extensions.get(_DEFINITION)
    if definition is not None:
        for name, value in graphql_type.values.items():
            value.value = definition.wrapped_cls[name]


def _node_type(
    entities: Mapping[str, Entity], otherwise: Callable[..., Any] | None
) -> Callable[..., Any]:
    by_model = {entity.model: entity.name for entity in entities.values()}

    def resolve(value: Any, info: Any, abstract_type: Any) -> Any:
        if isinstance(value, Record):
            return value.entity_.name
        name = by_model.get(type(value))
        if name is None and otherwise is not None:
            return otherwise(value, info, abstract_type)
        return name

    return resolve

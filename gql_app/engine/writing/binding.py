"""Binding: what makes the fields of Mutation parts of one operation."""

from typing import Any

from graphql import (
    DirectiveLocation,
    GraphQLDirective,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    default_field_resolver,
)

from gql_app.engine.writing.operation import in_operation
from gql_app.engine.writing.payloads import ERROR_TYPES, Complaint, has_errors

DRY_RUN = GraphQLDirective(
    "dryRun",
    [DirectiveLocation.MUTATION],
    description="Do all of the mutation, answer, and undo it.",
)


def is_dry_run(definition: OperationDefinitionNode) -> bool:
    """Whether the operation carries the directive."""
    return any(one.name.value == DRY_RUN.name for one in definition.directives or ())


def bind_mutations(schema: GraphQLSchema) -> None:
    """Wrap every mutation, generated or not, and tell the errors of payloads apart."""
    assert schema.mutation_type is not None
    schema.directives = (*schema.directives, DRY_RUN)
    for field in schema.mutation_type.fields.values():
        _wrap(field)
    for name in ERROR_TYPES:
        error_type = schema.get_type(name)
        assert isinstance(error_type, GraphQLObjectType)
        error_type.is_type_of = None
    interface = schema.get_type("MutationError")
    assert isinstance(interface, GraphQLInterfaceType)
    interface.resolve_type = _error_type


def _wrap(field: GraphQLField) -> None:
    resolve = field.resolve or default_field_resolver
    field.resolve = in_operation(resolve, payload=has_errors(field.type))


def _error_type(complaint: Complaint, _info: Any, _abstract: Any) -> str:
    return complaint.type_name

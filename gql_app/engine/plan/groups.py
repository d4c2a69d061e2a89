"""Groups: the selections of an operation, merged as graphql-core merges them."""

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import FieldNode, GraphQLField, GraphQLObjectType, GraphQLSchema
from graphql.execution.collect_fields import (
    FieldDetailsList,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues

from gql_app.engine.documents import Operation
from gql_app.engine.variables import Values


class UnsupportedError(Exception):
    """A plan can't express the operation; the message says what in it."""


@dataclass(frozen=True, slots=True)
class Group:
    """The fields under one response key, merged: one of them, and all their nodes."""

    path: str
    key: str
    field: GraphQLField | None
    details: FieldDetailsList

    @property
    def node(self) -> FieldNode:
        return self.details[0].node

    @property
    def name(self) -> str:
        return self.node.name.value


class Selections:
    """The field groups of an operation, as graphql-core collects them. Of the variables
    it only matters what `@skip` and `@include` make of them."""

    def __init__(
        self, schema: GraphQLSchema, operation: Operation, variables: Values
    ) -> None:
        self.schema = schema
        self.operation = operation.definition
        fragments = {
            name: FragmentDetails(fragment)
            for name, fragment in operation.fragments.items()
        }
        self._common = schema, fragments, VariableValues({}, dict(variables))

    def root(self, query: GraphQLObjectType) -> list[Group]:
        """The groups of the operation itself."""
        collected = collect_fields(*self._common, query, self.operation)
        return self._groups("", query, collected.grouped_field_set)

    def below(self, group: Group, object_type: GraphQLObjectType) -> list[Group]:
        """The groups below a group that gives an object of this type."""
        collected = collect_subfields(
            *self._common, self.operation, object_type, group.details
        )
        prefix = f"{group.path}."
        return self._groups(prefix, object_type, collected.grouped_field_set)

    def _groups(
        self,
        prefix: str,
        object_type: GraphQLObjectType,
        collected: Mapping[str, FieldDetailsList],
    ) -> list[Group]:
        fields = object_type.fields
        return [
            Group(prefix + key, key, fields.get(details[0].node.name.value), details)
            for key, details in collected.items()
        ]

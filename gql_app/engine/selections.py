"""Selections: what a GraphQL field's sub-selection needs of the database."""

from collections.abc import Iterator, Sequence
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    get_named_type,
)
from graphql.execution.collect_fields import (
    FieldDetails,
    FragmentDetails,
    collect_subfields,
)
from graphql.execution.values import VariableValues

from gql_app.engine.entity import Column, Entity
from gql_app.engine.fields import (
    ColumnField,
    ComputedField,
    ConnectionField,
    IdField,
    PartField,
    PermissionField,
    Spec,
    ToOneField,
)
from gql_app.engine.sdl import SPEC


def spec_of(field: GraphQLField) -> Spec | None:
    """The field's spec; None for a hand-written one."""
    spec: Spec | None = field.extensions.get(SPEC)
    return spec


class Selected:
    """The fields selected below one field, of one object type, merged and without
    those that `@skip` and `@include` leave out."""

    def __init__(
        self,
        info: GraphQLResolveInfo[Any],
        object_type: GraphQLObjectType,
        nodes: Sequence[FieldNode],
    ) -> None:
        self._info = info
        fragments = {
            name: FragmentDetails(definition)
            for name, definition in info.fragments.items()
        }
        # Strawberry has the bare values here, whatever graphql-core's annotation says.
        coerced: Any = info.variable_values
        collected = collect_subfields(
            info.schema,
            fragments,
            VariableValues({}, coerced),
            info.operation,
            object_type,
            [FieldDetails(node, None) for node in nodes],
        )
        self._groups = [
            (object_type.fields.get(details[0].node.name.value), details)
            for details in collected.grouped_field_set.values()
        ]

    def specs(self) -> Iterator[Spec]:
        """The specs of the selected fields."""
        for field, _ in self._groups:
            spec = None if field is None else spec_of(field)
            if spec is not None:
                yield spec

    def parts(self, name: str) -> "Iterator[Selected]":
        """What is selected below each part of a connection or edge with that name."""
        for field, details in self._groups:
            spec = None if field is None else spec_of(field)
            if field is not None and isinstance(spec, PartField) and spec.name == name:
                object_type = get_named_type(field.type)
                assert isinstance(object_type, GraphQLObjectType)
                nodes = [detail.node for detail in details]
                yield Selected(self._info, object_type, nodes)

    def has_part(self, *names: str) -> bool:
        """Whether one of these parts is selected right here."""
        return any(
            isinstance(spec, PartField) and spec.name in names for spec in self.specs()
        )


def below(
    info: GraphQLResolveInfo[Any], object_type: GraphQLObjectType | None = None
) -> Selected:
    """What is selected below the field being resolved, if it gives this type."""
    found = object_type or get_named_type(info.return_type)
    assert isinstance(found, GraphQLObjectType)
    return Selected(info, found, info.field_nodes)


def needed_columns(
    entity: Entity, selections: Sequence[Selected]
) -> tuple[Column, ...]:
    """The columns, in the table's order, that the selected fields are made from."""
    needed = {
        column
        for selected in selections
        for spec in selected.specs()
        for column in _columns(spec)
    }
    return tuple(column for column in entity.columns.values() if column in needed)


def _columns(  # one case per kind of field
    spec: Spec,
) -> Sequence[Column]:
    match spec:
        case IdField(entity) | PermissionField(entity):
            return entity.key
        case ColumnField(_, column, on_edge):
            return () if on_edge else (column,)
        case ComputedField(_, computed):
            return computed.columns
        case ToOneField(relation):
            return relation.local
        case ConnectionField(_, relation) if relation is not None:
            return relation.local
        case _:
            return ()

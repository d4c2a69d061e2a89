"""Field specs: where the value of each SQL-backed GraphQL field comes from.

A spec is all that the resolver, the loader and the plan of a field are made from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from gql_app.engine.entity import Column, Computed, Entity, Relation
from gql_app.engine.policy import Action


@dataclass(frozen=True, eq=False, slots=True)
class IdField:
    """The global id of a row."""

    entity: Entity


@dataclass(frozen=True, eq=False, slots=True)
class ColumnField:
    """A column of a row, or of the edge that a row was reached by."""

    entity: Entity
    column: Column
    on_edge: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class ComputedField:
    """A function of a row's columns."""

    entity: Entity
    computed: Computed


@dataclass(frozen=True, eq=False, slots=True)
class ToOneField:
    """The row at the end of a to-one relation."""

    relation: Relation


@dataclass(frozen=True, eq=False, slots=True)
class ConnectionField:
    """A page of the rows at the end of a to-many relation, or of all rows."""

    entity: Entity
    relation: Relation | None
    title: str
    """What cursors are bound to: `Post.comments`, or `Query.posts`."""


@dataclass(frozen=True, eq=False, slots=True)
class LookupField:
    """The row with a certain unique key: the argument `by`."""

    entity: Entity


@dataclass(frozen=True, eq=False, slots=True)
class NodeField:
    """The row with a global id, of any entity: the argument `id`, or several `ids`."""

    many: bool
    entities: Mapping[str, Entity]


@dataclass(frozen=True, eq=False, slots=True)
class PermissionField:
    """Whether the viewer may do something to a row: `viewerCanUpdate`."""

    entity: Entity
    action: Action


@dataclass(frozen=True, eq=False, slots=True)
class PartField:
    """A part of a connection, of an edge or of a page's flags, named as in GraphQL."""

    of: Literal["connection", "edge", "pageInfo"]
    name: str


Spec: TypeAlias = (
    IdField
    | ColumnField
    | ComputedField
    | ToOneField
    | ConnectionField
    | LookupField
    | NodeField
    | PermissionField
    | PartField
)

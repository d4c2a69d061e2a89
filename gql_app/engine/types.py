"""Entities -> GraphQL object types, connections and root fields, as Strawberry types."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import strawberry

from gql_app.engine.clashes import edge_names
from gql_app.engine.entity import Column, Computed, Entity, Link, Relation
from gql_app.engine.errors import ConfigurationError
from gql_app.engine.fields import (
    ColumnField,
    ComputedField,
    ConnectionField,
    IdField,
    LookupField,
    NodeField,
    PartField,
    PermissionField,
    ToOneField,
)
from gql_app.engine.lookups import lookup_input
from gql_app.engine.names import words
from gql_app.engine.order import OrderInputs
from gql_app.engine.sdl import (
    Field,
    Value,
    declare,
    define_type,
    list_of,
    optional,
)
from gql_app.engine.where import WhereInputs

ID = strawberry.ID


@strawberry.interface(description="An object that its id alone finds again.")
class Node:
    """What `node` and `nodes` return."""

    id: ID = strawberry.field(description="The global id: opaque, and stable.")


class Types:
    """Makes the output types of an API; every entity's type exists from the start."""

    def __init__(self, entities: Sequence[Entity]) -> None:
        self._entities = entities
        self.wheres = WhereInputs()
        self._orders = OrderInputs()
        self.objects = {
            entity: declare(entity.name, *([Node] if entity.has_id else []))
            for entity in entities
        }
        self._edges = edge_names(entities)
        self._page_info = _page_info()
        self._connections: dict[str, type] = {}
        for entity, declared in self.objects.items():
            define_type(declared, self._object_fields(entity), entity.description)

    def root_fields(self) -> dict[str, Field]:
        """The fields of Query: a list and a look-up per entity, `node` and `nodes`."""
        fields = dict(self._node_fields())
        for entity in self._entities:
            fields[entity.list_field] = self._connection_field(
                entity,
                None,
                f"Query.{entity.list_field}",
                f"All {words(entity.plural)}.",
            )
            lookup = lookup_input(entity)
            if lookup is not None:
                fields[entity.root_field] = Field(
                    optional(self.objects[entity]),
                    f"The {words(entity.name)} with a certain key, if there is one.",
                    LookupField(entity),
                    {"by": Value(lookup, "The key; exactly one of the fields.")},
                )
        return fields

    def _node_fields(self) -> dict[str, Field]:
        entities = {one.name: one for one in self._entities if one.has_id}
        ids = Value(list_of(ID), "Global ids, in the order of the result.")
        return {
            "node": Field(
                optional(Node),
                "The object with a global id; null if there is none.",
                NodeField(False, entities),
                {"id": Value(ID, "The global id.")},
            ),
            "nodes": Field(
                list_of(optional(Node)),
                "The objects with these global ids; null in the place of each missing one.",
                NodeField(True, entities),
                {"ids": ids},
            ),
        }

    def _object_fields(self, entity: Entity) -> dict[str, Field]:
        fields: dict[str, Field] = {}
        for name, field in self._every_field(entity):
            if name in fields:
                raise ConfigurationError(
                    f"{entity.name} has two fields named {name}; rename one of them."
                )
            fields[name] = field
        return fields

    def _every_field(self, entity: Entity) -> Iterator[tuple[str, Field]]:
        if entity.has_id:
            title = "The global id: opaque, and stable."
            yield "id", Field(ID, title, IdField(entity))
        for column in entity.visible:
            if column.field != "id":
                yield column.field, _column_field(entity, column)
        for computed in entity.computed:
            yield computed.field, _computed_field(entity, computed)
        for relation in entity.relations.values():
            yield relation.field, self._relation_field(relation)
        yield from _permissions(entity).items()

    def _relation_field(self, relation: Relation) -> Field:
        if relation.many:
            return self._connection_field(
                relation.target, relation, relation.title, relation.description
            )
        kind: Any = self.objects[relation.target]
        kind = optional(kind) if relation.nullable else kind
        title = _described(relation, relation.has_readers)
        return Field(kind, title, ToOneField(relation))

    def _connection_field(
        self, entity: Entity, relation: Relation | None, title: str, description: str
    ) -> Field:
        order = optional(list_of(self._orders.order(entity)))
        return Field(
            self._connection(entity, relation),
            description,
            ConnectionField(entity, relation, title),
            {
                **_PAGE_ARGUMENTS,
                "where": Value(
                    optional(self.wheres.where(entity)), "Only rows that pass this."
                ),
                "orderBy": Value(order, "What to sort by: most important first."),
            },
        )

    def _connection(self, entity: Entity, relation: Relation | None) -> type:
        """The connection type; one of its own where edges have columns."""
        link = relation.link if relation is not None else None
        prefix = entity.name
        if relation is not None:
            prefix = self._edges.get(relation, prefix)
        name = f"{prefix}Connection"
        if name not in self._connections:
            self._connections[name] = self._define_connection(prefix, entity, link)
        return self._connections[name]

    def _define_connection(
        self, prefix: str, entity: Entity, link: Link | None
    ) -> type:
        edge = declare(f"{prefix}Edge")
        node = self.objects[entity]
        edge_fields: dict[str, Field] = {}
        if link is not None and link.entity is not None:
            edge_fields = {
                column.field: _column_field(link.entity, column, on_edge=True)
                for column in link.columns
            }
        edge_fields["node"] = Field(node, "The row.", PartField("edge", "node"))
        edge_fields["cursor"] = Field(
            str, "The row's place in the list.", PartField("edge", "cursor")
        )
        define_type(edge, edge_fields, f"A {words(entity.name)} in a list.")
        connection = declare(f"{prefix}Connection")
        title = f"A page of a list of {words(entity.plural)}."
        return define_type(
            connection, _connection_parts(edge, node, self._page_info), title
        )


def _permissions(entity: Entity) -> dict[str, Field]:
    policy, fields = entity.policy, {}
    if policy.update is not None and entity.update is not None:
        title = "Whether you may change the row."
        fields["viewerCanUpdate"] = Field(
            bool, title, PermissionField(entity, "update")
        )
    if policy.delete is not None:
        title = "Whether you may delete the row."
        fields["viewerCanDelete"] = Field(
            bool, title, PermissionField(entity, "delete")
        )
    return fields


_PAGE_ARGUMENTS: Mapping[str, Value] = {
    "first": Value(optional(int), "The page size, from the start or after a cursor."),
    "after": Value(optional(str), "Begin after the row with this cursor."),
    "last": Value(optional(int), "The page size, from the end or before a cursor."),
    "before": Value(optional(str), "End before the row with this cursor."),
}


def _column_field(entity: Entity, column: Column, *, on_edge: bool = False) -> Field:
    kind = column.exposed.annotation
    return Field(
        optional(kind) if column.nullable else kind,
        _described(column, column.readers is not None),
        ColumnField(entity, column, on_edge),
        deprecation=column.deprecation,
    )


def _computed_field(entity: Entity, computed: Computed) -> Field:
    kind = computed.scalar.annotation
    kind = list_of(kind) if computed.many else kind
    return Field(
        optional(kind) if computed.nullable else kind,
        _described(computed, computed.has_readers),
        ComputedField(entity, computed),
    )


def _described(what: Column | Computed | Relation, has_readers: bool) -> str:
    text = what.description
    return f"{text} Null where you may not read it." if has_readers else text


def _connection_parts(edge: type, node: type, page_info: type) -> dict[str, Field]:
    described: dict[str, tuple[Any, str]] = {
        "edges": (list_of(edge), "The rows of the page with their cursors."),
        "nodes": (list_of(node), "The rows of the page."),
        "pageInfo": (page_info, "Whether there are more pages, and their cursors."),
        "totalCount": (int, "The number of rows on all pages together."),
    }
    return {
        name: Field(kind, text, PartField("connection", name))
        for name, (kind, text) in described.items()
    }


def _page_info() -> type:
    described: dict[str, tuple[Any, str]] = {
        "hasNextPage": (bool, "Whether rows follow the page."),
        "hasPreviousPage": (bool, "Whether rows precede the page."),
        "startCursor": (optional(str), "The first row's cursor; null on no rows."),
        "endCursor": (optional(str), "The last row's cursor; null on no rows."),
    }
    fields = {
        name: Field(kind, text, PartField("pageInfo", name))
        for name, (kind, text) in described.items()
    }
    return define_type(declare("PageInfo"), fields, "Where a page is in its list.")

"""The compiler: from an operation's selections to the steps of its plan."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from inspect import iscoroutinefunction
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLScalarType,
    get_named_type,
    is_non_null_type,
)
from graphql.pyutils import is_iterable

from gql_app.engine import queries
from gql_app.engine.access import Scope
from gql_app.engine.entity import Column, Entity, Relation
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
from gql_app.engine.plan.arguments import Arguments
from gql_app.engine.plan.groups import Group, Selections, UnsupportedError
from gql_app.engine.plan.leaves import bail, leaf, present, reader, serialized
from gql_app.engine.plan.running import KeyReader, Wanted
from gql_app.engine.plan.shaping import Code, Names, Place, Shape, compiled
from gql_app.engine.plan.steps import (
    Child,
    PageStep,
    PermissionStep,
    RowStep,
    Step,
)
from gql_app.engine.queries import Side
from gql_app.engine.rulings import function_of, ruling_of
from gql_app.engine.scalars import JSON_
from gql_app.engine.selections import spec_of
from gql_app.engine.statements import Statements


@dataclass(slots=True)
class PageField:
    """Where a page step gets its arguments."""

    step: PageStep
    spec: ConnectionField
    arguments: Arguments


class Level:
    """Compiles what is read with one statement: the rows, and what hangs on them."""

    def __init__(self, compiler: "Compiler", entity: Entity) -> None:
        self.shape = Shape(entity)
        self.names = Names(compiler.scope.dialect)
        self.wanted = Wanted()
        self.child_names: list[str] = []
        self._compiler = compiler
        self._children: list[tuple[Step, Code]] = []

    def object(
        self, group: Group, object_type: GraphQLObjectType, shape: Shape
    ) -> Code:
        """The code of the object that the group's selections make of a row."""
        parts: list[str | Place] = ["{"]
        for inner in self._compiler.selections.below(group, object_type):
            parts += [f"{inner.key!r}: ", *self._value(inner, object_type, shape), ", "]
        return [*parts, "}"]

    def _value(
        self, group: Group, object_type: GraphQLObjectType, shape: Shape
    ) -> Code:
        if group.name == "__typename":
            return [repr(object_type.name)]
        field, spec = _supported(group)
        nullable = not is_non_null_type(field.type)
        match spec:
            case IdField(entity):
                return self._id(entity, shape)
            case ColumnField(_, column, on_edge):
                place = shape.edge(column) if on_edge else shape.column(column)
                return self._column(column, place, field, nullable)
            case ComputedField():
                return self._computed(spec, field, shape, nullable)
            case ToOneField(relation):
                return self._to_one(group, relation, shape, nullable)
            case PermissionField():
                return self._permission(group, spec, shape)
            case ConnectionField(_, relation) if relation is not None:
                step = self._compiler.page(group, field, spec)
                return self._child(step, relation.local, shape)
        raise UnsupportedError(f"the field {group.name}")

    def _id(self, entity: Entity, shape: Shape) -> Code:
        places = [shape.column(column) for column in entity.key]
        if len(places) == 1 and entity.key[0].identifies == entity.name:
            convert = leaf(entity.key[0], self.names.dialect, _same)
            return self.names.converted(places[0], convert)
        write = self.names.name(lambda *values: entity.encode_key(values))
        parts: list[str | Place] = [write, "("]
        for column, place in zip(entity.key, places, strict=True):
            read = reader(column, self.names.dialect)
            parts += [*self.names.converted(place, read), ", "]
        return [*parts, ")"]

    def _column(
        self, column: Column, place: Place, field: GraphQLField, nullable: bool
    ) -> Code:
        convert = leaf(column, self.names.dialect, _serializer(field))
        code = self.names.converted(place, convert)
        if column.scalar is JSON_ and not nullable:
            # JSON has a null of its own, which a column that is NOT NULL may hold.
            code = [self.names.name(present), "(", *code, ")"]
        if not column.may_be_null:
            return code
        return self.names.guarded(place, code, nullable=nullable)

    def _computed(
        self, spec: ComputedField, field: GraphQLField, shape: Shape, nullable: bool
    ) -> Code:
        computed, names = spec.computed, self.names
        if iscoroutinefunction(computed.function):
            raise UnsupportedError(f"the asynchronous field {computed.field}")
        scope = self._compiler.scope
        function = function_of(spec.entity, computed, scope)
        parts: list[str | Place] = [names.name(function), "("]
        for column in computed.columns:
            place = shape.column(column)
            code = names.converted(place, reader(column, names.dialect))
            parts += [*names.guarded(place, code, nullable=True), ", "]
        finish = names.name(_finisher(_serializer(field), computed.many, nullable))
        return [finish, "(", *parts, "))"]

    def _to_one(
        self, group: Group, relation: Relation, shape: Shape, nullable: bool
    ) -> Code:
        object_type = self._compiler.object_type(group)
        if relation.remote in relation.target.unique:
            marker, inner = shape.join(relation)
            code = self.object(group, object_type, inner)
            return self.names.guarded(marker, code, nullable=nullable)
        step = self._compiler.row(group, relation)
        return self._child(step, relation.local, shape)

    def _permission(self, group: Group, spec: PermissionField, shape: Shape) -> Code:
        entity, action = spec.entity, spec.action
        ruling = ruling_of(entity, action, self._compiler.scope)
        if ruling == "never":
            return ["False"]
        if ruling == "always" and entity.deleted_at is None:
            return ["True"]  # whoever was given the row can read it
        step = self._compiler.permission(group.path, spec)
        return self._child(step, entity.key, shape)

    def _child(self, step: Step, local: Sequence[Column], shape: Shape) -> Code:
        number = len(self._children)
        key = self.names.key(local, shape)
        self._children.append((step, key))
        self.child_names += [f"get{number}", f"none{number}"]
        return [f"get{number}(", *key, f", none{number})"]

    def connection(self, group: Group, object_type: GraphQLObjectType) -> Code:
        """The code of a connection object, made of all its `rows`."""
        parts: list[str | Place] = ["{"]
        for inner in self._compiler.selections.below(group, object_type):
            parts += [f"{inner.key!r}: ", *self._part(inner, object_type), ", "]
        return [*parts, "}"]

    def _part(self, group: Group, object_type: GraphQLObjectType) -> Code:
        if group.name == "__typename":
            return [repr(object_type.name)]
        if group.name == "totalCount":
            self.wanted.total = True
            return ["total"]
        inner_type = self._compiler.object_type(group)
        self.wanted.rows = True
        if group.name == "nodes":
            return ["[", *self.object(group, inner_type, self.shape), " for r in rows]"]
        if group.name == "edges":
            return ["[", *self._edge(group, inner_type), " for r in rows]"]
        return self._page_info(group, inner_type)

    def _edge(self, group: Group, object_type: GraphQLObjectType) -> Code:
        parts: list[str | Place] = ["{"]
        for inner in self._compiler.selections.below(group, object_type):
            parts.append(f"{inner.key!r}: ")
            if inner.name == "cursor":
                self.wanted.cursors = True
                parts.append("cursor(r)")
            elif inner.name == "node" and _is_part(inner):
                node_type = self._compiler.object_type(inner)
                parts += self.object(inner, node_type, self.shape)
            else:
                parts += self._value(inner, object_type, self.shape)
            parts.append(", ")
        return [*parts, "}"]

    def _page_info(self, group: Group, object_type: GraphQLObjectType) -> Code:
        parts: list[str | Place] = ["{"]
        for inner in self._compiler.selections.below(group, object_type):
            if inner.name == "__typename":
                code = repr(object_type.name)
            else:
                code, side = _FLAGS[inner.name]
                if side is not None:
                    self.wanted.flags.add(side)
                else:
                    self.wanted.cursors = True
            parts.append(f"{inner.key!r}: {code}, ")
        return [*parts, "}"]

    def children(self) -> list[Child]:
        """The steps below, with functions that read their keys from this level's rows;
        call it when the places are numbered."""
        return [
            Child(step, self._function(["rows"], ["{", *key, " for r in rows}"]))
            for step, key in self._children
        ]

    def function(self, parameters: Sequence[str], code: Code) -> Callable[..., Any]:
        """A function of the parameters and the children's, with this code."""
        return self._function([*parameters, *self.child_names], code)

    def _function(self, parameters: Sequence[str], code: Code) -> Callable[..., Any]:
        function, source = compiled(parameters, code, self.names.objects)
        self._compiler.sources.append(source)
        return function


_FLAGS: Mapping[str, tuple[str, Side | None]] = {
    "hasNextPage": ("has_next", "before"),
    "hasPreviousPage": ("has_previous", "after"),
    "startCursor": ("cursor(rows[0]) if rows else None", None),
    "endCursor": ("cursor(rows[-1]) if rows else None", None),
}


class Compiler:
    """Compiles one operation for one scope; gathers its steps in their order."""

    def __init__(
        self, selections: Selections, statements: Statements, scope: Scope
    ) -> None:
        self.selections = selections
        self.scope = scope
        self.pages: list[PageField] = []
        self.sources: list[str] = []
        self.statements = statements

    def page(
        self, group: Group, field: GraphQLField, spec: ConnectionField
    ) -> PageStep:
        """The step of a connection field."""
        level = Level(self, spec.entity)
        whose = spec.relation or spec.entity
        number = len(self.pages)
        step = PageStep(group.path, number, whose, self.statements, self.scope)
        self.pages.append(PageField(step, spec, Arguments(field, group.node)))
        code = level.connection(group, self.object_type(group))
        local = () if spec.relation is None else spec.relation.local
        level.shape.place(len(local))
        build = level.function(
            ["rows", "total", "has_next", "has_previous", "cursor"], code
        )
        selection, children = level.shape.selection(), level.children()
        key_reader = self._key_reader(local)
        step.complete(level.wanted, selection, children, key_reader, build)
        return step

    def row(self, group: Group, relation: Relation) -> RowStep:
        """The step of a to-one relation that isn't joined."""
        object_type = self.object_type(group)
        return self.rows(group, object_type, relation.target, relation.remote, relation)

    def rows(
        self,
        group: Group,
        object_type: GraphQLObjectType,
        entity: Entity,
        match: tuple[Column, ...],
        arrived: Relation | None = None,
    ) -> RowStep:
        """The step that finds single rows of the entity by the values of `match`."""
        level = Level(self, entity)
        step = RowStep(group.path, entity)
        code = level.object(group, object_type, level.shape)
        level.shape.place(len(match))
        selection = level.shape.selection()
        what = (entity, match, selection, arrived, self.scope)
        get = self.statements.get
        by_key = cache(lambda: get(queries.by_key, *what))
        by_keys = cache(lambda: get(queries.by_keys, *what))
        build = level.function(["r"], code)
        step.complete(by_key, by_keys, level.children(), self._key_reader(match), build)
        return step

    def permission(self, path: str, spec: PermissionField) -> PermissionStep:
        """The step of what the viewer may do to rows."""
        statement = self.statements.get(
            queries.permitted_keys, spec.entity, spec.action, self.scope
        )
        key_reader = self._key_reader(spec.entity.key)
        return PermissionStep(path, spec.entity.title, statement, key_reader)

    def entity_type(self, entity: Entity) -> GraphQLObjectType:
        """The GraphQL type of an entity."""
        found = self.selections.schema.get_type(entity.name)
        assert isinstance(found, GraphQLObjectType)
        return found

    def object_type(self, group: Group) -> GraphQLObjectType:
        assert group.field is not None
        found = get_named_type(group.field.type)
        if not isinstance(found, GraphQLObjectType):
            raise UnsupportedError(f"the abstract type of {group.name}")
        return found

    def _key_reader(self, columns: Sequence[Column]) -> KeyReader:
        return KeyReader([reader(column, self.scope.dialect) for column in columns])


def _supported(group: Group) -> tuple[GraphQLField, Spec]:
    spec = None if group.field is None else spec_of(group.field)
    if group.field is None or spec is None:
        raise UnsupportedError(f"the hand-written field {group.name}")
    return group.field, spec


def _is_part(group: Group) -> bool:
    return group.field is not None and isinstance(spec_of(group.field), PartField)


def _serializer(field: GraphQLField) -> Callable[[Any], Any]:
    leaf_type = get_named_type(field.type)
    assert isinstance(leaf_type, GraphQLScalarType | GraphQLEnumType)
    return leaf_type.coerce_output_value


def _finisher(
    serialize: Callable[[Any], Any], many: bool, nullable: bool
) -> Callable[[Any], Any]:
    """What GraphQL does with the result of a computed field."""

    def finish(value: Any) -> Any:
        if value is None:
            return None if nullable else bail()
        if not many:
            return serialized(serialize, value)
        if not is_iterable(value):
            bail()
        return [serialized(serialize, present(item)) for item in value]

    return finish


def _same(value: Any) -> Any:
    return value

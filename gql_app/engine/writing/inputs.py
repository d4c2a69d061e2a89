"""Input types: `CreatePostInput`, `UpdatePostInput`, and those nested in them."""

from collections.abc import Collection, Hashable, Mapping
from typing import Any

import strawberry

from gql_app.engine.entity import Column, Entity, InputField, InputModel
from gql_app.engine.errors import ConfigurationError
from gql_app.engine.names import pascal, words
from gql_app.engine.sdl import Value, declare, define_input, list_of, optional
from gql_app.engine.writing.shapes import NestedShape, nested_shapes

ID = strawberry.ID

_OPERATORS = {
    "set": "Exactly these, before anything is added: all others are removed.",
    "add": "Also these, which exist already.",
    "remove": "No longer these.",
    "create": "Also these, newly made.",
    "connectOrCreate": "Also these: made, where there is none with the same {key}.",
}


class WriteInputs:
    """The input types of an API's mutations, each made on first use."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[Hashable, type]] = {}

    def create(
        self, entity: Entity, name: str = "", given: frozenset[Column] = frozenset()
    ) -> type:
        """The input for a new row; without columns that it gets from elsewhere."""
        model = entity.create
        assert model is not None
        name = name or f"Create{entity.name}Input"
        declared, new = self._declare(name, (entity, given))
        if new:
            nested = nested_shapes(entity)
            filled = {column for shape in nested.values() for column in shape.local}
            fields = {
                field: _value(one, one.required and one.column not in filled)
                for field, one in model.fields.items()
                if one.column not in given
            }
            fields |= self._nested(nested)
            title = f"A new {words(entity.name)}."
            define_input(declared, _or_nothing(fields), title)
        return declared

    def update(self, entity: Entity) -> type:
        """The input for a change; what is left out stays as it is."""
        model = entity.update
        assert model is not None
        name = f"Update{entity.name}Input"
        declared, new = self._declare(name, entity)
        if new:
            fields = {field: _value(one, False) for field, one in model.fields.items()}
            fields |= self._nested(nested_shapes(entity))
            title = f"Changes to a {words(entity.name)}: what is left out stays."
            define_input(declared, _or_nothing(fields), title)
        return declared

    def columns(self, entity: Entity) -> type:
        """As `update`, without what is nested: for many rows at once."""
        model = entity.update
        assert model is not None
        if not nested_shapes(entity):
            return self.update(entity)
        name = f"Set{entity.name}Input"
        declared, new = self._declare(name, entity)
        if new:
            fields = {field: _value(one, False) for field, one in model.fields.items()}
            title = f"Changes to several {words(entity.plural)}."
            define_input(declared, _or_nothing(fields), title)
        return declared

    def _declare(self, name: str, owner: Hashable) -> tuple[type, bool]:
        """The type of that name, and whether it is new, for the caller to define."""
        new = name not in self._made
        if new:
            self._made[name] = owner, declare(name)
        known, declared = self._made[name]
        if known != owner:
            raise ConfigurationError(f"Two input types would be called {name}.")
        return declared, new

    def _nested(self, shapes: Mapping[str, NestedShape]) -> dict[str, Value]:
        return {
            name: Value(optional(self._relation(shape)), shape.relation.description)
            for name, shape in shapes.items()
        }

    def _relation(self, shape: NestedShape) -> type:
        relation = shape.relation
        stem = relation.source.name + pascal(relation.name)
        declared, new = self._declare(f"{stem}Input", relation)
        if not new:
            return declared
        if shape.kind == "parent":
            self._define_parent(declared, shape)
            return declared
        key = " and ".join(column.field for column in shape.match)
        fields = {
            operator: Value(
                optional(list_of(self._item(shape, stem, operator))),
                _OPERATORS[operator].format(key=key),
            )
            for operator in shape.operators
        }
        plain = words(relation.name)
        define_input(declared, fields, f"Which {plain} to have from now on.")
        return declared

    def _define_parent(self, declared: type, shape: NestedShape) -> None:
        target = shape.relation.target
        kinds: dict[str, tuple[Any, str]] = {"connect": (ID, "One that exists.")}
        if "create" in shape.operators:
            kinds["create"] = (self.create(target), "A new one.")
        fields = {
            operator: Value(optional(kinds[operator][0]), kinds[operator][1])
            for operator in shape.operators
        }
        title = f"Which {words(shape.relation.name)} to have from now on."
        define_input(declared, fields, title, one_of=True)

    def _item(self, shape: NestedShape, stem: str, operator: str) -> Any:
        """What the lists of an operator are made of."""
        made = operator in ("create", "connectOrCreate")
        item = self._new(shape, stem) if made else ID
        if not shape.edge or operator == "remove":
            return item
        name = f"{stem}{'NewLink' if made else 'Link'}"
        declared, new = self._declare(name, shape.relation)
        if new:
            known = "node" if made else "id"
            fields = {known: Value(item, "The new row." if made else "The global id.")}
            fields |= {
                name: _value(field, field.required)
                for name, field in shape.edge.items()
            }
            define_input(declared, fields, "A row, and what is kept about the link.")
        return declared

    def _new(self, shape: NestedShape, stem: str) -> type:
        target = shape.relation.target
        if not _asks_for(target.create, shape.given):
            return self.create(target)
        return self.create(target, f"{stem}CreateInput", shape.given)


def _asks_for(model: InputModel | None, given: Collection[Column]) -> bool:
    fields = {} if model is None else model.fields
    return any(field.column in given for field in fields.values())


def _value(field: InputField, required: bool) -> Value:
    kind = field.exposed.annotation
    return Value(kind if required else optional(kind), field.description)


def _or_nothing(fields: Mapping[str, Value]) -> Mapping[str, Value]:
    """GraphQL has no input types without fields."""
    nothing = Value(optional(bool), "There is nothing to choose; leave this out.")
    return fields or {"_": nothing}

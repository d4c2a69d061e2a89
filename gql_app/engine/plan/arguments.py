"""Arguments: a field's arguments as a function of the operation's variables.

graphql-core coerces all the literals again for every request. Here they are coerced when
a plan is compiled, and only variables, which are coerced already, are put in.
"""

from collections.abc import Callable
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    NullValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_non_null_type,
)
from graphql.language import ListValueNode
from graphql.pyutils import Undefined
from graphql.utilities import coerce_input_literal

from gql_app.engine.documents import variables_in
from gql_app.engine.plan.leaves import bail
from gql_app.engine.variables import Values

Get = Callable[[Values], Any]
"""Takes the coerced variables; gives Undefined for what is left out."""


class Arguments:
    """The arguments of one field node, by their names; `constant` if no variable is
    among them. The document must be valid."""

    def __init__(self, field: GraphQLField, node: FieldNode) -> None:
        given = {one.name.value: one.value for one in node.arguments or ()}
        self._getters: dict[str, Get] = {}
        fixed: dict[str, Any] = {}
        for name, argument in field.args.items():
            value = given.get(name)
            if value is None:
                continue
            if variables_in(value):
                self._getters[name] = _getter(value, argument.type)
            else:
                fixed[name] = _literal(value, argument.type)
        self._fixed = fixed
        self.constant = not self._getters

    def __call__(self, variables: Values) -> dict[str, Any]:
        """The coerced arguments; raises Bail where graphql-core would refuse them."""
        values = dict(self._fixed)
        for name, get in self._getters.items():
            value = get(variables)
            if value is not Undefined:
                values[name] = value
        return values


def single(
    field: GraphQLField, node: FieldNode, name: str
) -> tuple[str, Callable[[Values], Any]] | None:
    """The one field of the argument with that name, a `@oneOf` input, and how to get
    its value; None if a variable says which field it is. What the function gives
    isn't null; it raises Bail where graphql-core would refuse it."""
    given = next(one.value for one in node.arguments or () if one.name.value == name)
    if not isinstance(given, ObjectValueNode):
        return None
    (written,) = given.fields
    kind = get_named_type(field.args[name].type)
    assert isinstance(kind, GraphQLInputObjectType)
    get = _getter(written.value, kind.fields[written.name.value].type)

    def present(variables: Values) -> Any:
        value = get(variables)
        return bail() if value is None or value is Undefined else value

    return written.name.value, present


def _literal(node: ValueNode, kind: GraphQLInputType) -> Any:
    value = coerce_input_literal(node, kind)
    return bail() if value is Undefined else value


def _getter(node: ValueNode, kind: GraphQLInputType) -> Get:
    if isinstance(node, VariableNode):
        return _variable(node.name.value, required=is_non_null_type(kind))
    if not variables_in(node):
        value = None if isinstance(node, NullValueNode) else _literal(node, kind)
        return lambda _: value
    if isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    if isinstance(kind, GraphQLList):
        items = node.values if isinstance(node, ListValueNode) else [node]
        return _list([_getter(item, kind.of_type) for item in items])
    assert isinstance(kind, GraphQLInputObjectType)
    assert isinstance(node, ObjectValueNode)
    return _object(node, kind)


def _variable(name: str, *, required: bool) -> Get:
    def get(variables: Values) -> Any:
        value = variables.get(name, Undefined)
        return bail() if required and value in (None, Undefined) else value

    return get


def _list(getters: list[Get]) -> Get:
    def get(variables: Values) -> list[Any]:
        values = [getter(variables) for getter in getters]
        return [None if value is Undefined else value for value in values]

    return get


def _object(node: ObjectValueNode, kind: GraphQLInputObjectType) -> Get:
    given = {one.name.value: one.value for one in node.fields}
    getters = {
        name: _getter(given[name], field.type)
        for name, field in kind.fields.items()
        if name in given
    }

    def get(variables: Values) -> dict[str, Any]:
        values = {name: getter(variables) for name, getter in getters.items()}
        found = {
            name: value for name, value in values.items() if value is not Undefined
        }
        if kind.is_one_of and (len(found) != 1 or None in found.values()):
            bail()
        return found

    return get

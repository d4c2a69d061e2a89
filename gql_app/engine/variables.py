"""Variables: coerced as graphql-core does, but without looking up their types anew for
every request."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from graphql import (
    GraphQLError,
    GraphQLNonNull,
    GraphQLSchema,
    VariableDefinitionNode,
    get_nullable_type,
    is_leaf_type,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import get_variable_values
from graphql.pyutils import Undefined

Values = Mapping[str, Any]
"""The coerced variables by their names; those that are left out are missing."""


class _Plain(NamedTuple):
    """A variable of a scalar or an enum, and not of a list."""

    name: str
    coerce: Callable[[Any], Any]
    optional: bool


class Variables:
    """The variables that a valid operation defines."""

    def __init__(
        self, schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode]
    ) -> None:
        self._schema = schema
        self._definitions = definitions
        found = [_plain(schema, definition) for definition in definitions]
        self._plain = [one for one in found if one is not None]
        self._all_plain = len(self._plain) == len(found)

    def coerced(
        self, given: Mapping[str, Any], max_errors: int
    ) -> Values | list[GraphQLError]:
        """The values, or what is wrong with them."""
        values = self._plainly(given) if self._all_plain else None
        if values is not None:
            return values
        found = get_variable_values(
            self._schema, self._definitions, dict(given), max_errors=max_errors
        )
        return found if isinstance(found, list) else found.coerced

    def _plainly(self, given: Mapping[str, Any]) -> Values | None:
        """The values if none is in want of a default or an error."""
        coerced: dict[str, Any] = {}
        for name, coerce, optional in self._plain:
            value = given.get(name, Undefined)
            if value is None or value is Undefined:
                if not optional:
                    return None
                if value is None:
                    coerced[name] = None
                continue
            try:
                found = coerce(value)
            except Exception:  # noqa: BLE001  # graphql-core will say what is wrong
                return None
            if found is Undefined:
                return None
            coerced[name] = found
        return coerced


def _plain(schema: GraphQLSchema, definition: VariableDefinitionNode) -> _Plain | None:
    signature = get_variable_signature(schema, definition)
    if isinstance(signature, GraphQLError):
        return None
    required = isinstance(signature.type, GraphQLNonNull)
    kind = get_nullable_type(signature.type)
    if not is_leaf_type(kind):
        return None
    optional = not required and signature.default is None
    return _Plain(signature.name, kind.coerce_input_value, optional)

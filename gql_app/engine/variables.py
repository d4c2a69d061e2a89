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
from graphql.execution.get_variable_signature import (
    GraphQLVariableSignature,
    get_variable_signature,
)
from graphql.execution.values import (
    VariableValues,
    VariableValueSource,
    get_variable_values,
)
from graphql.pyutils import Undefined


class _Plain(NamedTuple):
    """A variable of a scalar or an enum, and not of a list."""

    signature: GraphQLVariableSignature
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
    ) -> VariableValues | list[GraphQLError]:
        """The values, or what is wrong with them."""
        values = self._plainly(given) if self._all_plain else None
        if values is not None:
            return values
        return get_variable_values(
            self._schema, self._definitions, dict(given), max_errors=max_errors
        )

    def _plainly(self, given: Mapping[str, Any]) -> VariableValues | None:
        """The values if none is in want of a default or an error."""
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for signature, coerce, optional in self._plain:
            name = signature.name
            value = given.get(name, Undefined)
            if value is None or value is Undefined:
                if not optional:
                    return None
                if value is None:
                    coerced[name] = None
            else:
                try:
                    coerced[name] = coerce(value)
                except Exception:  # noqa: BLE001  # graphql-core will say what is wrong
                    return None
                if coerced[name] is Undefined:
                    return None
            sources[name] = VariableValueSource(signature, value)
        return VariableValues(sources, coerced)


def _plain(schema: GraphQLSchema, definition: VariableDefinitionNode) -> _Plain | None:
    signature = get_variable_signature(schema, definition)
    if isinstance(signature, GraphQLError):
        return None
    required = isinstance(signature.type, GraphQLNonNull)
    kind = get_nullable_type(signature.type)
    if not is_leaf_type(kind):
        return None
    optional = not required and signature.default is None
    return _Plain(signature, kind.coerce_input_value, optional)

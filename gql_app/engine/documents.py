"""Documents: operation texts parsed, measured and validated once."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    Node,
    OperationDefinitionNode,
    VariableNode,
    parse,
    validate,
)
from graphql.pyutils import Undefined

from gql_app.engine.errors import ErrorCode
from gql_app.engine.limits import Limits, check, measure
from gql_app.engine.variables import Variables

_MOST_APPROVED = 256


class RequestError(Exception):
    """A request that can't be executed: the response has errors and no data."""

    def __init__(self, code: ErrorCode, errors: Sequence[GraphQLError]) -> None:
        super().__init__(errors[0].message)
        self.code = code
        self.errors = errors


@dataclass(eq=False, slots=True)
class Operation:
    """One operation of a document, with what is remembered of it; its `kind` is query,
    mutation or subscription.

    `conditions` are the variables that `@skip` and `@include` use; `approved` are values
    of variables with which it is within the limits; `introspects` says whether it asks
    about the schema alone; `cache` is for whatever is made of the operation, and goes
    with it.
    """

    document: DocumentNode
    definition: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    conditions: tuple[str, ...]
    variables: Variables
    kind: str
    introspects: bool
    invalid: Sequence[GraphQLError] | None = None
    approved: dict[tuple[str, ...], set[Hashable]] = field(default_factory=dict)
    cache: dict[Hashable, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Its name, for logs."""
        return self.definition.name.value if self.definition.name else "(unnamed)"


class Documents:
    """Parses and validates operation texts, keeping the most recently used ones."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, most: int = 1024) -> None:
        self._schema = schema
        self._limits = limits
        self._parsed = lru_cache(most)(self._parse)

    def operation(
        self, text: str, name: str | None, variables: Mapping[str, Any]
    ) -> Operation:
        """The operation with that name (or the only one), within the limits and valid.

        Raises RequestError or LimitExceededError. What an operation asks for is
        measured before it is validated: validation may take far longer.
        """
        operation = self._parsed(text, name)
        self._measure(operation, variables)
        if operation.invalid is None:
            operation.invalid = validate(
                self._schema, operation.document, max_errors=self._limits.errors
            )
        if operation.invalid:
            raise RequestError(ErrorCode.GRAPHQL_VALIDATION_FAILED, operation.invalid)
        return operation

    def cost(
        self, operation: Operation, variables: Mapping[str, Any]
    ) -> dict[str, dict[str, int]]:
        """What the operation asks for, and what it may, by the names of the limits."""
        definition, document = operation.definition, operation.document
        cost = measure(document, definition, self._schema, variables, self._limits)
        names = {"depth": "depth", "aliases": "aliases", "rootFields": "root_fields"}
        names["estimatedRows"] = "estimated_rows"
        return {
            shown: {
                "requested": getattr(cost, name),
                "limit": getattr(self._limits, name),
            }
            for shown, name in names.items()
        }

    def _parse(self, text: str, name: str | None) -> Operation:
        try:
            document = parse(
                text,
                max_lexical_tokens=self._limits.tokens,
                max_source_length=self._limits.document_bytes,
            )
        except GraphQLSyntaxError as error:
            code = ErrorCode.GRAPHQL_PARSE_FAILED
            if "contains more than" in error.message:
                code = ErrorCode.LIMIT_EXCEEDED
            raise RequestError(code, [error]) from None
        _untie(document)
        definition = _definition(document, name)
        fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        conditions = sorted(
            {
                variable
                for node in nodes_in(document)
                if isinstance(node, DirectiveNode)
                and node.name.value in ("skip", "include")
                for variable in variables_in(node)
            }
        )
        variables = Variables(self._schema, definition.variable_definitions or ())
        introspects = all(
            isinstance(selection, FieldNode) and selection.name.value.startswith("__")
            for selection in definition.selection_set.selections
        )
        return Operation(
            *(document, definition, fragments, tuple(conditions)),
            variables,
            definition.operation.value,
            introspects,
        )

    def _measure(self, operation: Operation, variables: Mapping[str, Any]) -> None:
        """Check what the operation asks for, unless it was checked before with the same
        values of the variables that matter."""
        try:
            for names, known in operation.approved.items():
                if not names or _values(variables, names) in known:
                    return
        except TypeError:  # a value that can't be remembered, such as a list
            pass
        definition, document = operation.definition, operation.document
        cost = measure(document, definition, self._schema, variables, self._limits)
        check(cost, self._limits)
        names = tuple(sorted(cost.variables))
        values = _values(variables, names)
        known = operation.approved.setdefault(names, set())
        if len(known) < _MOST_APPROVED and all(
            isinstance(one, Hashable) for one in values
        ):
            known.add(values)


def _values(variables: Mapping[str, Any], names: Sequence[str]) -> tuple[Any, ...]:
    """Of these variables; one that is left out is not one that is null."""
    return tuple([variables.get(name, Undefined) for name in names])


def _untie(document: DocumentNode) -> None:
    """Let go of the document's tokens, which know their neighbours: without such cycles
    what falls out of the cache is freed at once. Errors only need positions."""
    token = None if document.loc is None else document.loc.start_token
    while token is not None:
        token.prev, token.next, token = None, None, token.next


def _definition(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    found = [
        definition
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
        and name in (None, definition.name and definition.name.value)
    ]
    if len(found) == 1:
        return found[0]
    message = f"The document has no operation named {name!r}."
    if name is None:
        message = "The document has no operation."
        if found:
            message = "The document has several operations: send an operationName."
    raise RequestError(ErrorCode.BAD_REQUEST, [GraphQLError(message)])


def nodes_in(node: Node) -> Iterator[Node]:
    """The node and all below it, without recursion."""
    pending: list[Any] = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, Node):
            yield current
            pending += [getattr(current, key, None) for key in current.keys]
        elif isinstance(current, list | tuple):
            pending += current


def variables_in(node: Node) -> set[str]:
    """The names of the variables used in the node."""
    return {
        found.name.value for found in nodes_in(node) if isinstance(found, VariableNode)
    }

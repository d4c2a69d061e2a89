"""Documents: operation texts parsed and validated once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    parse,
    validate,
)

from gql_app.engine.errors import ErrorCode, LimitExceededError
from gql_app.engine.limits import Cost, Limits, check, measure


class RequestError(Exception):
    """A request that can't be executed: the response has errors and no data."""

    def __init__(self, code: ErrorCode, errors: Sequence[GraphQLError]) -> None:
        super().__init__(errors[0].message)
        self.code = code
        self.errors = errors


@dataclass(frozen=True, eq=False, slots=True)
class Operation:
    """One operation of a valid document."""

    document: DocumentNode
    definition: OperationDefinitionNode

    @property
    def kind(self) -> str:
        """query, mutation or subscription."""
        return self.definition.operation.value


@dataclass(frozen=True, slots=True)
class _Checked:
    document: DocumentNode
    code: ErrorCode | None = None
    errors: Sequence[GraphQLError] = ()


class Documents:
    """Parses and validates operation texts, keeping the most recently used ones."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, most: int = 1024) -> None:
        self._schema = schema
        self._limits = limits
        self._checked = lru_cache(most)(self._check)

    def operation(self, text: str, name: str | None) -> Operation:
        """The operation with that name, or the only one.

        Raises RequestError if the text isn't a valid document or has no such operation,
        LimitExceededError if it is too long.
        """
        checked = self._checked(text)
        if checked.code is not None:
            raise RequestError(checked.code, checked.errors)
        found = [
            definition
            for definition in checked.document.definitions
            if isinstance(definition, OperationDefinitionNode)
            and (name is None or _name(definition) == name)
        ]
        if len(found) == 1:
            return Operation(checked.document, found[0])
        message = (
            "The document has several operations; operationName must say which to run."
            if name is None
            else f"The document has no operation named {name!r}."
        )
        raise RequestError(ErrorCode.BAD_REQUEST, [GraphQLError(message)])

    def measure(self, operation: Operation, variables: Mapping[str, Any]) -> Cost:
        """What the operation asks for; LimitExceededError if that is too much."""
        document, definition = operation.document, operation.definition
        cost = measure(document, definition, self._schema, variables, self._limits)
        check(cost, self._limits)
        return cost

    def _check(self, text: str) -> _Checked:
        if len(text) > self._limits.document_bytes:
            raise LimitExceededError(
                f"A document may have {self._limits.document_bytes} bytes."
            )
        try:
            document = parse(text, max_tokens=self._limits.tokens)
        except GraphQLSyntaxError as error:
            too_long = "more than" in error.message and "tokens" in error.message
            code = ErrorCode.LIMIT_EXCEEDED if too_long else _PARSE_FAILED
            return _Checked(_EMPTY, code, [error])
        errors = validate(self._schema, document, max_errors=self._limits.errors)
        return _Checked(document, _INVALID if errors else None, errors)


_EMPTY = DocumentNode(definitions=())
_PARSE_FAILED = ErrorCode.GRAPHQL_PARSE_FAILED
_INVALID = ErrorCode.GRAPHQL_VALIDATION_FAILED


def _name(definition: OperationDefinitionNode) -> str | None:
    return definition.name.value if definition.name else None

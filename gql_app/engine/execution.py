"""Execution: a GraphQL request in, a complete response out."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any
from uuid import uuid4

import orjson
import strawberry
from graphql import ExecutionResult, GraphQLError, execute
from graphql.execution.values import get_variable_values

from gql_app.engine.context import Context
from gql_app.engine.database import Database
from gql_app.engine.documents import Documents, Operation, RequestError
from gql_app.engine.errors import EngineError, ErrorCode
from gql_app.engine.limits import Limits
from gql_app.engine.pages import PageParser
from gql_app.engine.policy import ANONYMOUS, Viewer
from gql_app.engine.schema import core_schema
from gql_app.engine.statements import Statements

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sends. `read_only` requests may not change anything."""

    query: str
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    read_only: bool = False
    extensions: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """The response as JSON text. Not `executed`: the request itself was wrong, and the
    response has no data. `codes` are those of its errors."""

    body: bytes
    executed: bool
    codes: tuple[str, ...] = ()


class Executor:
    """Executes requests on one schema and one database, for the application's life.

    With `masked`, a defect's message stays in the log, under the request id that the
    client gets instead.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        database: Database,
        *,
        limits: Limits = Limits(),  # noqa: B008  # frozen
        cursor_key: bytes = b"",
        masked: bool = True,
    ) -> None:
        self.schema = core_schema(schema)
        self._executor_class = schema.execution_context_class
        self._database = database
        self._limits = limits
        self._pages = PageParser(limits, cursor_key)
        self._masked = masked
        self._documents = Documents(self.schema, limits)
        self._statements: Statements | None = None

    async def execute(
        self,
        request: Request,
        viewer: Viewer = ANONYMOUS,
        request_id: str | None = None,
    ) -> Result:
        """The response; what clients do wrong never raises.

        `request_id` is what a masked error names; without one it is made up.
        """
        try:
            operation = self._documents.operation(request.query, request.operation_name)
            _check_kind(operation, request)
            self._check_variables(operation, request.variables)
            self._documents.measure(operation, request.variables)
            executed = await self._ordinary(operation, request, viewer)
        except RequestError as error:
            return _encoded(None, [_formatted(one, error.code) for one in error.errors])
        except EngineError as error:
            return _encoded(None, [_formatted(GraphQLError(error.message), error.code)])
        errors = [
            self._described(error, request, request_id)
            for error in executed.errors or ()
        ]
        return _encoded(executed, errors[: self._limits.errors])

    async def _ordinary(
        self, operation: Operation, request: Request, viewer: Viewer
    ) -> ExecutionResult:
        """graphql-core runs the resolvers, and these the loaders."""
        statements = await self._prepared_statements()
        context = Context(self._database, statements, self._pages, viewer)
        try:
            result = execute(
                self.schema,
                operation.document,
                context_value=context,
                variable_values=dict(request.variables),
                operation_name=request.operation_name,
                executor_class=self._executor_class,
            )
            return await result if isawaitable(result) else result
        finally:
            await context.close()

    async def _prepared_statements(self) -> Statements:
        if self._statements is None:
            dialect = await self._database.connect()
            self._statements = self._statements or Statements(dialect)
        return self._statements

    def _check_variables(
        self, operation: Operation, variables: Mapping[str, Any]
    ) -> None:
        definitions = operation.definition.variable_definitions or ()
        coerced = get_variable_values(
            self.schema, definitions, dict(variables), max_errors=self._limits.errors
        )
        if isinstance(coerced, list):
            raise RequestError(ErrorCode.BAD_USER_INPUT, coerced)

    def _described(
        self, error: GraphQLError, request: Request, request_id: str | None
    ) -> dict[str, Any]:
        """The error as the client may see it; a defect of ours is logged."""
        cause = error.original_error
        if isinstance(cause, EngineError) or cause is None:
            return _formatted(error, ErrorCode.BAD_USER_INPUT)
        name = request_id or uuid4().hex
        logger.error(
            "Request %s failed in %s at %s",
            name,
            request.operation_name or "an unnamed operation",
            error.path,
            exc_info=cause,
        )
        message = f"Internal server error (request {name})."
        shown = error.message if not self._masked else message
        formatted = _formatted(error, ErrorCode.INTERNAL_SERVER_ERROR)
        formatted["extensions"]["requestId"] = name
        return {**formatted, "message": shown}


def _check_kind(operation: Operation, request: Request) -> None:
    if operation.kind == "query":
        return
    if request.read_only:
        error = GraphQLError(f"A {operation.kind} can't be sent by GET.")
        raise RequestError(ErrorCode.BAD_REQUEST, [error])
    if operation.kind == "subscription":
        error = GraphQLError("Subscriptions need a connection that stays open.")
        raise RequestError(ErrorCode.BAD_REQUEST, [error])


def _formatted(error: GraphQLError, code: ErrorCode) -> dict[str, Any]:
    """The error's JSON, with the code unless it brings one of its own."""
    extensions = {"code": code.value, **(error.extensions or {})}
    return {**error.formatted, "extensions": extensions}


def _encoded(
    executed: ExecutionResult | None, errors: Sequence[Mapping[str, Any]]
) -> Result:
    body: dict[str, Any] = {"errors": errors} if errors else {}
    if executed is not None:
        body["data"] = executed.data
    codes = tuple(str(error["extensions"]["code"]) for error in errors)
    return Result(orjson.dumps(body), executed is not None, codes)

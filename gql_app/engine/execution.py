"""Execution: a GraphQL request in, a complete response out."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from inspect import isawaitable
from typing import Any
from uuid import uuid4

import orjson
import sqlalchemy as sa
import strawberry
from graphql import ExecutionResult, GraphQLError, execute

from gql_app.engine.access import Scope
from gql_app.engine.comparing import Answers, Comparison
from gql_app.engine.context import Context
from gql_app.engine.database import Database
from gql_app.engine.documents import Documents, Operation, RequestError
from gql_app.engine.errors import (
    DatabaseTimeoutError,
    EngineError,
    ErrorCode,
    UnavailableError,
)
from gql_app.engine.limits import Limits
from gql_app.engine.pages import PageParser
from gql_app.engine.plan.cache import Plans
from gql_app.engine.plan.groups import UnsupportedError
from gql_app.engine.policy import ANONYMOUS, Viewer
from gql_app.engine.reading import Budget
from gql_app.engine.responses import (
    Request,
    Result,
    encoded,
    explanation,
    formatted,
)
from gql_app.engine.schema import core_schema
from gql_app.engine.statements import Statements
from gql_app.engine.variables import Values
from gql_app.engine.writing.answering import Answering, Asked, mutation_plans

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Run:
    """One request on its way to a response; `how` tells developers how it got there."""

    operation: Operation
    variables: Values
    request: Request
    viewer: Viewer
    request_id: str
    how: str = ""


class Executor:
    """Executes requests on one schema and one database, for the application's life.

    plans: whether operations are compiled; without, graphql-core executes each.
    compared: the share of planned operations that graphql-core answers as well, to log
        any difference.
    kept: the table of `idempotency.table`, if mutations may carry idempotency keys.
    masked: whether a defect's message stays in the log, under the request id that the
        client gets instead.
    """

    def __init__(  # noqa: PLR0913  # options, each by its name
        self,
        schema: strawberry.Schema,
        database: Database,
        *,
        limits: Limits = Limits(),  # noqa: B008  # frozen
        cursor_key: bytes = b"",
        plans: bool = True,
        compared: float = 0.0,
        masked: bool = True,
        kept: sa.Table | None = None,
    ) -> None:
        self.schema = core_schema(schema)
        self._executor_class = schema.execution_context_class
        self._database = database
        self._limits = limits
        self._seconds = limits.milliseconds / 1000
        self._pages = PageParser(limits, cursor_key)
        self._planning = plans
        self._comparison = Comparison(compared)
        self._masked = masked
        self._kept = kept
        self._answering: Answering | None = None
        self._documents = Documents(self.schema, limits)
        self._statements: Statements | None = None
        self._plans: Plans | None = None
        self._scope = lru_cache(256)(lambda role: Scope(database.dialect, role))

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
            operation = self._documents.operation(
                request.query, request.operation_name, request.variables
            )
            if operation.kind != "query":
                _check_kind(operation, request)
            variables = self._coerced(operation, request.variables)
            if self._statements is None:
                await self._connect()
            run = _Run(operation, variables, request, viewer, request_id or uuid4().hex)
            return await self._answered(run)
        except RequestError as error:
            return encoded(None, [formatted(one, error.code) for one in error.errors])
        except EngineError as error:
            refused = GraphQLError(error.message, extensions=error.extensions)
            return encoded(None, [formatted(refused, error.code)])

    @property
    def plan_counts(self) -> Mapping[str, int]:
        """How operations were answered: see `Plans.counts`."""
        return {} if self._plans is None else dict(self._plans.counts)

    @property
    def comparison_counts(self) -> Mapping[str, int]:
        """What came of comparing plans: see `Comparison.counts`."""
        return dict(self._comparison.counts)

    async def _answered(self, run: "_Run") -> Result:
        if run.operation.kind == "mutation":
            run.how = "A mutation is executed field by field."
            result = await self._mutated(run)
        else:
            planned = await self._planned(run)
            result = await self._ordinary(run) if planned is None else planned
            if self._comparison.due and planned is not None:
                await self._compare(run, planned)
        if run.request.explain or run.request.cost:
            result = await self._annotated(run, result)
        return result

    async def _compare(self, run: "_Run", planned: Result) -> None:
        ways = Answers(lambda: self._ordinary(run), lambda: self._planned(run))
        title, document = run.operation.title, run.request.query
        await self._comparison.check(title, document, planned, ways)

    async def _planned(self, run: "_Run") -> Result | None:
        """The response by a plan; None if there is none, or if it gives up.

        Raises DatabaseTimeoutError and UnavailableError: to ask again won't help.
        """
        plans, operation = self._plans, run.operation
        if plans is None or operation.introspects:
            run.how = "Plans are off." if plans is None else "Remembered introspection."
            return None
        plan = plans.get(operation, run.variables, self._scope(run.viewer.role))
        if isinstance(plan, UnsupportedError):
            plans.counts["unsupported"] += 1
            run.how = f"Field by field: no plan for {plan}."
            return None
        budget = self._budget(run)
        try:
            prepared = plan.prepare(run.variables, run.viewer)
            body = await self._database.answer(
                prepared.steps(), budget, self._seconds, single=prepared.single
            )
        except (DatabaseTimeoutError, UnavailableError):
            raise
        except Exception as reason:  # noqa: BLE001  # the ordinary path will say it
            plans.bailed(operation, reason)
            run.how = f"Field by field: the plan gave up ({type(reason).__name__})."
            return None
        plans.counts["planned"] += 1
        if run.request.explain:
            run.how = prepared.describe()
        return Result(body, True, statements=tuple(budget.used))

    async def _ordinary(self, run: "_Run") -> Result:
        """The response by graphql-core, the resolvers and the loaders."""
        operation, request = run.operation, run.request
        asked = ("introspection", repr(request.variables))
        if operation.introspects and asked in operation.cache:
            return Result(operation.cache[asked], True)
        assert self._statements is not None
        budget = self._budget(run)
        context = Context(
            self._database, self._statements, self._pages, run.viewer, budget
        )
        try:
            executed = await self._executed(run, context)
        finally:
            await context.close()
        result = self._response(executed, run, budget)
        if operation.introspects and not result.codes:
            operation.cache[asked] = result.body
        return result

    async def _mutated(self, run: "_Run") -> Result:
        """The response to a mutation, which has run in one transaction."""
        assert self._answering is not None
        asked = Asked(
            run.operation,
            run.variables,
            run.request,
            run.viewer,
            execute=lambda context: self._executed(run, context),
            respond=lambda executed, budget: self._response(executed, run, budget),
        )
        return await self._answering.answer(asked)

    async def _executed(self, run: "_Run", context: Context) -> ExecutionResult:
        executing = execute(
            self.schema,
            run.operation.document,
            context_value=context,
            variable_values=dict(run.request.variables),
            operation_name=run.request.operation_name,
            executor_class=self._executor_class,
        )
        return await executing if isawaitable(executing) else executing

    def _response(
        self, executed: ExecutionResult, run: "_Run", budget: Budget
    ) -> Result:
        errors = [
            self._described(error, run)
            for error in (executed.errors or ())[: self._limits.errors]
        ]
        try:
            return encoded(executed, errors, budget.used)
        except TypeError as cause:
            failed = GraphQLError("The data has no JSON.", original_error=cause)
            described = self._described(failed, run)
            return encoded(ExecutionResult(None), [described], budget.used)

    def _budget(self, run: "_Run") -> Budget:
        limits, explaining = self._limits, run.request.explain is not None
        return Budget(limits.statements, limits.rows, explaining)

    async def _annotated(self, run: "_Run", result: Result) -> Result:
        """The result with the extensions that the request asks for."""
        extensions: dict[str, Any] = {}
        if run.request.cost:
            operation, variables = run.operation, run.request.variables
            extensions["cost"] = self._documents.cost(operation, variables)
        if run.request.explain:
            details: list[list[str]] = [[] for _ in result.statements]
            # To analyze a statement is to run it: a mutation's would be done again.
            if run.request.explain == "analyze" and run.operation.kind == "query":
                prefix = self._database.dialect.explain
                details = await self._database.read(
                    lambda reading: [
                        reading.explain(prefix, one) for one in result.statements
                    ],
                    self._seconds,
                )
            extensions["explain"] = explanation(run.how, result.statements, details)
        body = {**orjson.loads(result.body), "extensions": extensions}
        return result._replace(body=orjson.dumps(body))

    async def _connect(self) -> None:
        dialect = await self._database.connect()
        if self._statements is None:  # still: another operation may have been here
            self._statements = Statements(dialect)
            if self._planning:
                self._plans = Plans(self.schema, self._statements, self._pages)
            shared = (self._statements, self._pages)
            plans = mutation_plans(self.schema, *shared) if self._planning else None
            self._answering = Answering(self._database, *shared, plans, self._kept)

    def _coerced(self, operation: Operation, variables: Mapping[str, Any]) -> Values:
        coerced = operation.variables.coerced(variables, self._limits.errors)
        if isinstance(coerced, list):
            raise RequestError(ErrorCode.BAD_USER_INPUT, coerced)
        return coerced

    def _described(self, error: GraphQLError, run: "_Run") -> dict[str, Any]:
        """The error as the client may see it; a defect of ours is logged."""
        cause = error.original_error
        if isinstance(cause, EngineError) or cause is None:
            return formatted(error, ErrorCode.BAD_USER_INPUT)
        logger.error(
            "Request %s failed in %s at %s",
            run.request_id,
            run.operation.title,
            error.path,
            exc_info=cause,
        )
        message = f"Internal server error (request {run.request_id})."
        shown = error.message if not self._masked else message
        described = formatted(error, ErrorCode.INTERNAL_SERVER_ERROR)
        described["extensions"]["requestId"] = run.request_id
        return {**described, "message": shown}


def _check_kind(operation: Operation, request: Request) -> None:
    if request.read_only:
        error = GraphQLError(f"A {operation.kind} can't be sent by GET.")
        raise RequestError(ErrorCode.BAD_REQUEST, [error])
    if operation.kind == "subscription":
        error = GraphQLError("Subscriptions need a connection that stays open.")
        raise RequestError(ErrorCode.BAD_REQUEST, [error])

"""Answering: a mutation request in, its response out, by a plan or field by field."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from graphql import ExecutionResult, GraphQLError, GraphQLSchema

from gql_app.engine.access import Scope
from gql_app.engine.database import Database
from gql_app.engine.documents import Operation, RequestError
from gql_app.engine.errors import (
    DatabaseTimeoutError,
    ErrorCode,
    TransientError,
    UnavailableError,
)
from gql_app.engine.pages import PageParser
from gql_app.engine.policy import Viewer
from gql_app.engine.reading import Budget
from gql_app.engine.responses import Request, Result
from gql_app.engine.statements import Statements
from gql_app.engine.variables import Values
from gql_app.engine.writing.binding import is_dry_run
from gql_app.engine.writing.context import SettledContext, WritingContext
from gql_app.engine.writing.idempotency import Claim, ReplayedError
from gql_app.engine.writing.operation import Execute, Mutation, writing_budget
from gql_app.engine.writing.plans import MutationPlans, PlanFailedError, PlannedWrite
from gql_app.engine.writing.writer import Session, Writer

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """One mutation request: `execute` has graphql-core run it in a context, `respond`
    makes the response of what comes out."""

    operation: Operation
    variables: Values
    request: Request
    viewer: Viewer
    execute: Execute
    respond: Callable[[ExecutionResult, Budget], Result]

    @property
    def dry(self) -> bool:
        """Whether all of it is to be undone in the end."""
        return is_dry_run(self.operation.definition)


class Answering:
    """Answers the mutations of one schema, each in one transaction.

    `kept` is the table of idempotency keys, if there is one; without `plans`,
    graphql-core executes every operation.
    """

    def __init__(
        self,
        database: Database,
        statements: Statements,
        pages: PageParser,
        plans: MutationPlans | None,
        kept: sa.Table | None,
    ) -> None:
        self._database = database
        self._statements = statements
        self._pages = pages
        self._plans = plans
        self._kept = kept

    async def answer(self, asked: Asked) -> Result:
        """The response. Raises RequestError or EngineError for one without data."""
        claim = self._claim(asked)
        limits, explaining = self._pages.limits, asked.request.explain is not None
        budget = writing_budget(limits, explaining)
        try:
            planned = await self._planned(asked, claim, budget)
            if planned is not None:
                return planned
            budget = writing_budget(limits, explaining)
            mutation = self._mutation(asked, claim, budget)
            return asked.respond(await mutation.run(), budget)
        except PlanFailedError as error:
            mutation = self._mutation(asked, claim, budget)
            return asked.respond(await mutation.settled(error.failed), budget)
        except ReplayedError as replayed:
            return Result(replayed.body, True, statements=tuple(budget.used))

    async def _planned(
        self, asked: Asked, claim: Claim | None, budget: Budget
    ) -> Result | None:
        """The response by a plan; None if there is none, or if it gives up.

        Raises PlanFailedError, ReplayedError, DatabaseTimeoutError and, unless trying
        again may help, UnavailableError.
        """
        scope = Scope(self._database.dialect, asked.viewer.role)
        operation, plans = asked.operation, self._plans
        plan = None if plans is None else plans.get(operation, asked.variables, scope)
        if plan is None:
            return None
        limits, lane = self._pages.limits, self._database.writing
        transaction = self._database.transaction(of_thread=True)
        session = Session(transaction, self._statements, budget)
        writer = Writer(session, scope, asked.viewer, limits)
        try:
            prepared = plan.prepare(asked.variables, asked.viewer)
            work = PlannedWrite(prepared, transaction, writer, claim, not asked.dry)
            seconds = limits.milliseconds / 1000
            body = await lane.spend(transaction, seconds, work.run, budget)
        except TransientError:
            return None  # the ordinary path tries again
        except (PlanFailedError, ReplayedError, DatabaseTimeoutError, UnavailableError):
            raise
        except Exception as reason:  # noqa: BLE001  # the ordinary path will say it
            logger.info("The plan of %s gave up: %r", operation.title, reason)
            return None
        return Result(body, True, statements=tuple(budget.used))

    def _mutation(self, asked: Asked, claim: Claim | None, budget: Budget) -> Mutation:
        """The same request, field by field."""
        shared = (self._database, self._statements, self._pages, asked.viewer)

        async def begin(context: WritingContext) -> None:
            if claim is not None:
                await context.write(claim.begin)

        async def finish(context: WritingContext, executed: ExecutionResult) -> None:
            if claim is not None:
                body = asked.respond(executed, budget).body
                await context.write(claim.keep, body)
            if not asked.dry:
                await context.commit()

        return Mutation(
            attempt=lambda: WritingContext(*shared, budget),
            begin=begin,
            execute=asked.execute,
            finish=finish,
            settle=lambda: SettledContext(*shared, budget),
        )

    def _claim(self, asked: Asked) -> Claim | None:
        """The claim to the request's idempotency key, if it has one."""
        request = asked.request
        if request.idempotency_key is None or asked.dry:
            return None
        if self._kept is None:
            text = "Idempotency keys are not kept here."
            raise RequestError(ErrorCode.BAD_REQUEST, [GraphQLError(text)])
        sent = [request.query, request.operation_name, dict(request.variables)]
        return Claim.of(self._kept, request.idempotency_key, asked.viewer, sent)


def mutation_plans(
    schema: GraphQLSchema, statements: Statements, pages: PageParser
) -> MutationPlans | None:
    """The plans of a schema's mutations, if it has any."""
    if schema.mutation_type is None:
        return None
    return MutationPlans(schema, statements, pages)

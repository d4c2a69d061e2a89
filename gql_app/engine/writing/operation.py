"""Operation: a mutation operation is run until it succeeds or fails for good."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from graphql import ExecutionResult, GraphQLResolveInfo

from gql_app.engine.context import Context
from gql_app.engine.errors import (
    EngineError,
    RolledBackError,
    TransientError,
    UnavailableError,
)
from gql_app.engine.limits import Limits
from gql_app.engine.reading import Budget
from gql_app.engine.transaction import ConstraintError
from gql_app.engine.writing.context import Failed, SettledContext, WritingContext
from gql_app.engine.writing.explanations import explained_generally
from gql_app.engine.writing.payloads import Failure
from gql_app.engine.writing.problems import PAYLOAD_ERRORS, ProblemsError
from gql_app.engine.writing.writer import CarefulRetryError

ATTEMPTS = 6

Execute = Callable[[Context], Awaitable[ExecutionResult]]
Finish = Callable[[WritingContext, ExecutionResult], Awaitable[None]]


class FieldFailedError(Exception):
    """Ends an operation whose field has failed: what is left of it is pointless."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """How to run one mutation operation: make a context for each attempt, begin,
    execute, and finish (commit, or for a dry run nothing). `settle` makes the context
    in which the fields say what came of them."""

    attempt: Callable[[], WritingContext]
    begin: Callable[[WritingContext], Awaitable[None]]
    execute: Execute
    finish: Finish
    settle: Callable[[], SettledContext]

    async def run(self) -> ExecutionResult:
        """The result. Either all fields have written, or none has.

        Raises UnavailableError if others are in the way again and again. But what has
        only been `done` once, outside of the transaction, can't be undone: that is
        answered, with an error for each part that could not be read.
        """
        careful = False
        done: dict[str, Any] = {}
        for attempt in range(ATTEMPTS):
            context = self.attempt()
            context.careful, context.done = careful, done
            result = await self._attempted(context)
            if context.again is None:
                failed = context.failed
                return result if failed is None else await self.settled(failed)
            careful = careful or isinstance(context.again, CarefulRetryError)
            if isinstance(context.again, TransientError):
                await asyncio.sleep(_pause(attempt))
        if done and not context.writes:
            return result
        text = "Other operations keep changing the same rows; nothing was written."
        raise UnavailableError(text if not done else f"{text[:-1]}{_BESIDES}")

    async def _attempted(self, context: WritingContext) -> ExecutionResult:
        try:
            await self.begin(context)
            result = await self.execute(context)
            if context.again is None and context.failed is None:
                if result.errors and (context.writes or not context.done):
                    return ExecutionResult(None, result.errors)
                await self._finished(context, result)
            return result
        except TransientError:
            return ExecutionResult(None)  # the context knows why
        finally:
            await context.close()

    async def _finished(self, context: WritingContext, result: ExecutionResult) -> None:
        try:
            await self.finish(context, result)
        except TransientError as error:
            context.again = error
        except ConstraintError as error:
            # One that the database has put off to the end: of which field, who knows.
            key = context.fields[-1] if context.fields else ""
            context.failed = Failed(key, [explained_generally(error, ())])

    async def settled(self, failed: Failed) -> ExecutionResult:
        """The result of an operation that has failed and is rolled back."""
        context = self.settle()
        context.failed = failed
        try:
            return await self.execute(context)
        finally:
            await context.close()


_BESIDES = " in the transaction, but what the operation does outside of it is done."


def writing_budget(limits: Limits, explaining: bool) -> Budget:
    """What a mutation may use. Written rows are limited; with hooks, or to find the one
    that broke a constraint, each of them takes statements of its own."""
    statements = limits.statements + 8 * limits.written_rows
    return Budget(statements, limits.rows, explaining)


def _pause(attempt: int) -> float:
    """Longer each time, and never just as long as that of others."""
    return 0.01 * 2.0**attempt * random.uniform(0.5, 1.5)


def in_operation(resolve: Callable[..., Any], *, payload: bool) -> Callable[..., Any]:
    """The resolver of a mutation field as a part of its operation. With a `payload`,
    its errors go there; otherwise they are the response's."""

    async def resolved(
        source: Any, info: GraphQLResolveInfo[Any], **arguments: Any
    ) -> Any:
        context, key = info.context, str(info.path.key)
        if isinstance(context, SettledContext):
            return _outcome(context.failed, key, payload)
        if not isinstance(context, WritingContext):
            raise TypeError("A mutation needs the context of a mutation.")
        if context.failed is not None or context.again is not None:
            raise FieldFailedError
        context.fields.append(key)
        try:
            found = resolve(source, info, **arguments)
            return await found if isinstance(found, Awaitable) else found
        except FAILURES as error:
            context.failed = Failed(key, errors_of(error))
            raise FieldFailedError from error

    return resolved


FAILURES = (ProblemsError, ConstraintError, *PAYLOAD_ERRORS)
"""What makes a field fail, rather than the operation."""


def errors_of(error: Exception) -> list[EngineError]:
    """What the payload says of one of the FAILURES."""
    if isinstance(error, ProblemsError):
        return list(error.errors)
    if isinstance(error, ConstraintError):
        return [explained_generally(error, ())]
    assert isinstance(error, EngineError)
    return [error]


def _outcome(failed: Failed, key: str, payload: bool) -> Failure:
    if key == failed.key:
        errors = list(failed.errors)
    else:
        text = "Another field of the operation failed: nothing was written."
        errors = [RolledBackError(text)]
    if not payload:
        raise errors[0]
    return Failure(errors)

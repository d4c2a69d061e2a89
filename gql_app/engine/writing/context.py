"""WritingContext: the context of a mutation operation, all of it in one transaction."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from gql_app.engine.context import Context
from gql_app.engine.database import Database
from gql_app.engine.errors import EngineError, TransientError
from gql_app.engine.pages import PageParser
from gql_app.engine.policy import Viewer
from gql_app.engine.reading import Budget
from gql_app.engine.statements import Row, Statement, Statements
from gql_app.engine.transaction import Transaction
from gql_app.engine.writing.writer import CarefulRetryError, Session, Writer

Returned = TypeVar("Returned")


@dataclass(frozen=True, slots=True)
class Failed:
    """The response key of the field that failed, and why it did."""

    key: str
    errors: Sequence[EngineError]


class WritingContext(Context):
    """Reads and writes in one transaction, which begins with the first statement.

    Loaders begin anew after each write: none gives a row from before it.
    """

    def __init__(
        self,
        database: Database,
        statements: Statements,
        pages: PageParser,
        viewer: Viewer,
        budget: Budget,
    ) -> None:
        super().__init__(database, statements, pages, viewer, budget)
        self.careful = False
        """Whether each row is written by a statement of its own."""
        self.fields: list[str] = []
        """The response keys of the fields that have begun to write."""
        self.done: dict[str, Any] = {}
        """What `once` has done, in this attempt or one before."""
        self.failed: Failed | None = None
        self.again: Exception | None = None
        """Why the operation should be run again, if it should."""
        self._lane = database.writing
        self._transaction: Transaction | None = None
        self._writer: Writer | None = None

    async def write(self, work: Callable[..., Returned], *arguments: Any) -> Returned:
        """Call a function with the operation's `Writer` and the arguments, in a thread.

        Raises what it raises.
        """
        try:
            return await self._run(self._write, work, arguments)
        finally:
            self._loaders.clear()

    async def once(self, key: str, work: Callable[[], Awaitable[Returned]]) -> Returned:
        """What the work gives. It is done once under that key, even if the operation
        has to begin anew: for what is no part of the transaction, and stays done."""
        if key not in self.done:
            self.done[key] = await work()
        found: Returned = self.done[key]
        return found

    async def fetch(
        self,
        build: Callable[..., sa.Select[Any]],
        *arguments: Hashable,
        values: Mapping[str, Any],
    ) -> list[Row]:
        statement = self._statements.get(build, *arguments, self.scope)
        parameters = {**self.viewer.parameters(), **values}
        return await self._run(self._select, statement, parameters)

    @property
    def writes(self) -> bool:
        """Whether anything was written that a rollback undoes."""
        return self._writer is not None

    async def commit(self) -> None:
        """Keep what was written, and end. Raises what `Transaction.commit` does."""
        if self._transaction is not None and self.writes:
            await self._run(self._transaction.finish)

    async def _close(self) -> None:
        """Roll back what isn't committed."""
        async with self._turn:
            if self._transaction is not None:
                transaction, self._transaction = self._transaction, None
                if self._deadline is not None:
                    self._deadline.cancel()
                await self._lane.leave(transaction)

    async def _run(self, work: Callable[..., Returned], *arguments: Any) -> Returned:
        try:
            return await super()._run(work, *arguments)
        except (TransientError, CarefulRetryError) as error:
            self.again = error
            raise

    async def _begin(self) -> None:
        self._check_open()
        if self._transaction is None:
            await self._lane.enter()
            self._transaction = self._database.transaction()
            self._deadline = self._lane.limit(self._transaction, self._seconds)

    def _write(
        self, work: Callable[..., Returned], arguments: Sequence[Any]
    ) -> Returned:
        assert self._transaction is not None
        if self._writer is None:
            self._writer = Writer(
                Session(self._transaction, self._statements, self.budget),
                self.scope,
                self.viewer,
                self.pages.limits,
                careful=self.careful,
            )
        return work(self._writer, *arguments)

    def _select(self, statement: Statement, parameters: Mapping[str, Any]) -> list[Row]:
        assert self._transaction is not None
        rows = self._transaction.rows(statement, parameters, self.budget)
        return [statement.read(row) for row in rows]


class SettledContext(Context):
    """For answering once everything is rolled back: fields don't write, they only say
    what came of them."""

    failed: Failed

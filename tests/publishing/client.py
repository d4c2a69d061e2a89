"""A client of the whole schema, as any viewer and as several at once."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import strawberry

from gql_app.engine import ANONYMOUS, Database, Executor, Request, Viewer
from gql_app.publishing.accounts.attempts import ADDRESS


class Call(NamedTuple):
    """An operation to be run together with others."""

    query: str
    viewer: Viewer = ANONYMOUS
    variables: dict[str, Any] = {}  # noqa: RUF012  # never changed


@contextmanager
def calling_from(address: str) -> Iterator[None]:
    """What is asked meanwhile comes from that address."""
    token = ADDRESS.set(address)
    yield
    ADDRESS.reset(token)


class Client:
    """Runs operations; every answer is complete, with its errors."""

    def __init__(self, schema: strawberry.Schema, database: Database) -> None:
        self._executor = Executor(schema, database, masked=False)

    def answer(self, query: str, viewer: Viewer = ANONYMOUS, **variables: Any) -> Any:
        return self.together([Call(query, viewer, variables)])[0]

    def execute(self, query: str, viewer: Viewer = ANONYMOUS, **variables: Any) -> Any:
        """The data of an answer without errors."""
        answer = self.answer(query, viewer, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def field(self, query: str, viewer: Viewer = ANONYMOUS, **variables: Any) -> Any:
        """The value of the only field."""
        (value,) = self.execute(query, viewer, **variables).values()
        return value

    def together(self, calls: Sequence[Call]) -> list[Any]:
        """The answers to operations that all begin at once."""
        return asyncio.run(self._together(calls))

    async def _together(self, calls: Sequence[Call]) -> list[Any]:
        results = await asyncio.gather(
            *(
                self._executor.execute(Request(query, None, variables), viewer)
                for query, viewer, variables in calls
            )
        )
        return [json.loads(result.body) for result in results]

"""A client that needs no server: GraphQL in, the answer and its statements out."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from textwrap import indent
from typing import Any

from graphql import GraphQLSchema

from gql_app.engine import ANONYMOUS, Executor, Request, Viewer
from gql_app.engine.reading import Execution


@dataclass(frozen=True, slots=True)
class Call:
    """An operation to be run together with others."""

    query: str
    viewer: Viewer = ANONYMOUS
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole response to an operation, and the statements that it took."""

    call: Call
    body: dict[str, Any]
    statements: tuple[Execution, ...]

    @property
    def errors(self) -> list[Any]:
        """The errors as clients see them; none is an empty list."""
        return list(self.body.get("errors", ()))

    @property
    def codes(self) -> list[str]:
        """The errors' codes, in their order."""
        return [error["extensions"]["code"] for error in self.errors]

    @property
    def data(self) -> Any:
        """The data. AssertionError if there are errors, with all that is known."""
        __tracebackhide__ = True
        if self.errors:
            raise AssertionError(self._complaint())
        return self.body["data"]

    def _complaint(self) -> str:
        viewer, claims = self.call.viewer.role, dict(self.call.viewer.claims)
        lines = [f"The answer to {viewer}{f' {claims}' if claims else ''} has errors:"]
        for error in self.errors:
            place = ".".join(map(str, error.get("path", ())))
            where = f" at {place}" if place else ""
            message = error["message"]
            lines.append(f"  {error['extensions']['code']}{where}: {message}")
        lines += ["The operation:", indent(self.call.query.strip("\n"), "  ")]
        if self.call.variables:
            lines.append(f"Its variables: {dict(self.call.variables)}")
        return "\n".join(lines)


class Client:
    """Runs operations; give it an executor that doesn't mask errors.

    `query` and `viewer` are given by position: each keyword is a GraphQL variable.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._counting: list[list[Execution]] = []

    @property
    def schema(self) -> GraphQLSchema:
        """What can be asked."""
        return self._executor.schema

    def execute(
        self, query: str, viewer: Viewer = ANONYMOUS, /, **variables: Any
    ) -> Any:
        """The data of the answer; AssertionError if there are errors."""
        __tracebackhide__ = True
        return self.answer(query, viewer, **variables).data

    def field(self, query: str, viewer: Viewer = ANONYMOUS, /, **variables: Any) -> Any:
        """The value of the only field; AssertionError if there are errors."""
        __tracebackhide__ = True
        (value,) = self.execute(query, viewer, **variables).values()
        return value

    def answer(
        self, query: str, viewer: Viewer = ANONYMOUS, /, **variables: Any
    ) -> Answer:
        """The whole answer, with or without errors."""
        return self.together([Call(query, viewer, variables)])[0]

    def together(self, calls: Sequence[Call]) -> list[Answer]:
        """The answers to operations that all begin at once."""
        return asyncio.run(self._together(calls))

    async def run(
        self, query: str, viewer: Viewer = ANONYMOUS, /, **variables: Any
    ) -> Answer:
        """As `answer`, for tests that have an event loop."""
        return await self._run(Call(query, viewer, variables))

    def statements(self, count: int) -> AbstractContextManager[Sequence[Execution]]:
        """Assert that the operations within take exactly so many statements: `with`
        gives those that they take."""
        return _Counting(self._counting, count)

    async def _together(self, calls: Sequence[Call]) -> list[Answer]:
        return await asyncio.gather(*map(self._run, calls))

    async def _run(self, call: Call) -> Answer:
        request = Request(call.query, variables=call.variables)
        result = await self._executor.execute(request, call.viewer)
        for taken in self._counting:
            taken += result.statements
        return Answer(call, json.loads(result.body), result.statements)


class _Counting:
    """Collects statements while it is among those that count them."""

    def __init__(self, counting: list[list[Execution]], expected: int) -> None:
        self._counting = counting
        self._expected = expected
        self._taken: list[Execution] = []

    def __enter__(self) -> Sequence[Execution]:
        self._counting.append(self._taken)
        return self._taken

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        __tracebackhide__ = True
        self._counting[:] = [one for one in self._counting if one is not self._taken]
        if kind is None and len(self._taken) != self._expected:
            raise AssertionError(self._complaint())

    def _complaint(self) -> str:
        lines = [f"{len(self._taken)} statements instead of {self._expected}:"]
        for number, one in enumerate(self._taken, 1):
            sql = " ".join(one.sql.split())
            lines.append(f"{number}. for {one.path}, {one.rows} rows: {sql}")
        return "\n".join(lines)

"""Plan: a compiled operation, from variables to the bytes of the response."""

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any, NamedTuple

import orjson
from graphql import OperationType

from gql_app.engine.access import Scope
from gql_app.engine.pages import PageParser
from gql_app.engine.plan.compiler import Compiler, PageField
from gql_app.engine.plan.groups import Selections, UnsupportedError
from gql_app.engine.plan.roots import Call, Root, compile_root
from gql_app.engine.plan.running import Fetching, PageArguments, Run
from gql_app.engine.policy import Viewer
from gql_app.engine.scalars import RESPONSE_JSON
from gql_app.engine.statements import Statements
from gql_app.engine.variables import Values

_MOST_RECENT = 256


class Prepared(NamedTuple):
    """A plan with one request's values, ready to run."""

    calls: Sequence[tuple[str, Call]]
    arguments: Sequence[PageArguments]
    viewer: Mapping[str, Any]
    scope: Scope

    def describe(self) -> str:
        """The steps, a line each."""
        return "\n".join(line for _, call in self.calls for line in call.describe())

    @property
    def single(self) -> bool:
        """Whether it is sure that there is one statement at most."""
        return len(self.calls) == 1 and self.calls[0][1].single(self.arguments)

    def steps(self, writer: Any = None) -> Fetching[bytes]:
        """Makes the response. Whatever this raises, the ordinary path answers."""
        run = Run(self.scope.dialect, self.viewer, self.arguments, writer)
        data: dict[str, Any] = {}
        for key, call in self.calls:
            data[key] = yield from call.result(run)
        return orjson.dumps({"data": data}, option=RESPONSE_JSON)


class Plan:
    """An operation compiled for one role: its root fields, and the steps below."""

    def __init__(
        self, compiler: Compiler, roots: Sequence[tuple[str, Root]], pages: PageParser
    ) -> None:
        self._compiler = compiler
        self._roots = roots
        self._pages = pages
        self._constant: dict[int, PageArguments] = {}
        self._recent: dict[tuple[int, bytes], PageArguments] = {}
        self._turn = Lock()

    @property
    def source(self) -> str:
        """The generated code, to be read."""
        return "\n".join(self._compiler.sources)

    def prepare(self, variables: Values, viewer: Viewer) -> Prepared:
        """Parse the arguments and choose the statements.

        Raises EngineError or Bail for what the ordinary path refuses, too.
        """
        with self._turn:  # look-ups may compile further steps
            calls = [(key, root(variables)) for key, root in self._roots]
            arguments = [
                self._constant.get(number) or self._arguments(number, page, variables)
                for number, page in enumerate(self._compiler.pages)
            ]
        scope = self._compiler.scope
        return Prepared(calls, arguments, viewer.parameters(), scope)

    def _arguments(
        self, number: int, page: PageField, variables: Values
    ) -> PageArguments:
        given = page.arguments(variables)
        text = orjson.dumps(given, default=repr)
        if b"null" in text:  # which is what it makes of infinity, too
            text = repr(given).encode()
        asked = (number, text)
        if asked not in self._recent:
            parsed = self._pages.parse(page.spec.title, page.spec.entity, given)
            if len(self._recent) >= _MOST_RECENT:
                self._recent.clear()
            self._recent[asked] = page.step.prepare(parsed)
        arguments = self._recent[asked]
        if page.arguments.constant:
            self._constant[number] = arguments
        return arguments


def compile_plan(
    selections: Selections, statements: Statements, scope: Scope, pages: PageParser
) -> Plan:
    """The plan of a query for a role.

    Raises UnsupportedError, saying why, if there can't be one.
    """
    query = selections.schema.query_type
    if selections.operation.operation is not OperationType.QUERY or query is None:
        raise UnsupportedError(f"a {selections.operation.operation.value}")
    compiler = Compiler(selections, statements, scope)
    roots = [
        (group.key, compile_root(compiler, group, query, pages.limits))
        for group in selections.root(query)
    ]
    return Plan(compiler, roots, pages)

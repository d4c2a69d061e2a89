"""Observing: an executor whose operations are told to whoever wants to know of them."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import inf
from time import perf_counter
from typing import NamedTuple

from gql_app.engine.errors import ErrorCode
from gql_app.engine.policy import ANONYMOUS, Viewer
from gql_app.engine.responses import Request, Result
from gql_app.http.documents import hash_of
from gql_app.http.executing import Executes
from gql_app.http.operations import operation_of

_OURS = frozenset(
    (ErrorCode.INTERNAL_SERVER_ERROR, ErrorCode.TIMEOUT, ErrorCode.UNAVAILABLE)
)
_DEFECT = Result(b"", False, (ErrorCode.INTERNAL_SERVER_ERROR.value,))


class Outcome(StrEnum):
    """How an operation ended. Only `failed` is a fault of ours."""

    OK = "ok"
    PARTIAL = "partial"
    """There are data, and errors."""
    REFUSED = "refused"
    """The request was wrong: nothing was run."""
    FAILED = "failed"


class Described(NamedTuple):
    """An operation as logs and metrics know it."""

    kind: str
    name: str
    hash: str
    """The SHA-256 of its document: what `documentId` has."""


@dataclass(slots=True)
class Observation:
    """One operation that has ended."""

    operation: Described
    outcome: Outcome
    started: float
    """By `perf_counter`, as its statements have it."""
    seconds: float
    rows: int
    statement_seconds: float
    result: Result
    request_id: str | None


Observer = Callable[[Observation], None]


class ObservedExecutor:
    """An executor that tells observers of each operation, in the event loop."""

    def __init__(self, executor: Executes) -> None:
        self.running = 0
        """How many operations run at the moment."""
        self._executor = executor
        self._observers: list[tuple[float, Observer]] = []
        self._least = inf

    def tell(self, observer: Observer, *, slower_than: float = 0.0) -> None:
        """Tell it of operations from now on: of those with errors, or that took so many
        seconds. While nobody wants to know of all, the others cost next to nothing."""
        self._observers.append((slower_than, observer))
        self._least = min(self._least, slower_than)

    async def execute(
        self,
        request: Request,
        viewer: Viewer = ANONYMOUS,
        request_id: str | None = None,
    ) -> Result:
        """As the executor's own."""
        result = _DEFECT
        self.running += 1
        started = perf_counter()
        try:
            result = await self._executor.execute(request, viewer, request_id)
        finally:
            seconds = perf_counter() - started
            self.running -= 1
            if seconds >= self._least or result.codes:
                self._tell(request, result, (started, seconds), request_id)
        return result

    def _tell(
        self,
        request: Request,
        result: Result,
        span: tuple[float, float],
        request_id: str | None,
    ) -> None:
        rows, statement_seconds = 0, 0.0
        for statement in result.statements:
            rows += statement.rows
            statement_seconds += statement.seconds
        describe = _described if result.executed else _refused
        observation = Observation(
            describe(request.query, request.operation_name),
            outcome_of(result) if result.codes else Outcome.OK,
            *span,
            rows,
            statement_seconds,
            result,
            request_id,
        )
        seconds = span[1]
        for least, observe in self._observers:
            if seconds >= least or result.codes:
                observe(observation)


def outcome_of(result: Result) -> Outcome:
    if not result.codes:
        return Outcome.OK
    if not _OURS.isdisjoint(result.codes):
        return Outcome.FAILED
    return Outcome.PARTIAL if result.executed else Outcome.REFUSED


@lru_cache(maxsize=1024)
def _described(query: str, name: str | None) -> Described:
    found = operation_of(query, name)
    kind, title = found or ("", name)
    return Described(kind, title or "", hash_of(query))


def _refused(query: str, _name: str | None) -> Described:
    """Of a request that may be any text: not remembered, and its names not believed."""
    return Described("", "", hash_of(query))

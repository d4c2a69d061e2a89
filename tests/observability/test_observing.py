"""What observers are told of operations."""

import asyncio
import contextlib
from collections.abc import Sequence

import pytest

from gql_app.engine.reading import Execution
from gql_app.engine.responses import Request, Result
from gql_app.http.documents import hash_of
from gql_app.observability.observing import (
    Observation,
    ObservedExecutor,
    Outcome,
    outcome_of,
)
from tests.http.small import SmallExecutor


def observed(
    *requests: Request, slower_than: float = 0.0, executor: SmallExecutor | None = None
) -> Sequence[Observation]:
    seen: list[Observation] = []
    executing = ObservedExecutor(executor or SmallExecutor())
    executing.tell(seen.append, slower_than=slower_than)

    async def scenario() -> None:
        for request in requests:
            await executing.execute(request, request_id="a")

    with contextlib.suppress(LookupError):  # of an executor that fails
        asyncio.run(scenario())
    assert executing.running == 0
    return seen


def test_operation_is_told_with_its_name_and_hash() -> None:
    query = "query Role { role } mutation Count { count }"

    role, count = observed(Request(query, "Role"), Request(query, "Count"))

    assert role.operation == ("query", "Role", hash_of(query))
    assert count.operation == ("mutation", "Count", hash_of(query))
    assert (role.outcome, role.request_id) == (Outcome.OK, "a")
    assert role.seconds > 0


def test_name_of_a_request_that_is_refused_is_not_believed() -> None:
    query = "query Evil { unknown }"

    (seen,) = observed(Request(query, "Evil"))

    assert seen.operation == ("", "", hash_of(query))
    assert seen.outcome is Outcome.REFUSED


def test_fast_operations_are_told_only_to_who_wants_all() -> None:
    fine, wrong = Request("{ role }"), Request("{ forbidden }")

    seen = observed(fine, wrong, slower_than=60)

    assert [one.result.codes for one in seen] == [("FORBIDDEN",)]


def test_executor_that_raises_has_failed() -> None:
    executor = SmallExecutor()

    async def fail() -> None:
        raise LookupError

    executor.before = fail
    (seen,) = observed(Request("{ role }"), executor=executor)

    assert seen.outcome is Outcome.FAILED


def test_statements_are_added_up() -> None:
    statements = (
        Execution("SELECT 1", 0.25, 3, started=1),
        Execution("SELECT 2", 0.5, 4, started=2),
    )

    class Reading(SmallExecutor):
        async def execute(self, *_: object, **__: object) -> Result:
            return Result(b"{}", True, statements=statements)

    (seen,) = observed(Request("{ role }"), executor=Reading())

    assert (seen.rows, seen.statement_seconds) == (7, 0.75)


@pytest.mark.parametrize(
    ("executed", "codes", "outcome"),
    [
        (True, (), "ok"),
        (True, ("FORBIDDEN",), "partial"),
        (False, ("GRAPHQL_PARSE_FAILED",), "refused"),
        (False, ("LIMIT_EXCEEDED", "BAD_USER_INPUT"), "refused"),
        (True, ("FORBIDDEN", "INTERNAL_SERVER_ERROR"), "failed"),
        (True, ("TIMEOUT",), "failed"),
        (False, ("UNAVAILABLE",), "failed"),
    ],
)
def test_only_faults_of_ours_have_failed(
    executed: bool, codes: tuple[str, ...], outcome: str
) -> None:
    assert outcome_of(Result(b"", executed, codes)) == outcome

"""Some planned operations are answered on both paths, to see whether they differ."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from gql_app.engine import Database, Executor, Request, Result, build_schema
from gql_app.engine.comparing import Answers, Comparison, difference
from gql_app.engine.errors import UnavailableError
from tests.engine.models import library

FIRST = "query First { papers(first: 1) { nodes { title } } }"
SECOND = "query Second { papers(first: 2) { nodes { title } } }"


@pytest.mark.parametrize(
    ("one", "other", "place"),
    [
        (b'{"data": {"a": 1}}', b'{"data": {"a": 2}}', "at data.a"),
        (b'{"a": [1, {"b": null}]}', b'{"a": [1, {"b": 0}]}', "at a.1.b"),
        (b'{"a": [1]}', b'{"a": [1, 2]}', "at a"),
        (b'{"a": 1, "b": 2}', b'{"b": 2, "a": 1}', "at the top"),
        (b'{"data": null}', b'{"errors": []}', "at the top"),
        (b'{"a": 1}', b'{"a":1}', "in form alone"),
        (b'{"a": "\\ud800"}', b'{"a": 12345678901234567890123}', "at a"),
    ],
)
def test_difference_is_told_by_its_place(one: bytes, other: bytes, place: str) -> None:
    assert difference(one, other) == place


def test_equal_answers_are_counted_and_nothing_else(
    shared_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    executor = Executor(build_schema(library()), shared_database, compared=1)

    asyncio.run(executor.execute(Request(FIRST)))

    assert executor.comparison_counts == {"same": 1, "different": 0, "undecided": 0}
    assert not caplog.records


def test_only_a_share_is_compared(shared_database: Database) -> None:
    executor = Executor(build_schema(library()), shared_database)

    asyncio.run(executor.execute(Request(FIRST)))

    assert executor.comparison_counts["same"] == 0


def test_plan_that_differs_is_logged_without_data(
    shared_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    executor = Executor(build_schema(library()), shared_database, compared=1)
    for query in (FIRST, SECOND):
        asyncio.run(executor.execute(Request(query)))
    caches = [
        executor._documents.operation(query, None, {}).cache
        for query in (FIRST, SECOND)
    ]
    caches[0].update(caches[1])  # a wrong plan, as if compiled so

    answer = asyncio.run(executor.execute(Request(FIRST)))

    assert executor.comparison_counts == {"same": 2, "different": 1, "undecided": 0}
    message = caplog.records[-1].getMessage()
    assert message.startswith(
        "The plan of First differs from the ordinary path at data.papers.nodes"
    )
    assert message.endswith(FIRST)
    assert answer.body.count(b"title") == 2


async def unavailable() -> Result:
    raise UnavailableError("The database is not available.")


def answering(body: bytes) -> Callable[[], Awaitable[Result]]:
    async def answer() -> Result:
        return Result(body, True)

    return answer


@pytest.mark.parametrize(
    "ways",
    [
        Answers(answering(b"new"), answering(b"new")),
        Answers(unavailable, answering(b"old")),
        Answers(answering(b"new"), unavailable),
    ],
    ids=["rows changed", "not answered", "not answered again"],
)
def test_what_cannot_be_told_is_undecided(
    ways: Answers, caplog: pytest.LogCaptureFixture
) -> None:
    comparison = Comparison(1)

    asyncio.run(comparison.check("Q", "{ a }", Result(b"old", True), ways))

    assert comparison.counts == {"same": 0, "different": 0, "undecided": 1}
    assert not caplog.records

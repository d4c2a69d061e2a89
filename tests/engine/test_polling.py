"""Reading from PostgreSQL on the event loop: preparing, breaking, stopping."""

import asyncio
import inspect
from collections.abc import Generator, Iterator, Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from gql_app.engine import Database, Executor, Request, build_schema
from gql_app.engine.preparing import MOST_PREPARED
from gql_app.engine.reading import Budget, Fetch
from gql_app.engine.statements import Row, Statement
from gql_app.testing.postgres import PostgresServer
from tests.engine.graph import fill
from tests.engine.library_rows import library_rows
from tests.engine.models import Note, Paper, library

PAPER = "query($id: ID!) { node(id: $id) { ... on Paper { title } } }"
PREPARED = sa.table(
    "pg_prepared_statements", sa.column("statement"), sa.column("generic_plans")
)


@pytest.fixture
def database(postgres: PostgresServer) -> Iterator[Database]:
    url = postgres.create_database()
    database = Database(
        url.render_as_string(hide_password=False), pool_size=1, prepare=True
    )
    fill(database, library_rows())
    yield database
    database.close()
    postgres.drop_database(url)


async def fetched(database: Database, *asked: sa.Select[Any] | str) -> list[list[Row]]:
    """The rows of the statements, on the connection that operations have."""

    def steps() -> Generator[Fetch, Sequence[Row], list[list[Row]]]:
        found = []
        for one in asked:
            statement = Statement(
                sa.select(sa.literal(1)) if isinstance(one, str) else one,
                database.dialect,
            )
            statement.steady = False
            if isinstance(one, str):
                statement.sql = one
            found.append(list((yield Fetch("", statement, {}))))
        return found

    return await database.answer(steps(), Budget(9, 999), 5, single=len(asked) == 1)


async def titles(database: Database, executor: Executor, times: int) -> set[bytes]:
    paper = "UGFwZXI6MQ"
    request = Request(PAPER, variables={"id": paper})
    return {(await executor.execute(request)).body for _ in range(times)}


def test_a_statement_is_prepared_once_for_a_connection(database: Database) -> None:
    executor = Executor(build_schema(library()), database, masked=False)

    async def asked_thrice() -> list[list[Row]]:
        await titles(database, executor, 3)
        return await fetched(database, sa.select(PREPARED.c.statement))

    ((prepared,),) = asyncio.run(asked_thrice())

    assert "FROM paper" in prepared[0]
    assert executor.plan_counts["planned"] == 3


def test_pages_are_not_planned_anew_for_each_request(database: Database) -> None:
    executor = Executor(build_schema(library()), database, masked=False)
    page = "query($n: Int) { papers(first: $n) { nodes { title } } }"

    async def asked_again_and_again() -> list[list[Row]]:
        for size in [5, 50] * 8:
            await executor.execute(Request(page, variables={"n": size}))
        return await fetched(database, sa.select(PREPARED.c.generic_plans))

    (plans,) = asyncio.run(asked_again_and_again())

    assert plans == [(8,), (8,)]


def test_a_connection_keeps_a_limited_number_of_statements(
    database: Database,
) -> None:
    executor = Executor(build_schema(library()), database, masked=False)
    lists = ("papers", "people", "topics")
    pages = [
        f"query($n: Int) {{ {one}(first: $n) {{ nodes {{ id }} }} }}" for one in lists
    ]
    requests = [Request(page, None, {"n": n + 1}) for page in pages for n in range(100)]

    async def asked() -> tuple[set[tuple[str, ...]], list[list[Row]]]:
        codes = {(await executor.execute(request)).codes for request in requests}
        return codes, await fetched(database, sa.select(PREPARED.c.statement))

    codes, (kept,) = asyncio.run(asked())

    assert codes == {()}
    assert executor.plan_counts["planned"] == len(requests)
    assert len(kept) == len(requests) - MOST_PREPARED


def test_answers_stay_right_where_a_pooler_loses_what_was_prepared(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    executor = Executor(build_schema(library()), database, masked=False)

    async def lost() -> tuple[set[bytes], list[Row]]:
        answers = await titles(database, executor, 2)
        await fetched(database, "DEALLOCATE ALL; SELECT 1")
        answers |= await titles(database, executor, 3)
        (prepared,) = await fetched(database, sa.select(PREPARED.c.statement))
        return answers, prepared

    answers, prepared = asyncio.run(lost())

    assert len(answers) == 1
    assert b"errors" not in answers.pop()
    assert prepared == []
    assert "Statements are not prepared any more" in caplog.text
    assert executor.plan_counts == {"planned": 5, "unsupported": 0, "bailed": 0}


def test_answers_stay_right_when_a_table_changes(database: Database) -> None:
    executor = Executor(build_schema(library()), database, masked=False)
    title = sa.inspect(Paper).local_table.c.title

    async def changed() -> set[bytes]:
        answers = await titles(database, executor, 2)
        with database.engine.begin() as connection:
            connection.exec_driver_sql(
                f"ALTER TABLE {title.table.name} ALTER COLUMN title TYPE varchar(500)"
            )
        return answers | await titles(database, executor, 3)

    answers = asyncio.run(changed())

    assert len(answers) == 1
    assert b"errors" not in answers.pop()
    assert executor.plan_counts["planned"] == 5


def test_statements_of_one_operation_see_one_snapshot(database: Database) -> None:
    notes = sa.inspect(Note).local_table
    count = sa.select(sa.func.count()).select_from(notes)

    async def written_meanwhile() -> list[list[Row]]:
        def steps() -> Generator[Fetch, Sequence[Row], list[list[Row]]]:
            statement = Statement(count, database.dialect)
            before = list((yield Fetch("", statement, {})))
            with database.engine.begin() as connection:
                connection.execute(sa.delete(Note))
            return [before, list((yield Fetch("", statement, {})))]

        return await database.answer(steps(), Budget(9, 99), 5, single=False)

    before, after = asyncio.run(written_meanwhile())

    assert before == after != [(0,)]


def test_a_statement_larger_than_the_socket_takes_at_once_is_sent(
    database: Database,
) -> None:
    text = "x" * 8_000_000

    ((length,),) = asyncio.run(
        fetched(database, sa.select(sa.func.length(sa.literal(text))))
    )

    assert length == (len(text),)


def test_connection_of_a_cancelled_operation_is_not_lent_again(
    database: Database,
) -> None:
    pid = sa.select(sa.func.pg_backend_pid())
    slow = sa.select(sa.func.pg_sleep(30))

    async def cancelled() -> tuple[list[list[Row]], list[list[Row]]]:
        before = await fetched(database, pid)
        sleeping = asyncio.create_task(fetched(database, slow))
        done, _ = await asyncio.wait({sleeping}, timeout=0.2)
        assert not done
        sleeping.cancel()
        return before, await fetched(database, pid)

    before, after = asyncio.run(cancelled())

    assert before != after


def test_server_is_told_that_nobody_waits_for_a_statement(database: Database) -> None:
    activity = sa.table("pg_stat_activity", sa.column("state"), sa.column("query"))
    sleeping = sa.select(sa.func.count()).where(
        activity.c.state == "active", activity.c.query.startswith("SELECT pg_sleep")
    )

    async def left() -> int:
        slow = fetched(database, sa.select(sa.func.pg_sleep(30)))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(slow, 0.2)
        for _ in range(1_000):
            ((row,),) = await fetched(database, sleeping)
            if row == (0,):
                return 0
        return 1

    assert asyncio.run(left()) == 0


@pytest.mark.parametrize("steps", range(8))
def test_operations_that_are_cancelled_leave_a_working_connection(
    database: Database, steps: int
) -> None:
    """Cancelled while they wait for their turn, prepare, run, or end: there is just one
    connection, and it serves whoever comes after them."""
    executor = Executor(build_schema(library()), database, masked=False)

    async def cancelled() -> tuple[set[bytes], int]:
        asked = [asyncio.create_task(titles(database, executor, 1)) for _ in range(3)]
        for _ in range(steps):
            await asyncio.sleep(0)
        for task in asked:
            task.cancel()
        await asyncio.wait(asked)
        answers = await asyncio.wait_for(titles(database, executor, 2), 10)
        return answers, database.reading.busy + database.reading.waiting

    answers, left = asyncio.run(cancelled())

    assert len(answers) == 1
    assert b"errors" not in answers.pop()
    assert left == 0


def test_statements_that_are_answered_at_once_are_not_nested(
    database: Database,
) -> None:
    async def asked_often() -> list[int]:
        def steps() -> Generator[Fetch, Sequence[Row], list[int]]:
            statement = Statement(sa.select(sa.literal(1)), database.dialect)
            depths = []
            for _ in range(500):
                yield Fetch("", statement, {})
                depths.append(len(inspect.stack(0)))
            return depths

        return await database.answer(steps(), Budget(500, 500), 30, single=False)

    depths = asyncio.run(asked_often())

    assert len(depths) == 500
    assert max(depths) < min(depths) + 10

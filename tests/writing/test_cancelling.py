"""Operations that end early: cancelled ones, and those that take too long."""

import asyncio
from contextlib import suppress
from threading import Event
from typing import Any

import pytest
import sqlalchemy as sa
import strawberry

from gql_app.engine import (
    Api,
    Database,
    Executor,
    Hooks,
    Limits,
    Policy,
    Request,
    build_schema,
    everyone,
)
from gql_app.engine.hooks import Change
from gql_app.engine.writing.context import WritingContext
from gql_app.engine.writing.writer import Writer
from tests.engine.graph import fill
from tests.writing.desk import Desk
from tests.writing.magazine import ROWS, magazine
from tests.writing.models import ADA, Label, LabelCreate, LabelRead

_SLOW = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
    "WHERE i < 300000) SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(0.2)",
}


class Work:
    """Two statements, the first a slow one, and time for being cancelled between."""

    def __init__(self) -> None:
        self.begun = Event()
        self.goes_on = Event()

    def __call__(self, writer: Writer) -> int:
        self.begun.set()
        connection = writer.connection
        connection.exec_driver_sql(_SLOW[connection.dialect.name])
        assert self.goes_on.wait(10)
        insert = "INSERT INTO label (name, secret) VALUES ('late', false)"
        return writer.connection.exec_driver_sql(insert).rowcount


def executor(work: Work, database: Database) -> Executor:
    async def resolve(info: strawberry.Info[WritingContext]) -> int:
        return await info.context.write(work)

    field: Any = strawberry.mutation(resolve, name="work", description="Takes long.")
    mutation = strawberry.tools.create_type("Working", [field])
    return Executor(build_schema(magazine(), mutations=[mutation]), database)


@pytest.mark.parametrize("times", [1, 2])
def test_cancelled_operation_keeps_its_turn_until_its_thread_is_done(
    database_url: str, times: int
) -> None:
    database = Database(database_url, pool_size=2, pool_timeout=1)
    fill(database, ROWS)
    work = Work()

    async def cancelled() -> int:
        running = executor(work, database).execute(Request("mutation { work }"), ADA)
        task = asyncio.create_task(running)
        await asyncio.to_thread(work.begun.wait, 10)
        for _ in range(times):
            task.cancel()
            await asyncio.sleep(0.01)
        busy = database.writing.busy
        work.goes_on.set()
        with suppress(asyncio.CancelledError):
            await task
        for _ in range(database.writing.size):  # each is free again
            await database.writing.enter()
        return busy

    busy = asyncio.run(cancelled())
    labels = Desk(magazine(), database).rows(Label)
    database.close()

    assert busy == 1
    assert len(labels) == 3


def dawdle(change: Change) -> None:
    """Counts for seconds."""
    numbers = sa.select(sa.literal(1).label("number")).cte("numbers", recursive=True)
    more = sa.select(numbers.c.number + 1).where(numbers.c.number < 5_000_000)
    numbers = numbers.union_all(more)
    change.connection.execute(sa.select(sa.func.count()).select_from(numbers))


def test_mutation_that_takes_too_long_is_stopped_and_undone(
    database: Database, plans: bool
) -> None:
    api = Api()
    policy = Policy(read=everyone, create=everyone)
    hooks = Hooks(after_create=dawdle)
    api.add(Label, read=LabelRead, create=LabelCreate, policy=policy, hooks=hooks)
    desk = Desk(api, database, Limits(milliseconds=50), plans=plans)

    answer = desk.answer(
        'mutation { createLabel(input: {name: "late"}) { label { id } } }'
    )

    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "TIMEOUT"
    assert len(desk.rows(Label)) == 3
    assert database.writing.busy == 0

"""Many operations at once: connections, snapshots, budgets and failures."""

import asyncio
import json
import threading
from collections.abc import Iterator
from itertools import product
from time import monotonic
from typing import Any

import pytest
import sqlalchemy as sa

from gql_app.engine import Api, Database, Executor, Limits, Policy, Request, Result
from gql_app.testing.postgres import PostgresServer
from tests.engine.graph import Graph, fill
from tests.engine.library_rows import library_rows
from tests.engine.models import Note, Paper, library
from tests.engine.samples import Sample, SampleRead, sample_rows

NESTED = """{ people(first: 100) { nodes { id written(first: 2) { totalCount nodes {
  title notes { nodes { body } } } } } } papers { totalCount } }"""


def executors(graph: Graph) -> list[Executor]:
    return [graph.planned, graph.ordinary]


def errors_of(result: Result) -> list[str]:
    return [
        error["extensions"]["code"]
        for error in json.loads(result.body).get("errors", ())
    ]


def test_many_operations_share_a_small_pool(database_url: str) -> None:
    database = Database(database_url, pool_size=2)
    try:
        fill(database, library_rows())
        graph = Graph(library(), database)
        expected = graph.execute(NESTED)

        async def all_at_once() -> list[Result]:
            asked = [one.execute(Request(NESTED)) for one in executors(graph) * 20]
            return await asyncio.gather(*asked)

        results = asyncio.run(all_at_once())

        assert all(json.loads(result.body)["data"] == expected for result in results)
    finally:
        database.close()


class Writer(threading.Thread):
    """Adds a paper with a note in one transaction, again and again."""

    def __init__(self, engine: sa.Engine) -> None:
        super().__init__()
        self._engine = engine
        self._ended = threading.Event()
        self.written = 0

    def run(self) -> None:
        while not self._ended.is_set():
            key = 1_000 + self.written
            with self._engine.begin() as connection:
                paper = {"id": key, "title": "", "author_id": 1, "published": True}
                connection.execute(_insert(Paper).values(paper))
                connection.execute(
                    _insert(Note).values({"id": key, "body": "", "paper_id": key})
                )
            self.written += 1

    def __enter__(self) -> "Writer":
        self.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._ended.set()
        self.join()


def _insert(model: Any) -> sa.Insert:
    return sa.insert(sa.inspect(model).local_table)


def test_statements_of_one_operation_see_one_state(own_graph: Graph) -> None:
    query = """{ papers(first: 0) { totalCount } notes(first: 0) { totalCount }
      more: papers(first: 0, where: {id: {isNull: false}}) { totalCount } }"""
    start = own_graph.execute(query)
    ahead = start["papers"]["totalCount"] - start["notes"]["totalCount"]

    with Writer(own_graph.database.engine) as writer:
        seen: set[int] = set()
        while writer.written < 5 or len(seen) < 3:
            for executor in executors(own_graph):
                result = asyncio.run(executor.execute(Request(query)))
                data = json.loads(result.body)["data"]
                papers, notes = (data[one]["totalCount"] for one in ("papers", "notes"))

                assert papers == data["more"]["totalCount"] == notes + ahead
                seen.add(papers)


def endless(_viewer: Any, _row: Any) -> Any:
    """A policy that keeps the database busy for minutes."""
    table = sa.inspect(Sample).local_table
    several = [table.alias() for _ in range(7)]
    return (
        sa.select(sa.func.count())
        .select_from(*several)
        .where(several[0].c.id < several[6].c.small)
        .correlate_except(*several)
        .scalar_subquery()
        > 0
    )


def slow_graph(database: Database, limits: Limits) -> Graph:
    fill(database, {Sample: sample_rows()})
    api = Api()
    api.add(Sample, read=SampleRead, policy=Policy(read=endless))
    return Graph(api, database, limits)


SLOW = "{ samples { totalCount } }"


@pytest.mark.parametrize("milliseconds", [0, 100])  # 0: before the statement begins
def test_statements_that_take_too_long_are_stopped(
    own_database: Database, milliseconds: int
) -> None:
    graph = slow_graph(own_database, Limits(milliseconds=milliseconds))
    for executor in executors(graph):
        started = monotonic()

        result = asyncio.run(executor.execute(Request(SLOW)))

        assert errors_of(result) == ["TIMEOUT"]
        assert monotonic() - started < 5


def test_waiting_for_a_connection_ends(database_url: str) -> None:
    database = Database(database_url, pool_size=1, pool_timeout=0.05)
    try:
        graph = slow_graph(database, Limits(milliseconds=600))
        for executor in executors(graph):

            async def both(executor: Executor = executor) -> list[Result]:
                asked = [executor.execute(Request(SLOW)) for _ in range(2)]
                return await asyncio.gather(*asked)

            codes = [errors_of(result) for result in asyncio.run(both())]

            assert sorted(codes) == [["TIMEOUT"], ["UNAVAILABLE"]]
    finally:
        database.close()


def test_connections_serve_again_after_a_time_out(own_database: Database) -> None:
    slow = slow_graph(own_database, Limits(milliseconds=50))
    fill(own_database, library_rows())
    graph = Graph(library(), own_database)
    for executor in executors(slow) * 3:
        asyncio.run(executor.execute(Request(SLOW)))

        assert graph.execute("{ papers { totalCount } }")


def test_operations_that_nobody_waits_for_are_stopped_in_time(
    database_url: str,
) -> None:
    database = Database(database_url, pool_size=1)
    try:
        slow = slow_graph(database, Limits(milliseconds=300))
        fill(database, library_rows())
        graph = Graph(library(), database)

        async def abandoned_then_asked(left: Executor, asked: Executor) -> Result:
            begun = asyncio.create_task(left.execute(Request(SLOW)))
            while not database.reading.busy:  # noqa: ASYNC110  # it tells nobody
                await asyncio.sleep(0)
            begun.cancel()
            return await asked.execute(Request("{ papers { totalCount } }"))

        for pair in product(executors(slow), executors(graph)):
            result = asyncio.run(abandoned_then_asked(*pair))

            assert errors_of(result) == []
    finally:
        database.close()


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(statements=2), "needs more than 2 statements, at "),
        (Limits(rows=30), "reads more than 30 rows, at "),
    ],
)
def test_budgets_of_statements_and_rows_hold(
    shared_database: Database, limits: Limits, message: str
) -> None:
    graph = Graph(library(), shared_database, limits)

    code, text = graph.error(NESTED)

    assert code == "LIMIT_EXCEEDED"
    assert message in text


@pytest.fixture
def postgres_graph(postgres: PostgresServer) -> Iterator[Graph]:
    url = postgres.create_database()
    database = Database(url.render_as_string(hide_password=False))
    fill(database, library_rows())
    yield Graph(library(), database)
    database.close()
    postgres.drop_database(url)


def test_connections_that_the_server_closed_are_replaced(postgres_graph: Graph) -> None:
    expected = postgres_graph.execute(NESTED)
    activity = sa.table(
        "pg_stat_activity", sa.column("pid", sa.Integer), sa.column("datname")
    )
    ending = sa.select(sa.func.pg_terminate_backend(activity.c.pid)).where(
        activity.c.pid != sa.func.pg_backend_pid(),
        activity.c.datname == sa.func.current_database(),
    )

    for _ in range(3):
        with postgres_graph.database.engine.connect() as connection:
            assert connection.execute(ending).all()

        assert postgres_graph.execute(NESTED) == expected


def test_a_database_that_is_not_there_is_unavailable() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/nothing", pool_timeout=1)
    try:
        graph = Graph(library(), database)

        assert graph.error("{ papers { totalCount } }") == (
            "UNAVAILABLE",
            "The database is not available.",
        )
    finally:
        database.close()

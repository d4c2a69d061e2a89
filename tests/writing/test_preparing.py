"""Writing on PostgreSQL with statements that are prepared."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from gql_app.engine import Database, Executor, Request, build_schema
from gql_app.engine.preparing import MOST_PREPARED
from gql_app.testing.postgres import PostgresServer
from tests.engine.graph import fill
from tests.writing.magazine import ROWS, magazine
from tests.writing.models import ADA, Article

CREATE = """mutation($slug: String!) {
  createArticle(input: {title: $slug, slug: $slug}) { article { slug } errors { code } }
}"""
PREPARED = sa.table("pg_prepared_statements", sa.column("statement"))


@pytest.fixture
def database(postgres: PostgresServer) -> Iterator[Database]:
    url = postgres.create_database()
    database = Database(
        url.render_as_string(hide_password=False), pool_size=1, prepare=True
    )
    fill(database, ROWS)
    yield database
    database.close()
    postgres.drop_database(url)


def written(database: Database, *meanwhile: Callable[[], Any]) -> list[bytes]:
    """The answers to mutations, with something happening between each two, in the one
    thread that writes."""
    executor = Executor(build_schema(magazine()), database, masked=False)

    async def all_of_them() -> list[bytes]:
        answers = []
        for number in range(len(meanwhile) + 1):
            request = Request(CREATE, variables={"slug": f"number-{number}"})
            answers.append((await executor.execute(request, ADA)).body)
            if number < len(meanwhile):
                await database.writing.run(meanwhile[number])
        return answers

    return asyncio.run(all_of_them())


def expected(count: int) -> list[bytes]:
    return [
        b'{"data":{"createArticle":{"article":{"slug":"number-%d"},"errors":[]}}}' % n
        for n in range(count)
    ]


def test_statements_that_write_are_prepared(database: Database) -> None:
    seen: list[str] = []

    def look() -> None:
        transaction = database.transaction(of_thread=True)
        statement = sa.select(PREPARED.c.statement)
        seen.extend(transaction.connection.scalars(statement))
        transaction.close()

    answers = written(database, look)

    assert answers == expected(2)
    assert any("INSERT INTO article" in statement for statement in seen)


def test_a_connection_keeps_a_limited_number_of_statements(
    database: Database,
) -> None:
    executor = Executor(build_schema(magazine()), database, masked=False)
    query = """mutation($most: Int!) {
      deleteArticles(where: {}, atMost: $most) { affectedCount } }"""
    counts: list[int] = []

    def count() -> None:
        transaction = database.transaction(of_thread=True)
        statement = sa.select(sa.func.count()).select_from(PREPARED)
        counts.extend(transaction.connection.scalars(statement))
        transaction.close()

    async def asked() -> set[tuple[str, ...]]:
        found = set()
        for most in range(MOST_PREPARED + 9):
            request = Request(query, None, {"most": most})
            found.add((await executor.execute(request, ADA)).codes)
        await database.writing.run(count)
        return found

    codes = asyncio.run(asked())

    assert codes == {()}
    assert counts == [9]


def test_writing_goes_on_where_a_pooler_loses_what_was_prepared(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def lose() -> None:
        transaction = database.transaction(of_thread=True)
        transaction.connection.exec_driver_sql("DEALLOCATE ALL")
        transaction.close()

    answers = written(database, lose, lose)

    assert answers == expected(3)
    assert "Statements are not prepared any more" in caplog.text


def test_writing_goes_on_when_a_table_changes(database: Database) -> None:
    title = sa.inspect(Article).local_table.c.title

    def change() -> None:
        with database.engine.begin() as connection:
            connection.exec_driver_sql(
                f"ALTER TABLE {title.table.name} ALTER COLUMN title TYPE varchar(500)"
            )

    answers = written(database, change, lambda: None)

    assert answers == expected(3)

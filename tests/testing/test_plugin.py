"""The fixtures in projects of their own: what they need, and what they say without it."""

import sys

import pytest
import sqlalchemy as sa

from gql_app.engine import normalise_url
from gql_app.testing import Databases

CONFTEST = '''
import pytest
from sqlmodel import Field, SQLModel
from gql_app.engine import Api, Policy, build_schema, everyone

pytest_plugins = ["gql_app.testing.plugin"]


class Book(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    title: str


class BookRead(SQLModel):
    """A book."""

    title: str
'''
GIVEN = """

@pytest.fixture(scope="session")
def gql_schema():
    api = Api()
    api.add(Book, read=BookRead, policy=Policy(read=everyone))
    return build_schema(api)
"""
POSTGRES = """

@pytest.fixture
def gql_dialect():
    return "postgresql"
"""
TEST = """
import pytest
import sqlalchemy as sa
from conftest import Book


@pytest.mark.parametrize("number", range(4))
def test_databases_are_empty_at_first(gql, gql_database, number):
    assert gql.field("{ books { totalCount } }") == {"totalCount": 0}
    with gql_database.engine.begin() as connection:
        connection.execute(sa.insert(Book), {"title": "Emma"})
    assert gql.field("{ books { totalCount } }") == {"totalCount": 1}
"""


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """In a process of its own: models are known to all in a process."""
    pytester.makepyfile(test_books=TEST)
    command = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments)
    return pytester.run(*command, timeout=300)


def test_tests_run_on_a_server_that_is_named_in_several_processes(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    gql_databases: Databases,
) -> None:
    url = gql_databases.server.url.render_as_string(hide_password=False)
    monkeypatch.setenv("TEST_DATABASE_URL", url)
    pytester.makeconftest(CONFTEST + GIVEN + POSTGRES)

    run(pytester, "--numprocesses=2").assert_outcomes(passed=4)


def test_schema_must_be_given(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(CONFTEST)

    result = run(pytester)

    result.assert_outcomes(errors=4)
    result.stdout.fnmatch_lines("conftest.py must have a fixture `gql_schema`*")


@pytest.mark.parametrize("processes", ["0", "2"])
def test_run_fails_without_the_server_that_is_named(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, processes: str
) -> None:
    pytester.makeconftest(CONFTEST + GIVEN + POSTGRES)
    monkeypatch.setenv("TEST_DATABASE_URL", "postgresql://127.0.0.1:1/postgres")

    result = run(pytester, f"--numprocesses={processes}")

    assert result.ret != 0
    assert "TEST_DATABASE_URL can't be used: " in result.stdout.str()
    assert result.parseoutcomes().get("passed", 0) == 0


def databases_beside(url: str) -> set[str]:
    engine = sa.create_engine(normalise_url(url), poolclass=sa.NullPool)
    with engine.connect() as connection:
        names = sa.table("pg_database", sa.column("datname"))
        return set(connection.scalars(sa.select(names.c.datname)))


def tables_of(url: str) -> list[str]:
    engine = sa.create_engine(normalise_url(url), poolclass=sa.NullPool)
    return sa.inspect(engine).get_table_names()


@pytest.mark.parametrize("empty", [True, False])
def test_databases_are_copies_without_rows(
    gql_databases: Databases, gql_dialect: str, empty: bool
) -> None:
    with gql_databases.new(gql_dialect, empty=empty) as url:
        found = tables_of(url)

    assert ("post" in found) is not empty


def test_postgresql_databases_are_dropped(gql_databases: Databases) -> None:
    with gql_databases.new("postgresql", empty=True) as url:
        with gql_databases.new("postgresql") as other:
            name = sa.make_url(other).database
            there = databases_beside(url)
        left = databases_beside(url)

    assert there - left == {name}

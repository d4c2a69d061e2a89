"""Three APIs, each with the same rows on SQLite and on PostgreSQL."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from sqlmodel import SQLModel

from gql_app.engine import Database, Viewer
from gql_app.migrations import migrate
from gql_app.publishing import api as publishing_api
from gql_app.publishing.seed import seed
from gql_app.testing.postgres import PostgresServer
from tests.engine.library_rows import library_rows
from tests.engine.models import library
from tests.plan.both import Both
from tests.plan.models import museum
from tests.plan.rows import museum_rows

# Nothing may depend on the time zone that a server happens to have.
ELSEWHERE = {"options": "-c timezone=Asia/Kathmandu"}

# GQL_APP_FUZZ=5000 runs as many new examples of each property.
_MORE = int(os.environ.get("GQL_APP_FUZZ", "0"))


def fuzzing(examples: int) -> settings:
    """So many examples, always the same ones; or more, new ones, if asked for."""
    return settings(
        max_examples=_MORE or examples,
        derandomize=not _MORE,
        deadline=None,
        database=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )


@pytest.fixture(scope="module")
def databases(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer
) -> Iterator[list[Database]]:
    """Two empty databases."""
    url = postgres.create_database()
    elsewhere = url.update_query_dict(ELSEWHERE)
    both = [
        Database(f"sqlite:///{tmp_path_factory.mktemp('plan')}/plan.sqlite3"),
        Database(elsewhere.render_as_string(hide_password=False)),
    ]
    yield both
    for database in both:
        database.close()
    postgres.drop_database(url)


@pytest.fixture(scope="module")
def museum_graph(databases: list[Database]) -> Iterator[Both]:
    """The museum, to be read only."""
    for database in databases:
        fill(database, museum_rows())
    yield from _ready(Both(museum(), databases), Viewer("curator"))


@pytest.fixture(scope="module")
def library_graph(databases: list[Database]) -> Iterator[Both]:
    """The library, to be read only."""
    for database in databases:
        fill(database, library_rows())
    yield from _ready(Both(library(), databases), Viewer("admin"))


@pytest.fixture(scope="module")
def publishing_graph(databases: list[Database]) -> Iterator[Both]:
    """The seeded community, to be read only."""
    for database in databases:
        migrate(database.engine.url.render_as_string(hide_password=False))
        seed(database.engine)
    _copy(databases[0].engine, databases[1].engine)
    yield from _ready(Both(publishing_api, databases), Viewer("admin", {"id": 1}))


def _ready(graph: Both, all_seeing: Viewer) -> Iterator[Both]:
    graph.learn(all_seeing)
    yield graph
    graph.close()


def fill(
    database: Database, rows: Mapping[type[SQLModel], list[dict[str, Any]]]
) -> None:
    """Make all tables of the models' metadata, and these rows in them."""
    next(iter(rows)).metadata.create_all(database.engine)
    with database.engine.begin() as connection:
        for model, given in rows.items():
            for row in given:
                connection.execute(sa.insert(sa.inspect(model).local_table).values(row))


def _copy(source: sa.Engine, target: sa.Engine) -> None:
    """Give the target's rows the values of the source's with the same key: what was
    written at the present moment differs."""
    for table in SQLModel.metadata.sorted_tables:
        key = list(table.primary_key)
        with source.connect() as reading, target.begin() as writing:
            rows = reading.execute(sa.select(table).order_by(*key)).mappings().all()
            for row in rows:
                same = [column == row[column.name] for column in key]
                found = writing.execute(sa.update(table).where(*same).values(row))
                assert found.rowcount == 1, table.name

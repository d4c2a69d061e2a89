"""What the pages talk to: the community of the seed, served as `tasks.py run` does."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from graphql import GraphQLSchema
from sqlalchemy.orm import registry
from sqlmodel import SQLModel
from starlette.testclient import TestClient

from gql_app.app import create_app, create_schema
from gql_app.engine.database import Database
from gql_app.engine.schema import core_schema
from gql_app.publishing.seed import seed
from gql_app.settings import Settings
from tests.docs.markdown import Page
from tests.docs.reader import Reader
from tests.publishing.importers.dump import write_dump


@pytest.fixture(scope="session")
def schema() -> GraphQLSchema:
    return core_schema(create_schema())


@pytest.fixture(scope="session")
def seeded(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a seeded database, to be copied."""
    file = tmp_path_factory.mktemp("docs") / "seeded.sqlite3"
    shutil.copy(migrated_sqlite, file)
    database = Database(f"sqlite:///{file}")
    seed(database.engine)
    database.close()
    return file


@pytest.fixture(scope="session")
def served(seeded: Path) -> Iterator[tuple[TestClient, Path]]:
    file = seeded.with_name("served.sqlite3")
    shutil.copy(seeded, file)
    with TestClient(create_app(Settings(database_url=f"sqlite:///{file}"))) as client:
        yield client, file


@pytest.fixture
def community(served: tuple[TestClient, Path], seeded: Path) -> TestClient:
    """The application, with the rows of the seed and no others."""
    client, file = served
    with closing(sqlite3.connect(seeded)) as old, closing(sqlite3.connect(file)) as now:
        old.backup(now)
    return client


@pytest.fixture
def reader(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    community: TestClient,
    schema: GraphQLSchema,
) -> Iterator[Reader]:
    """In a folder of their own, with tables apart from everybody else's."""
    own = registry()
    monkeypatch.setattr(SQLModel, "_sa_registry", own)
    monkeypatch.setattr(SQLModel, "metadata", own.metadata)
    monkeypatch.chdir(tmp_path)
    write_dump(tmp_path)
    reader = Reader(Page(request.param), tmp_path, community, schema)
    yield reader
    reader.close()

"""What the pages talk to: the community of the seed, served as `tasks.py run` does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
def seeded_url(migrated_sqlite: Path, tmp_path_factory: Any) -> str:
    file = tmp_path_factory.mktemp("docs") / "seeded.sqlite3"
    file.write_bytes(migrated_sqlite.read_bytes())
    url = f"sqlite:///{file}"
    database = Database(url)
    seed(database.engine)
    database.close()
    return url


@pytest.fixture(scope="session")
def community(seeded_url: str) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(database_url=seeded_url))) as client:
        yield client


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
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    write_dump(tmp_path)
    reader = Reader(Page(request.param), tmp_path, community, schema)
    yield reader
    reader.close()

"""The operations that GraphiQL opens with: they work, and have something to show."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from playwright.sync_api import expect
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from gql_app.engine.database import Database
from gql_app.engine.execution import Executor
from gql_app.engine.responses import Request
from gql_app.engine.schema import build_schema
from gql_app.http import ide
from gql_app.http.endpoint import GraphQLEndpoint
from gql_app.publishing import api
from gql_app.publishing.seed import seed
from ide.build import HERE
from tests.ide.conftest import Serve, Visit
from tests.ide.test_graphiql import expect_response, run

EXAMPLES = sorted((HERE / "src" / "examples").glob("*.graphql"))


@pytest.fixture
def executor(migrated_url: str) -> Iterator[Executor]:
    """The application's own schema on a seeded database."""
    database = Database(migrated_url)
    seed(database.engine)
    yield Executor(build_schema(api), database)
    database.close()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.stem)
def test_example_answers_with_rows(executor: Executor, example: Path) -> None:
    result = asyncio.run(executor.execute(Request(example.read_text("utf-8"))))

    response = orjson.loads(result.body)
    assert "errors" not in response
    assert not is_empty(response["data"])


def is_empty(data: dict[str, dict[str, Any] | None]) -> bool:
    """Whether a root field found nothing: no row, no page, or a page without rows."""
    return not all(found and found.get("nodes", True) for found in data.values())


def test_examples_run_from_their_tabs(
    executor: Executor, bundle: Path, serve: Serve, visit: Visit
) -> None:
    endpoint = GraphQLEndpoint(executor, ide=ide.page(bundle, examples=True))
    routes = [Route("/graphql", endpoint), Mount("/graphql/ide", ide.assets(bundle))]
    page = visit(serve(Starlette(routes=routes)) + "/graphql")
    page.get_by_role("button", name="Show GraphiQL Explorer").click()
    expect(page.locator(".graphiql-explorer-root")).to_contain_text("publishedAt")

    for tab, found in (
        ("NewestPosts", "Notes of a bread box"),
        ("PostBySlug", "The forty-house loaf"),
        ("NestedPages", "hasNextPage"),
    ):
        page.locator(".graphiql-tab-button", has_text=tab).click()
        run(page)
        expect_response(page, found)

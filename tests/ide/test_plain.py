"""The plain page in a real browser: what a visitor gets while there is no bundle."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.ide.conftest import Serve, Visit
from tests.ide.endpoint import Endpoint


@pytest.fixture
def endpoint(tmp_path: Path) -> Endpoint:
    return Endpoint(tmp_path / "no-bundle")


@pytest.fixture
def page(endpoint: Endpoint, serve: Serve, visit: Visit) -> Page:
    return visit(serve(endpoint.app()) + "/graphql")


def expect_response(page: Page, status: str, text: str) -> None:
    expect(page.locator("#status")).to_contain_text(status)
    expect(page.locator("#result")).to_contain_text(text)


def test_page_says_what_it_is_and_runs_its_first_operation(page: Page) -> None:
    page.get_by_role("button", name="Run").click()

    expect(page).to_have_title("gql_app · GraphQL")
    expect(page.locator("header")).to_contain_text("python3 -m ide.build")
    expect_response(page, "200", "The newest posts.")


def test_page_works_at_another_path(
    endpoint: Endpoint, serve: Serve, visit: Visit
) -> None:
    page = visit(serve(endpoint.app("/api/v2/gql")) + "/api/v2/gql")

    page.get_by_role("button", name="Run").click()

    expect_response(page, "200", "The newest posts.")


def test_variables_and_authorization_are_sent(page: Page, endpoint: Endpoint) -> None:
    query = "query ($n: Int) { posts(first: $n) { nodes { title } totalCount } }"
    page.get_by_label("Operation").fill(query)
    page.get_by_label("Variables").fill('{"n": 1}')
    page.get_by_label("Authorization").fill("Bearer s3cret")

    page.get_by_label("Operation").press("Control+Enter")

    expect_response(page, "200", "Reading a query plan")
    expect(page.locator("#result")).not_to_contain_text("Keyset pages")
    assert endpoint.headers[-1]["authorization"] == "Bearer s3cret"


def test_errors_are_shown(page: Page) -> None:
    page.get_by_label("Operation").fill("{ broken }")

    page.get_by_role("button", name="Run").click()

    expect_response(page, "200", "The cellar is flooded")


def test_broken_variables_are_reported_and_not_sent(
    page: Page, endpoint: Endpoint
) -> None:
    page.get_by_label("Variables").fill("{n: 1}")

    page.get_by_role("button", name="Run").click()

    expect_response(page, "not sent", "SyntaxError")
    assert endpoint.headers == []


@pytest.mark.parametrize(
    ("scheme", "background"),
    [("light", "rgb(255, 255, 255)"), ("dark", "rgb(20, 25, 34)")],
)
def test_theme_follows_the_system(page: Page, scheme: str, background: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")

    expect(page.locator("body")).to_have_css("background-color", background)

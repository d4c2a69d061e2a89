"""GraphiQL in a real browser: what a visitor sees, does and doesn't leave behind."""

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Route, expect

from tests.ide.conftest import Serve, Visit
from tests.ide.endpoint import Endpoint

POSTS = quote("query Posts { posts { nodes { title } } }")


@pytest.fixture
def endpoint(bundle: Path) -> Endpoint:
    return Endpoint(bundle)


@pytest.fixture
def address(endpoint: Endpoint, serve: Serve) -> str:
    return serve(endpoint.app()) + "/graphql"


def wait_for_editors(page: Page) -> None:
    # GraphiQL shows its buttons earlier, and they do nothing until then.
    page.locator(".graphiql-query-editor .view-line").first.wait_for()
    page.locator(".graphiql-response .monaco-editor").first.wait_for()


def run(page: Page) -> None:
    wait_for_editors(page)
    page.get_by_role("button", name="Execute query").click()


def expect_response(page: Page, text: str) -> None:
    response = page.locator(".graphiql-response .view-lines")
    expect(response).to_contain_text(re.compile(text.replace(" ", r"\s+")))


def test_first_visit_shows_our_name_and_the_examples(
    address: str, visit: Visit
) -> None:
    page = visit(address)

    expect(page).to_have_title("gql_app · GraphiQL")
    expect(page.locator(".graphiql-tab-button")).to_have_text(
        ["NewestPosts", "Discussed", "PostBySlug", "Counts", "NestedPages"]
    )
    expect(page.locator(".graphiql-query-editor")).to_contain_text("NewestPosts")


def test_other_apis_have_no_examples_of_the_community(
    bundle: Path, serve: Serve, visit: Visit
) -> None:
    endpoint = Endpoint(bundle, examples=False)

    page = visit(serve(endpoint.app()) + "/graphql")

    wait_for_editors(page)
    expect(page.locator(".graphiql-query-editor")).not_to_contain_text("NewestPosts")
    expect(page.locator(".graphiql-tab-button", has_text="Discussed")).to_have_count(0)


def test_query_runs_and_shows_its_response(address: str, visit: Visit) -> None:
    page = visit(f"{address}?query={POSTS}")

    run(page)

    expect_response(page, "Reading a query plan")


def test_what_is_run_is_what_the_editor_shows_after_a_change_of_tabs(
    address: str, visit: Visit
) -> None:
    page = visit(f"{address}?query={POSTS}")
    wait_for_editors(page)

    page.locator(".graphiql-tab-button", has_text="Counts").click()
    run(page)

    # The small schema has no tags: the error proves that this tab's query arrived.
    expect_response(page, "Cannot query field 'tags'")


def test_page_works_at_another_path(
    endpoint: Endpoint, serve: Serve, visit: Visit
) -> None:
    page = visit(f"{serve(endpoint.app('/api/v2/gql'))}/api/v2/gql?query={POSTS}")

    run(page)

    expect_response(page, "Reading a query plan")


def test_error_is_shown(address: str, visit: Visit) -> None:
    page = visit(f"{address}?query={quote('{ broken }')}")

    run(page)

    expect_response(page, "The cellar is flooded")


def test_docs_describe_the_schema(address: str, visit: Visit) -> None:
    page = visit(address)

    page.get_by_role("button", name="Show Documentation Explorer").click()
    page.locator(".graphiql-plugin").get_by_role("link", name="Query").click()

    expect(page.locator(".graphiql-plugin")).to_contain_text("The newest posts.")


def test_explorer_adds_a_field_to_the_operation(address: str, visit: Visit) -> None:
    page = visit(f"{address}?query={quote('query Posts { posts { totalCount } }')}")

    wait_for_editors(page)
    page.get_by_role("button", name="Show GraphiQL Explorer").click()
    page.locator(".graphiql-explorer-root").get_by_text("broken").click()

    expect(page.locator(".graphiql-query-editor")).to_contain_text("broken")


def test_explorer_opens_at_its_top(address: str, visit: Visit) -> None:
    page = visit(f"{address}?query={quote('{ posts(first: 3) { totalCount } }')}")

    wait_for_editors(page)
    page.get_by_role("button", name="Show GraphiQL Explorer").click()
    argument = page.locator(".graphiql-explorer-root input[value='3']")
    expect(argument).to_be_visible()

    expect(argument).not_to_be_focused()
    expect(page.locator(".graphiql-plugin").get_by_text("Explorer")).to_be_in_viewport()


def test_plan_is_reached_by_the_keyboard_alone(address: str, visit: Visit) -> None:
    page = visit(f"{address}?query={POSTS}")
    wait_for_editors(page)

    press(page, *["Tab"] * 3, "Enter")
    # Past the buttons below: the schema, the keys and the settings.
    press(page, *["Tab"] * 4)
    expect(page.get_by_role("button", name="Run and explain")).to_be_focused()
    press(page, "Enter")
    statement = page.get_by_role("region", name="Plan").locator("summary").first
    expect(statement).to_be_visible()
    statement.focus()
    press(page, "Enter")

    expect(page.get_by_text("SELECT post.title FROM post")).to_be_visible()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


@pytest.mark.parametrize("panel", ["Documentation Explorer", "Plan"])
def test_narrow_window_has_everything_below_each_other(
    address: str, visit: Visit, panel: str
) -> None:
    page = visit(f"{address}?query={POSTS}")
    page.set_viewport_size({"width": 420, "height": 800})
    run(page)

    page.get_by_role("button", name=f"Show {panel}").click()
    expect_response(page, "Reading a query plan")

    for part in (".graphiql-plugin", ".graphiql-query-editor", ".graphiql-response"):
        box = page.locator(part).bounding_box()
        assert box is not None
        assert box["width"] > 280
        assert box["x"] + box["width"] <= 420


def test_prettify_formats_the_operation(address: str, visit: Visit) -> None:
    page = visit(f"{address}?query={quote('{posts{totalCount}}')}")

    wait_for_editors(page)
    page.get_by_role("button", name="Prettify query").click()

    expect(page.locator(".graphiql-query-editor .view-line")).to_have_count(6)


@pytest.mark.parametrize(("scheme", "editor"), [("light", "vs"), ("dark", "vs-dark")])
def test_theme_follows_the_system(
    address: str, visit: Visit, scheme: str, editor: str
) -> None:
    page = visit(address, color_scheme=scheme)
    monaco = page.locator(".graphiql-query-editor .monaco-editor").first

    expect(monaco).to_have_class(re.compile(rf"\b{editor}\b(?!-)"))
    assert brightness(page) == scheme


def test_theme_follows_the_system_while_the_page_is_open(
    address: str, visit: Visit
) -> None:
    page = visit(address)
    monaco = page.locator(".graphiql-query-editor .monaco-editor").first
    expect(monaco).to_have_class(re.compile(r"\bvs\b(?!-)"))

    page.emulate_media(color_scheme="dark")

    expect(monaco).to_have_class(re.compile(r"\bvs-dark\b"))
    assert brightness(page) == "dark"


def brightness(page: Page) -> str:
    container = page.locator(".graphiql-container")
    color = container.evaluate("element => getComputedStyle(element).backgroundColor")
    channels = [float(each) for each in re.findall(r"[\d.]+", color)[:3]]
    return "light" if sum(channels) > 3 * 128 else "dark"


def test_plan_panel_asks_for_the_plan_and_shows_it(
    address: str, endpoint: Endpoint, visit: Visit
) -> None:
    page = visit(f"{address}?query={POSTS}")

    wait_for_editors(page)
    page.get_by_role("button", name="Show Plan").click()
    page.get_by_role("button", name="Run and explain").click()

    panel = page.get_by_role("region", name="Plan")
    expect(panel).to_contain_text("2 statements · 3 rows · 1.75 ms in the database")
    panel.get_by_text("posts.totalCount").click()
    expect(panel.get_by_text("SELECT count(*)")).to_be_visible()
    expect(panel).to_contain_text("posts: a page of 20, newest first")
    expect_response(page, "Reading a query plan")
    expect(page.locator(".graphiql-response")).not_to_contain_text("explain")
    assert endpoint.headers[-1]["x-graphql-explain"] == "1"


def test_plan_is_not_asked_for_while_its_panel_is_closed(
    address: str, endpoint: Endpoint, visit: Visit
) -> None:
    page = visit(f"{address}?query={POSTS}")

    run(page)

    expect_response(page, "Reading a query plan")
    assert "x-graphql-explain" not in endpoint.headers[-1]


def test_plan_panel_says_that_the_server_sent_none(
    bundle: Path, serve: Serve, visit: Visit
) -> None:
    silent = Endpoint(bundle, explains=False)
    page = visit(f"{serve(silent.app())}/graphql?query={POSTS}")

    page.get_by_role("button", name="Show Plan").click()
    run(page)

    expect(page.get_by_role("region", name="Plan")).to_contain_text("sent no plan")
    expect_response(page, "Reading a query plan")


def write_headers(page: Page, headers: str) -> None:
    wait_for_editors(page)
    page.get_by_role("button", name="Headers").click()
    page.locator(".graphiql-editor-tool:visible .view-lines:visible").click()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.press("Delete")
    page.keyboard.type(headers)


def test_headers_are_sent_and_remembered_nowhere(
    address: str, endpoint: Endpoint, visit: Visit
) -> None:
    page = visit(f"{address}?query={POSTS}")

    write_headers(page, '{"Authorization": "Bearer s3cret"}')
    run(page)

    expect_response(page, "Reading a query plan")
    assert endpoint.headers[-1]["authorization"] == "Bearer s3cret"
    stored = "JSON.stringify([{...localStorage}, {...sessionStorage}])"
    assert "s3cret" not in page.evaluate(stored)


def test_operations_last_as_long_as_the_browser_tab(address: str, visit: Visit) -> None:
    page = visit(f"{address}?query={POSTS}")
    run(page)
    expect_response(page, "Reading a query plan")

    page.goto(address)

    expect(page.locator(".graphiql-tab-button").first).to_have_text("Posts")
    assert "posts" not in page.evaluate("JSON.stringify({...localStorage})")


def test_subscription_sends_the_headers_as_connection_init(
    address: str, endpoint: Endpoint, visit: Visit
) -> None:
    page = visit(f"{address}?query={quote('subscription { published { title } }')}")

    write_headers(page, '{"Authorization": "Bearer s3cret"}')
    run(page)

    expect_response(page, "Fresh from the socket")
    assert endpoint.connections == [{"Authorization": "Bearer s3cret"}]


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        (None, "No answer from http://127.0.0.1:"),
        ((502, "text/html"), "The answer is not GraphQL's: 502 Bad Gateway, text/html"),
        ((200, "text/html"), "The answer is not GraphQL's: 200 OK, text/html"),
    ],
    ids=["gone", "a proxy's page", "another page"],
)
def test_server_that_went_away_is_told_in_words(
    address: str, visit: Visit, answers: tuple[int, str] | None, message: str
) -> None:
    page = visit(f"{address}?query={POSTS}", may_fail=True)
    wait_for_editors(page)

    def answer(route: Route) -> None:
        if answers is None:
            route.abort("connectionrefused")
        else:
            status, content_type = answers
            route.fulfill(status=status, content_type=content_type, body="<html>")

    page.route(address, answer)
    run(page)

    expect_response(page, message)
    expect(page.locator(".graphiql-response")).not_to_contain_text("stack")

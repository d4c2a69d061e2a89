"""GET: queries alone, cacheable by ETag, and safe from forgers; or a browser's page."""

from typing import Any

import orjson
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from gql_app.engine import responses
from gql_app.engine.policy import ANONYMOUS, Viewer
from gql_app.http.endpoint import GraphQLEndpoint, Options
from tests.http.small import SmallExecutor, client

ROLE = {"query": "{ role }"}
RESPONSE = {"accept": "application/graphql-response+json"}
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_get_may_be_kept_by_the_client_and_asked_about() -> None:
    response = client().get("/graphql", params=ROLE)

    assert response.json() == {"data": {"role": "anonymous"}}
    assert response.headers["vary"] == "Accept, Authorization, Cookie"
    assert response.headers["cache-control"] == "private, no-cache"
    assert response.headers["etag"].startswith('"')


@pytest.mark.parametrize("form", ["{}", "W/{}", '"x", {}', "*"])
def test_get_of_what_the_client_has_is_not_modified(form: str) -> None:
    known = client().get("/graphql", params=ROLE).headers["etag"]
    headers = {"if-none-match": form.format(known)}

    response = client().get("/graphql", params=ROLE, headers=headers)

    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["etag"] == known
    assert response.headers["vary"] == "Accept, Authorization, Cookie"


def test_get_of_something_else_is_sent_anew() -> None:
    known = client().get("/graphql", params=ROLE).headers["etag"]
    headers = {"if-none-match": known, "x-role": "editor"}

    response = client().get("/graphql", params=ROLE, headers=headers)

    assert response.json() == {"data": {"role": "editor"}}
    assert response.headers["etag"] != known


@pytest.mark.parametrize("query", ["{", "{ unknown }", "{ role forbidden }"])
def test_get_with_errors_is_not_kept(query: str) -> None:
    response = client().get("/graphql", params={"query": query})

    assert response.headers["cache-control"] == "no-store"
    assert "etag" not in response.headers


def test_caching_of_get_is_an_option() -> None:
    options = Options(cache_control="public, max-age=60")

    response = client(options=options).get("/graphql", params=ROLE)

    assert response.headers["cache-control"] == "public, max-age=60"


def test_head_is_answered_like_get() -> None:
    response = client().head("/graphql", params=ROLE)

    assert response.status_code == 200
    assert response.headers["etag"]


@pytest.mark.parametrize("accept", ["application/json", RESPONSE["accept"]])
def test_mutation_is_not_allowed_and_not_run(accept: str) -> None:
    executor = SmallExecutor()
    query = "query A { role } mutation B { count }"

    response = client(executor).get(
        "/graphql",
        params={"query": query, "operationName": "B"},
        headers={"accept": accept},
    )

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, POST"
    assert response.json().keys() == {"errors"}
    assert executor.count == 0


def test_parameters_come_from_the_url() -> None:
    executor = SmallExecutor()
    parameters = {
        "query": "query A($n: String) { hello(name: $n) } query B { role }",
        "operationName": "A",
        "variables": '{"n": "Ünï 🏃 &=+"}',
        "extensions": '{"trace": true}',
    }

    response = client(executor).get("/graphql", params=parameters)

    assert response.json() == {"data": {"hello": "Hello, Ünï 🏃 &=+!"}}
    assert executor.requests[0].read_only
    assert executor.requests[0].extensions == {"trace": True}


def test_empty_operation_name_is_none() -> None:
    assert client().get("/graphql?query={role}&operationName=").is_success


@pytest.mark.parametrize(
    "url",
    [
        "",
        "?query",
        "?quer={role}",
        "?query={role}&query={role}",
        "?query=%ff",
        "?query=%7Brole%7D&variables=",
        "?query=%7Brole%7D&variables=1",
        "?query=%7Brole%7D&variables=[]",
        "?query=%7Brole%7D&variables=NaN",
        "?query=%7Brole%7D&variables={",
        "?query=%7Brole%7D&extensions=%22%22",
        "?query=%7Brole%7D" + "&x=" * 100,
    ],
)
def test_malformed_url_is_a_bad_request(url: str) -> None:
    response = client().get(f"/graphql{url}", headers=RESPONSE)

    assert response.status_code == 400
    assert response.json()["errors"][0]["message"]
    assert response.headers["cache-control"] == "no-store"


FORGED: list[dict[str, str]] = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"cookie": "session=1"},
    {"origin": "https://evil.example"},
    {"cookie": "session=1", "content-type": "text/plain"},
    {"cookie": "session=1", "content-type": "application/x-www-form-urlencoded"},
    {"cookie": "session=1", "content-type": "multipart/form-data; boundary=x"},
    {"cookie": "session=1", "apollo-require-preflight": ""},
]
GENUINE: list[dict[str, str]] = [
    {},
    {"sec-fetch-site": "same-origin", "cookie": "session=1"},
    {"sec-fetch-site": "none", "cookie": "session=1"},
    {"sec-fetch-site": "cross-site", "apollo-require-preflight": "1"},
    {"cookie": "session=1", "x-apollo-operation-name": "Feed"},
    {"cookie": "session=1", "graphql-require-preflight": "1"},
    {"cookie": "session=1", "content-type": "application/json"},
]


@pytest.mark.parametrize("headers", FORGED, ids=str)
def test_get_that_another_site_could_have_caused_is_refused(
    headers: dict[str, str],
) -> None:
    executor = SmallExecutor()

    response = client(executor).get("/graphql", params=ROLE, headers=headers)

    assert response.status_code == 400
    assert "forged" in response.json()["errors"][0]["message"]
    assert executor.requests == []


@pytest.mark.parametrize("headers", GENUINE, ids=str)
def test_get_that_only_its_own_site_can_send_is_answered(
    headers: dict[str, str],
) -> None:
    assert client().get("/graphql", params=ROLE, headers=headers).is_success


def test_preflight_of_every_get_is_an_option() -> None:
    http = client(options=Options(always_preflight=True))

    plain = http.get("/graphql", params=ROLE)
    asked = http.get("/graphql", params=ROLE, headers={"apollo-require-preflight": "1"})

    assert (plain.status_code, asked.status_code) == (400, 200)


def test_browser_gets_the_page_and_others_get_json() -> None:
    http = client(ide=PlainTextResponse("the page"))

    assert http.get("/graphql", headers=BROWSER).text == "the page"
    assert http.get("/graphql", params=ROLE, headers=BROWSER).text == "the page"
    assert http.get("/graphql", params=ROLE).json() == {"data": {"role": "anonymous"}}
    assert http.post("/graphql", json=ROLE, headers=BROWSER).is_success


def test_without_a_page_html_alone_is_not_acceptable() -> None:
    response = client().get("/graphql", params=ROLE, headers={"accept": "text/html"})

    assert response.status_code == 406
    assert response.json()["errors"][0]["message"]


def test_accept_in_several_lines_is_one_list() -> None:
    headers: Any = [("accept", "text/html"), ("accept", RESPONSE["accept"])]

    response = client().get("/graphql", params=ROLE, headers=headers)

    assert response.headers["content-type"].startswith(RESPONSE["accept"])
    assert orjson.loads(response.content)["data"]


class RefusesAll:
    """An executor that doesn't read documents."""

    async def execute(
        self,
        request: responses.Request,
        viewer: Viewer = ANONYMOUS,
        request_id: str | None = None,
    ) -> responses.Result:
        body = b'{"errors":[{"message":"no"}]}'
        return responses.Result(body, False, ("BAD_REQUEST",))


def test_refused_request_without_a_document_is_a_bad_request() -> None:
    endpoint = GraphQLEndpoint(RefusesAll())
    http = TestClient(Starlette(routes=[Route("/graphql", endpoint)]))

    response = http.get("/graphql", params={"query": "{"}, headers=RESPONSE)

    assert response.status_code == 400

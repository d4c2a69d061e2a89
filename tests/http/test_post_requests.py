"""POST: what is answered, with which status and headers."""

import asyncio
import logging

import pytest

from gql_app.engine.responses import Request
from gql_app.http.endpoint import Options
from tests.http.small import (
    JSON,
    RESPONSE,
    SmallExecutor,
    application,
    chunk,
    client,
    post_scope,
    refusal,
    run_asgi,
)

ROLE = '{"query": "{ role }"}'


def test_post_is_answered_and_never_stored() -> None:
    response = client().post("/graphql", content=ROLE, headers=JSON)

    assert response.json() == {"data": {"role": "anonymous"}}
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert int(response.headers["content-length"]) == len(response.content)


def test_every_parameter_reaches_the_executor() -> None:
    executor = SmallExecutor()
    parameters = {
        "query": "query A { role } query B($x: Int) { add(left: 1, right: 2) }",
        "operationName": "B",
        "variables": {"x": 1},
        "extensions": {"trace": True},
        "unknown": "ignored",
    }

    client(executor).post("/graphql", json=parameters)

    assert executor.requests == [
        Request(
            query=parameters["query"],  # type: ignore[arg-type]  # a dictionary of any
            operation_name="B",
            variables={"x": 1},
            read_only=False,
            extensions={"trace": True},
        )
    ]


def test_two_operations_without_a_name_are_an_error() -> None:
    response = client().post(
        "/graphql",
        json={"query": "query A { role } mutation B { count }"},
        headers=RESPONSE,
    )

    assert refusal(response)[:2] == (400, "BAD_REQUEST")


@pytest.mark.parametrize("accept", ["text/html", "image/png", "application/xml", ","])
def test_unacceptable_is_said_in_json(accept: str) -> None:
    headers = {**JSON, "accept": accept}

    response = client().post("/graphql", content=ROLE, headers=headers)

    assert refusal(response)[:2] == (406, "BAD_REQUEST")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"])
def test_other_methods_are_not_allowed(method: str) -> None:
    response = client().request(method, "/graphql", content=ROLE, headers=JSON)

    assert refusal(response)[:2] == (405, "BAD_REQUEST")
    assert response.headers["allow"] == "GET, HEAD, POST"


def test_partial_data_is_a_success_with_errors() -> None:
    query = {"query": "{ role forbidden }"}

    response = client().post("/graphql", json=query, headers=RESPONSE)

    assert response.status_code == 200
    assert response.json()["data"] == {"role": "anonymous", "forbidden": None}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("{", 400),
        ("{ unknown }", 422),
        ("query A { role } query B { role }", 422),
        ("query ($n: Int!) { role }", 422),
        ("{ role forbidden }", 294),
        ("{ role }", 200),
    ],
)
def test_statuses_of_the_draft_are_an_option(query: str, status: int) -> None:
    http = client(options=Options(draft_statuses=True))

    response = http.post("/graphql", json={"query": query}, headers=RESPONSE)
    legacy = http.post("/graphql", json={"query": query}, headers=JSON)

    assert response.status_code == status
    assert legacy.status_code == 200


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        ("UnauthenticatedError", 401, "UNAUTHENTICATED"),
        ("ForbiddenError", 403, "FORBIDDEN"),
        ("UnavailableError", 503, "UNAVAILABLE"),
        ("DatabaseTimeoutError", 504, "TIMEOUT"),
    ],
)
def test_viewer_that_is_refused_gets_the_status_of_the_code(
    error: str, status: int, code: str
) -> None:
    executor = SmallExecutor()
    headers = {**JSON, "x-role": error}

    response = client(executor).post("/graphql", content=ROLE, headers=headers)

    assert refusal(response) == (status, code, "Not you.")
    assert ("www-authenticate" in response.headers) == (status == 401)
    assert executor.requests == []


def test_viewer_is_given_to_the_executor() -> None:
    headers = {**JSON, "x-role": "editor"}

    response = client().post("/graphql", content=ROLE, headers=headers)

    assert response.json() == {"data": {"role": "editor"}}


@pytest.mark.parametrize("role", ["broken", "ConfigurationError"])
def test_failure_of_ours_is_masked_and_logged_once_with_its_id(
    role: str, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {**RESPONSE, "x-role": role, "x-request-id": "req-1"}

    response = client().post("/graphql", content=ROLE, headers=headers)

    assert refusal(response) == (500, "INTERNAL_SERVER_ERROR", "Internal server error.")
    assert response.json()["errors"][0]["extensions"]["requestId"] == "req-1"
    (record,) = (record for record in caplog.records if record.levelno >= logging.ERROR)
    assert "req-1" in record.getMessage()
    assert record.exc_info


def test_client_errors_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    for body in (b"", b"1", b'{"query": "{"}'):
        client().post("/graphql", content=body, headers=JSON)

    assert [r for r in caplog.records if r.name.startswith("gql_app")] == []


def test_cancelled_request_stays_cancelled() -> None:
    async def cancelled() -> None:
        raise asyncio.CancelledError

    executor = SmallExecutor()
    executor.before = cancelled

    with pytest.raises(asyncio.CancelledError):
        run_asgi(
            application(executor), post_scope(), [chunk(ROLE.encode(), more=False)]
        )


@pytest.mark.parametrize(
    "given", ["a", "0f8fad5b-d9cb-469f-a165-70867728950e", "x" * 128]
)
def test_request_id_of_the_caller_is_kept(given: str) -> None:
    headers = {**JSON, "x-request-id": given}

    response = client().post(
        "/graphql", json={"query": "{ requestId }"}, headers=headers
    )

    assert response.headers["x-request-id"] == given
    assert response.json() == {"data": {"requestId": given}}


@pytest.mark.parametrize(
    "given", ["", " ", "x" * 129, "a b", "a\tb", "é", '"', "<script>"]
)
def test_request_id_of_another_form_is_replaced(given: str) -> None:
    headers = {**JSON, "x-request-id": given.encode()}

    first = client().post("/graphql", content=ROLE, headers=headers)  # type: ignore[arg-type]  # str and bytes
    second = client().post("/graphql", content=b"", headers=JSON)

    assert len(first.headers["x-request-id"]) == 24
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


@pytest.mark.parametrize("explain", [True, False])
def test_developers_are_told_more_where_that_is_allowed(explain: bool) -> None:
    executor = SmallExecutor()
    http = client(executor, options=Options(explain=explain))
    asking = {"x-graphql-explain": "analyze", "x-graphql-cost": "1"}

    http.post("/graphql", json={"query": "{ role }"}, headers=asking)
    http.post("/graphql", json={"query": "{ role }"}, headers={"x-graphql-explain": ""})
    http.post("/graphql", json={"query": "{ role }"})

    told = [(one.explain, one.cost) for one in executor.requests]
    silence = (None, False)
    assert told == ([("analyze", True), silence, silence] if explain else [silence] * 3)

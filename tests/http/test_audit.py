"""The audit of GraphQL over HTTP by npm's graphql-http 1.23, check by check.

The ids and names are the audit's own; so are the requests and the expectations.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import orjson
import pytest

from tests.http.small import client

JSON = "application/json"
RESPONSE = "application/graphql-response+json"
TYPENAME = {"query": "{ __typename }"}
NOT_STRINGS = {
    "object": {"obj": "ect"},
    "number": 0,
    "boolean": False,
    "array": ["array"],
}
NOT_MAPS = {"string": "string", "number": 0, "boolean": False, "array": ["array"]}
BROKEN_JSON = b'{ "not a JSON'
VARIABLE_QUERY = {
    "query": "query Type($name: String!) { __type(name: $name) { name } }",
    "variables": {"name": "sometype"},
}
UNKNOWN_FIELD = {"query": "{ 8f31403dfe404bccbb0e835f2629c6a7 }"}
NULL_VARIABLE = {
    "query": "query CoerceFailure($id: ID!){ __typename }",
    "variables": {"id": None},
}


class Check(NamedTuple):
    id: str
    name: str
    parameters: Mapping[str, Any] | bytes | None = TYPENAME
    accept: str | None = None
    content_type: str | None = JSON
    method: str = "POST"
    status: range = range(200, 201)
    answers_in: str | None = None
    """The content type that the response must have."""
    no_errors: bool = False
    no_data: bool = False


BAD = range(400, 401)
CLIENT_ERROR = range(400, 500)


def media_types() -> Iterator[Check]:
    yield Check(
        "22EB",
        f"SHOULD accept {RESPONSE} and match the content-type",
        accept=RESPONSE,
        answers_in=RESPONSE,
    )
    yield Check(
        "4655",
        f"MUST accept {JSON} and match the content-type",
        accept=JSON,
        answers_in=JSON,
    )
    yield Check(
        "47DE",
        f"SHOULD accept */* and use {JSON} for the content-type",
        accept="*/*",
        answers_in=JSON,
    )
    yield Check(
        "80D8",
        f"SHOULD assume {JSON} content-type when accept is missing",
        answers_in=JSON,
    )
    yield Check("82A3", "MUST use utf-8 encoding when responding")
    yield Check(
        "BF61",
        "MUST accept utf-8 encoded request",
        {"query": '{ __type(name: "Run🏃Swim🏊") { name } }'},
        content_type=f"{JSON}; charset=utf-8",
    )
    yield Check("78D5", "MUST assume utf-8 in request if encoding is unspecified")


def methods() -> Iterator[Check]:
    yield Check("2C94", "MUST accept POST requests")
    yield Check(
        "5A70",
        "MAY accept application/x-www-form-urlencoded formatted GET requests",
        method="GET",
    )
    yield Check(
        "9C48",
        "MAY NOT allow executing mutations on GET requests",
        {"query": "mutation { __typename }"},
        accept=RESPONSE,
        method="GET",
        status=CLIENT_ERROR,
    )
    yield Check(
        "9ABE",
        "SHOULD respond with 4xx if content-type is not supplied on POST requests",
        content_type="text/plain;charset=UTF-8",  # what fetch adds of its own accord
        status=CLIENT_ERROR,
    )
    yield Check("03D4", f"MUST accept {JSON} POST requests")
    yield Check("A5BF", "MAY use 400 when request body is missing", None, status=BAD)


def query_parameter() -> Iterator[Check]:
    yield Check(
        "423L",
        "MAY use 400 status code on missing {query} parameter",
        {"notquery": "{ __typename }"},
        accept=RESPONSE,
        status=BAD,
    )
    for index, (kind, invalid) in enumerate(NOT_STRINGS.items()):
        yield Check(
            f"LKJ{index}",
            f"MAY use 400 status code on {kind} {{query}} parameter",
            {"query": invalid},
            status=BAD,
        )
    yield from both("34A2", "13EE", "allow string {query} parameter", TYPENAME)


def operation_name_parameter() -> Iterator[Check]:
    for index, (kind, invalid) in enumerate(NOT_STRINGS.items()):
        yield Check(
            f"6C0{index}",
            f"MAY use 400 status code on {kind} {{operationName}} parameter",
            {**TYPENAME, "operationName": invalid},
            status=BAD,
        )
    named = {"operationName": "Query", "query": "query Query { __typename }"}
    yield from both("8161", "B8B3", "allow string {operationName} parameter", named)


def null_parameters() -> Iterator[Check]:
    for index, name in enumerate(("variables", "operationName", "extensions")):
        yield from both(
            f"94B{index}",
            f"022{index}",
            f"allow null {{{name}}} parameter",
            {**TYPENAME, name: None},
        )


def map_parameters() -> Iterator[Check]:
    for prefix, name in (("476", "variables"), ("58B", "extensions")):
        for index, (kind, invalid) in enumerate(NOT_MAPS.items()):
            yield Check(
                f"{prefix}{index}",
                f"MAY use 400 status code on {kind} {{{name}}} parameter",
                {**TYPENAME, name: invalid},
                status=BAD,
            )
    yield from both("2EA1", "28B9", "allow map {variables} parameter", VARIABLE_QUERY)
    for check in both(
        "D6D5", "6A70", "allow URL-encoded JSON {variables} in GETs", VARIABLE_QUERY
    ):
        yield check._replace(method="GET")
    some = {**TYPENAME, "extensions": {"some": "value"}}
    yield from both("428F", "1B7A", "allow map {extensions} parameter", some)


def invalid_requests() -> Iterator[Check]:
    name = "use 400 status code on JSON parsing failure"
    yield Check(
        "B6DC", "MAY use any of 2xx, 4xx, 5xx on it", BROKEN_JSON, JSON, status=BAD
    )
    yield Check("BCF8", f"SHOULD {name} for {JSON}", BROKEN_JSON, JSON, status=BAD)
    yield Check(
        "B7N8", f"SHOULD {name} for {RESPONSE}", BROKEN_JSON, RESPONSE, status=BAD
    )
    typo = {"qeury": "{ __typename }"}
    yield Check(
        "8764", "MAY use 4xx if parameters are invalid", typo, status=CLIENT_ERROR
    )
    yield Check("3E3A", "MAY use 400 if parameters are invalid", typo, status=BAD)


def request_errors() -> Iterator[Check]:
    failures = {
        "document parsing": ({"query": "{"}, "572B", "865D", "556A", "D586"),
        "document validation": (UNKNOWN_FIELD, "FDE2", "51FE", "74FF", "5E5B"),
    }
    for failure, (sent, legacy, some_error, bad, dataless) in failures.items():
        yield Check(
            legacy, f"SHOULD use 200 on {failure} failure for {JSON}", sent, JSON
        )
        refused = Check("", "", sent, RESPONSE, status=BAD)
        yield refused._replace(
            id=some_error, name=f"SHOULD use 4xx or 5xx on {failure} failure"
        )
        yield refused._replace(id=bad, name=f"SHOULD use 400 on {failure} failure")
        yield refused._replace(
            id=dataless, name=f"SHOULD not have data on {failure} failure", no_data=True
        )
    failure = "variable coercion failure"
    yield Check("7B9B", f"SHOULD use 200 on {failure} for {JSON}", NULL_VARIABLE, JSON)
    yield Check(
        "86EE",
        f"SHOULD use 400 on {failure} for {RESPONSE}",
        NULL_VARIABLE,
        RESPONSE,
        status=BAD,
    )


def both(
    should: str, must: str, name: str, parameters: Mapping[str, Any]
) -> Iterator[Check]:
    """The same check for the new and the old media type of responses."""
    yield Check(
        should, f"SHOULD {name} for {RESPONSE}", parameters, RESPONSE, no_errors=True
    )
    yield Check(must, f"MUST {name} for {JSON}", parameters, JSON, no_errors=True)


CHECKS = [
    *media_types(),
    *methods(),
    *query_parameter(),
    *operation_name_parameter(),
    *null_parameters(),
    *map_parameters(),
    *invalid_requests(),
    *request_errors(),
]


def test_audit_is_complete() -> None:
    assert len({check.id for check in CHECKS}) == len(CHECKS) == 61


@pytest.mark.parametrize(
    "check", CHECKS, ids=[f"{check.id} {check.name}" for check in CHECKS]
)
def test_audit(check: Check) -> None:
    headers = {"accept": check.accept, "content-type": check.content_type}
    given = {name: value for name, value in headers.items() if value is not None}
    http = client()
    del http.headers["accept"]

    if check.method == "GET":
        response = http.get("/graphql", params=in_url(check.parameters), headers=given)
    else:
        response = http.post(
            "/graphql", content=in_body(check.parameters), headers=given
        )

    assert response.status_code in check.status
    body = orjson.loads(response.content)
    if check.answers_in:
        assert check.answers_in in response.headers["content-type"]
    assert not (check.no_errors and "errors" in body)
    assert not (check.no_data and "data" in body)


def in_body(parameters: Mapping[str, Any] | bytes | None) -> bytes | None:
    if parameters is None or isinstance(parameters, bytes):
        return parameters
    return orjson.dumps(dict(parameters))


def in_url(parameters: Mapping[str, Any] | bytes | None) -> dict[str, str]:
    assert isinstance(parameters, Mapping)
    return {
        name: value if isinstance(value, str) else orjson.dumps(value).decode()
        for name, value in parameters.items()
    }

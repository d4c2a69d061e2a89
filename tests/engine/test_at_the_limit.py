"""Each limit admits what it says and no more, by plans and by graphql-core."""

import asyncio
from dataclasses import replace
from functools import cache
from typing import Any

import orjson
import pytest
from strawberry import Schema

from gql_app.engine import Database, Executor, Limits, Request, Viewer, build_schema
from tests.engine.models import library

ADMIN = Viewer("admin")
FILTERED = "{ papers(where: {%s}) { totalCount } }"


@cache
def schema() -> Schema:
    return build_schema(library())


def bodies(database: Database, limits: Limits, query: str) -> list[Any]:
    executors = [
        Executor(schema(), database, limits=limits, plans=plans)
        for plans in (True, False)
    ]
    answers = [asyncio.run(one.execute(Request(query), ADMIN)) for one in executors]
    return [orjson.loads(answer.body) for answer in answers]


def is_refused(database: Database, limits: Limits, query: str) -> bool:
    """Whether the limit is exceeded; nothing else may be wrong."""
    found = bodies(database, limits, query)
    errors = [error for body in found for error in body.get("errors", [])]
    assert {error["extensions"]["code"] for error in errors} <= {"LIMIT_EXCEEDED"}
    assert len(errors) in (0, len(found))
    return bool(errors)


@pytest.mark.parametrize(
    ("name", "most", "just", "over"),
    [
        (
            "depth",
            3,
            "{ papers { nodes { id } } }",
            "{ papers { nodes { author { id } } } }",
        ),
        ("aliases", 1, "{ a: __typename }", "{ a: __typename b: __typename }"),
        (
            "root_fields",
            1,
            "{ papers { totalCount } }",
            "{ papers { totalCount } people { totalCount } }",
        ),
        (
            "estimated_rows",
            4,
            "{ papers(first: 4) { totalCount } }",
            "{ papers(first: 5) { totalCount } }",
        ),
        (
            "tokens",
            6,
            "{ papers { totalCount } }",
            "{ papers { totalCount __typename } }",
        ),
        ("document_bytes", 14, "{ __typename }", "{ __typename  }"),
        (
            "page_max",
            4,
            "{ papers(first: 4) { totalCount } }",
            "{ papers(last: 5) { totalCount } }",
        ),
        (
            "filter_depth",
            2,
            FILTERED % "not: {}",
            FILTERED % "not: {not: {}}",
        ),
        (
            "filter_branches",
            2,
            FILTERED % "pages: {gt: 1, lt: 5}",
            FILTERED % "pages: {gt: 1, lt: 5, ne: 2}",
        ),
        (
            "filter_list_size",
            2,
            FILTERED % "pages: {in: [1, 2]}",
            FILTERED % "pages: {in: [1, 2, 3]}",
        ),
        (
            "statements",
            1,
            "{ papers { nodes { id } } }",
            "{ papers { totalCount nodes { id } } }",
        ),
        (
            "rows",
            4,  # one more than a page has is read
            "{ papers(first: 3) { nodes { id } } }",
            "{ papers(first: 4) { nodes { id } } }",
        ),
    ],
)
def test_a_limit_admits_what_it_says(
    shared_database: Database, name: str, most: int, just: str, over: str
) -> None:
    limits = replace(Limits(), **{name: most})

    assert not is_refused(shared_database, limits, just)
    assert is_refused(shared_database, limits, over)


NESTED = """query ($n: Int = 1) {
  people(first: $n) { nodes { written(first: $n) { totalCount } } } }"""


@pytest.mark.parametrize("before", [{}, {"n": 1}])
@pytest.mark.parametrize("after", [{"n": 4}, {"n": None}])
def test_cost_is_measured_anew_for_other_variables(
    shared_database: Database, before: Any, after: Any
) -> None:
    executor = Executor(schema(), shared_database, limits=Limits(estimated_rows=10))

    answers = [
        asyncio.run(executor.execute(Request(NESTED, None, variables), ADMIN))
        for variables in (before, after)
    ]

    assert [answer.codes for answer in answers] == [(), ("LIMIT_EXCEEDED",)]


def test_errors_are_limited(shared_database: Database) -> None:
    query = "{" + " ".join(f'a{n}: node(id: "!") {{ id }}' for n in range(4)) + "}"

    for body in bodies(shared_database, Limits(errors=3), query):
        assert len(body["errors"]) == 3

"""One operation is one transaction: all of its fields or none."""

import asyncio
import json
from typing import Any

from gql_app.engine import Database, Result
from tests.writing import models as m
from tests.writing.desk import ERRORS, Desk, gid, problem, problems
from tests.writing.magazine import magazine
from tests.writing.models import BOB, EDITOR

LABEL = f"label {{ name }} {ERRORS}"
TWO = f"""mutation($one: CreateLabelInput!, $two: CreateLabelInput!) {{
  one: createLabel(input: $one) {{ {LABEL} }}
  two: createLabel(input: $two) {{ {LABEL} }}
  three: createLabel(input: {{name: "third"}}) {{ {LABEL} }}
}}"""


def test_fields_see_what_those_before_have_written(desk: Desk) -> None:
    data = desk.data(
        "mutation { "
        'a: createArticle(input: {title: "One", slug: "a"}) { article { title } } '
        f'b: updateArticle(id: "{gid("Article", 1)}", input: {{title: "Two"}}) '
        "{ article { title author { articles { nodes { title } } } } } "
        'c: createArticle(input: {title: "Three", slug: "c"}) '
        "{ article { author { articles { nodes { title } } } } } }"
    )

    assert data["a"]["article"] == {"title": "One"}
    nodes = data["b"]["article"]["author"]["articles"]["nodes"]
    assert [node["title"] for node in nodes] == ["Two"]
    nodes = data["c"]["article"]["author"]["articles"]["nodes"]
    assert [node["title"] for node in nodes] == ["Two", "Three"]


def test_an_error_in_one_field_undoes_all(desk: Desk) -> None:
    data = desk.data(TWO, one={"name": "first"}, two={"name": "sql"})

    assert (
        data["one"]["label"] is data["two"]["label"] is data["three"]["label"] is None
    )
    assert problems(data["one"]) == [problem("RolledBackError")]
    assert problems(data["two"]) == [problem("UniqueViolationError", "input", "name")]
    assert problems(data["three"]) == [problem("RolledBackError")]
    assert len(desk.rows(m.Label)) == 3


def test_an_error_of_the_response_undoes_all(desk: Desk) -> None:
    answer = desk.answer(
        'mutation { createLabel(input: {name: "new"}) { label { '
        "articles(first: 1000) { totalCount } } } }"
    )

    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert len(desk.rows(m.Label)) == 3


def test_dry_run_does_everything_but_keep_it(desk: Desk) -> None:
    query = (
        "mutation($name: String!) @dryRun { createLabel(input: {name: $name}) "
        f"{{ label {{ name }} {ERRORS} }} }}"
    )

    fine = desk.data(query, name="new")
    taken = desk.data(query, name="sql")

    assert fine["createLabel"] == {"label": {"name": "new"}, "errors": []}
    assert problems(taken["createLabel"]) == [
        problem("UniqueViolationError", "input", "name")
    ]
    assert len(desk.rows(m.Label)) == 3


def test_of_many_writers_with_one_version_one_wins(desk: Desk) -> None:
    desk.create("Article", {"title": "Zero", "slug": "a"})
    query = (
        "mutation($title: String!, $version: Int!) { updateArticle("
        f'id: "{gid("Article", 1)}", expectedVersion: $version, '
        "input: {title: $title}) { article { version } errors { __typename "
        "... on ConflictError { current { ... on Article { version } } } } } }"
    )

    async def round_(version: int) -> list[Any]:
        attempts = (
            desk.run(query, title=f"{version}-{number}", version=version)
            for number in range(50)
        )
        return list(await asyncio.gather(*attempts))

    for version in (1, 2):
        payloads = [_payload(result) for result in asyncio.run(round_(version))]
        won = [payload for payload in payloads if payload["article"]]
        lost = [payload for payload in payloads if not payload["article"]]
        assert [payload["article"] for payload in won] == [{"version": version + 1}]
        assert {str(payload["errors"]) for payload in lost} == {
            str(
                [
                    {
                        "__typename": "ConflictError",
                        "current": {"version": version + 1},
                    }
                ]
            )
        }


def test_writers_without_a_version_all_get_through(desk: Desk) -> None:
    desk.create("Article", {"title": "Zero", "slug": "a"})
    query = (
        f'mutation {{ updateArticle(id: "{gid("Article", 1)}", '
        'input: {title: "New"}) { article { version } errors { message } } }'
    )

    async def all_at_once() -> list[Result]:
        return list(await asyncio.gather(*(desk.run(query) for _ in range(50))))

    versions = [
        _payload(one)["article"]["version"] for one in asyncio.run(all_at_once())
    ]

    assert sorted(versions) == list(range(2, 52))


def test_deadlocks_are_tried_again(desk: Desk) -> None:
    desk.create("Article", {"title": "One", "slug": "a"})
    desk.create("Article", {"title": "Two", "slug": "b"})
    first, second = gid("Article", 1), gid("Article", 2)
    change = f"input: {{status: DRAFT}}) {{ article {{ id }} {ERRORS} }}"
    query = f"""mutation($a: ID!, $b: ID!) {{
      a: updateArticle(id: $a, {change}
      b: updateArticle(id: $b, {change}
    }}"""

    async def crossing() -> list[Result]:
        pairs = [(first, second), (second, first)] * 10
        return list(
            await asyncio.gather(*(desk.run(query, a=a, b=b) for a, b in pairs))
        )

    answers = [result.body for result in asyncio.run(crossing())]

    assert all(b'"errors":[]' in answer for answer in answers), answers
    assert desk.rows(m.Article, "version") == [(21,), (21,)]


def test_operations_wait_for_a_connection_then_are_refused(database_url: str) -> None:
    database = Database(database_url, pool_size=1, pool_timeout=0.2)
    m.Base.metadata.create_all(database.engine)
    desk = Desk(magazine(), database)
    query = 'mutation { createLabel(input: {name: "x%d"}) { label { name } } }'

    async def exhausted() -> tuple[list[Result], Result]:
        await database.writing.enter()
        refused = await asyncio.gather(*(desk.run(query % n) for n in range(3)))
        transaction = database.transaction()
        await database.writing.leave(transaction)
        return list(refused), await desk.run(query % 9)

    refused, after = asyncio.run(exhausted())
    database.close()

    assert {one.codes for one in refused} == {("UNAVAILABLE",)}
    assert after.codes == ()


def test_viewers_are_told_what_they_may_do(desk: Desk) -> None:
    shown = {"slug": "a", "status": "PUBLISHED"}
    desk.create("Article", {**shown, "title": "One"})
    desk.create("Article", {**shown, "title": "Two", "slug": "b"}, "", BOB)
    query = "{ articles { nodes { title viewerCanUpdate viewerCanDelete } } }"

    by_ada = desk.data(query)["articles"]["nodes"]
    statements = len(desk.statements)
    by_editor = desk.data(query, EDITOR)["articles"]["nodes"]

    assert [one["viewerCanUpdate"] for one in by_ada] == [True, False]
    assert [one["viewerCanDelete"] for one in by_ada] == [True, False]
    assert statements == 3
    assert all(one["viewerCanUpdate"] for one in by_editor)


def _payload(result: Result) -> Any:
    return json.loads(result.body)["data"]["updateArticle"]

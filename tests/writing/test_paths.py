"""A planned mutation answers, and writes, exactly what graphql-core would."""

import asyncio
from typing import Any

import pytest
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from gql_app.engine import Database, Executor, Request, Viewer, build_schema
from tests.writing.desk import ERRORS, Desk, gid
from tests.writing.magazine import magazine
from tests.writing.models import ADA, BOB, EDITOR

ARTICLE = gid("Article", 1)
MUTATIONS = [
    'createArticle(input: {title: "T", slug: "t", labels: {connectOrCreate: '
    '[{name: "sql"}, {name: "x"}]}}) { __typename article { id title status '
    "author { name } labels(first: 1) { totalCount edges { cursor node { name } } } "
    "viewerCanUpdate } %s }",
    'createArticles(inputs: [{title: "A", slug: "a1"}, {title: "B", slug: "b1"}]) '
    "{ articles { title notes { totalCount } } %s }",
    f'updateArticle(id: "{ARTICLE}", input: {{title: "New", labels: {{set: []}}}}) '
    "{ article { title version labels { nodes { name } } } %s }",
    'updateArticles(where: {slug: {eq: "one"}}, atMost: 3, set: {status: DRAFT}) '
    "{ affectedCount articles { title status } %s }",
    'upsertArticle(onConflict: SLUG, input: {title: "Up", slug: "one"}) '
    "{ created article { title version } %s }",
    f'deleteArticle(id: "{ARTICLE}", expectedVersion: 1) {{ deletedId %s }}',
    f'deleteArticle(id: "{ARTICLE}", expectedVersion: 7) {{ deletedId %s }}',
    "deleteArticles(where: {}, atMost: 9) { deletedIds affectedCount %s }",
    'createArticle(input: {title: "T", slug: "one"}) { article { id } %s }',
    'createLabel(input: {name: "a b"}) { label { id } %s }',
    f'createNote(input: {{articleId: "{ARTICLE}", number: 1, body: "N"}}) '
    "{ note { body article { title } } %s }",
]


@pytest.mark.parametrize("viewer", [ADA, BOB, EDITOR])
def test_plans_of_mutations_equal_the_ordinary_path(
    desk: Desk, database: Database, viewer: Viewer
) -> None:
    desk.create("Article", {"title": "One", "slug": "one", "status": "PUBLISHED"})
    schema = build_schema(magazine())
    planned = Executor(schema, database)
    ordinary = Executor(schema, database, plans=False)

    async def both(query: str) -> tuple[Any, Any]:
        request = Request(query)
        return (
            await planned.execute(request, viewer),
            await ordinary.execute(request, viewer),
        )

    for field in MUTATIONS:
        query = "mutation @dryRun { " + field % ERRORS + " }"
        one, other = asyncio.run(both(query))
        # Keys that count up go on counting, even if what they were for is undone.
        assert _without_ids(one.body) == _without_ids(other.body), query


class Never(StrawberryGraphQLCoreExecutionContext):
    """Nobody is to ask graphql-core."""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise AssertionError("graphql-core was asked")


def test_mutations_are_answered_by_plans(desk: Desk, database: Database) -> None:
    desk.create("Article", {"title": "One", "slug": "one", "status": "PUBLISHED"})
    schema = build_schema(magazine())
    schema.execution_context_class = Never
    executor = Executor(schema, database)

    for field in MUTATIONS[:6]:  # without an error, which graphql-core is to tell
        query = "mutation @dryRun { " + field % ERRORS + " }"
        result = asyncio.run(executor.execute(Request(query), ADA))
        assert result.codes == (), query
        assert b'"errors":[]' in result.body, query


def _without_ids(body: bytes) -> list[bytes]:
    return [part for part in body.split(b'"') if not part.startswith(b"QXJ0")]

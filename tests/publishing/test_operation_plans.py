"""Which mutations are compiled into plans: all whose work is one function."""

import pytest
from strawberry import Schema

from gql_app.engine import Database, Limits
from gql_app.engine.access import Scope
from gql_app.engine.documents import Documents
from gql_app.engine.pages import PageParser
from gql_app.engine.schema import core_schema
from gql_app.engine.statements import Statements
from gql_app.engine.writing.plans import MutationPlans

POST = "{ post { id author { username } tags { nodes { name } } } errors { message } }"
USER = "{ user { username } errors { message } }"


@pytest.mark.parametrize(
    ("field", "planned"),
    [
        (f'createPost(input: {{title: "A", body: "B"}}) {POST}', True),
        (f'publishPost(id: "a", expectedVersion: 1) {POST}', True),
        (f'pinComment(postId: "a", commentId: "b") {POST}', True),
        (f'react(postId: "a", kind: LIKE) {POST}', True),
        (f'unbookmark(postId: "a") {POST}', True),
        (f'follow(userId: "a") {USER}', True),
        (f'login(input: {{username: "a", password: "b"}}) {USER}', False),
    ],
)
def test_mutation_has_a_plan(
    whole_schema: Schema, database: Database, field: str, planned: bool
) -> None:
    schema, limits = core_schema(whole_schema), Limits()
    operation = Documents(schema, limits).operation(f"mutation {{ {field} }}", None, {})
    dialect = database.dialect
    plans = MutationPlans(schema, Statements(dialect), PageParser(limits, b""))

    plan = plans.get(operation, {}, Scope(dialect, "author"))

    assert (plan is not None) is planned

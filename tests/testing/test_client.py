"""The client: data without errors, whole answers, statements counted."""

import asyncio
import re

import pytest

from gql_app.testing import Call, Client
from tests.testing.shelf import EDITOR, READER

TITLES = "{ books { totalCount nodes { title } } }"
WRONG = "query ($n: Int) { books(first: $n) { totalCount } }"


def test_data_is_that_of_the_viewer(gql: Client) -> None:
    total = "{ books { totalCount } }"

    assert gql.execute(total) == {"books": {"totalCount": 6}}
    assert gql.execute(total, EDITOR) == {"books": {"totalCount": 7}}
    assert gql.field(total, EDITOR) == {"totalCount": 7}


def test_variables_may_have_any_name(gql: Client) -> None:
    query = """query ($self: Int, $query: String!, $viewer: String!) {
      books(first: $self, where: {title: {in: [$query, $viewer]}}) { nodes { title } }
    }"""

    found = gql.field(query, EDITOR, self=5, query="Emma", viewer="Dune")

    assert found == {"nodes": [{"title": "Dune"}, {"title": "Emma"}]}


def test_errors_fail_with_all_that_is_known(gql: Client) -> None:
    with pytest.raises(AssertionError) as failed:
        gql.execute(WRONG, READER, n=-1)

    assert str(failed.value).splitlines() == [
        "The answer to reader {'id': 1} has errors:",
        "  BAD_USER_INPUT at books: first can't be negative, and is -1.",
        "The operation:",
        f"  {WRONG}",
        "Its variables: {'n': -1}",
    ]


def test_answers_have_errors_with_their_codes(gql: Client) -> None:
    answer = gql.answer(WRONG, n=-1)

    assert answer.codes == ["BAD_USER_INPUT"]
    assert answer.errors == answer.body["errors"]
    assert "data" in answer.body


def test_answer_without_errors_has_data(gql: Client) -> None:
    answer = gql.answer("{ books { totalCount } }")

    assert (answer.errors, answer.codes) == ([], [])
    assert answer.data == {"books": {"totalCount": 6}}
    assert [statement.rows for statement in answer.statements] == [1]


def test_operations_run_together(gql: Client) -> None:
    calls = [Call(TITLES), Call(WRONG, EDITOR, {"n": -1}), Call(TITLES, EDITOR)]

    answers = gql.together(calls)

    assert [answer.call for answer in answers] == calls
    assert [answer.codes for answer in answers] == [[], ["BAD_USER_INPUT"], []]
    assert answers[2].data["books"]["totalCount"] == 7


def test_operation_runs_in_an_event_loop(gql: Client) -> None:
    answer = asyncio.run(gql.run(WRONG, EDITOR, n=3))

    assert answer.data == {"books": {"totalCount": 7}}


def test_statements_of_several_operations_are_counted(gql: Client) -> None:
    with gql.statements(3) as together:
        gql.execute("{ books { totalCount } }")
        with gql.statements(2) as within:
            gql.execute(TITLES)
    gql.execute(TITLES)

    assert together[1:] == within
    assert [statement.path for statement in within] == ["books", "books"]


def test_other_number_of_statements_fails_and_shows_them(gql: Client) -> None:
    with pytest.raises(AssertionError) as failed, gql.statements(1):
        gql.execute(TITLES)

    first, *rest = str(failed.value).splitlines()
    assert first == "2 statements instead of 1:"
    assert re.match(r"1\. for books, 6 rows: SELECT .* ORDER BY", rest[0])
    assert re.match(r"2\. for books, 1 rows: SELECT count\(\*\)", rest[1])


def test_what_fails_while_statements_are_counted_is_shown_itself(gql: Client) -> None:
    with pytest.raises(AssertionError, match="has errors"), gql.statements(9):
        gql.execute(WRONG, n=-1)

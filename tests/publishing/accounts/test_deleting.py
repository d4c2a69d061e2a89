"""Accounts are deleted by those who know the password."""

from typing import Any

import pytest
from sqlalchemy import Engine

from gql_app.engine import ANONYMOUS, Viewer
from gql_app.publishing.reaction import Reaction, ReactionKind
from gql_app.publishing.refresh_token import RefreshToken
from gql_app.publishing.user import User
from gql_app.testing import Answer, Call, global_id
from tests.publishing.accounts.conftest import PASSWORD, RULES, People, refused
from tests.publishing.people import ERRORS
from tests.publishing.rows import count_rows, create_comment, create_post, insert

DELETE = f"""mutation ($input: DeleteAccountInput!) {{
  deleteAccount(input: $input) {{ deletedId {ERRORS} }} }}"""
DELETE_USER = f"""mutation ($id: ID!) {{
  deleteUser(id: $id) {{ deletedId {ERRORS} }} }}"""
ADA = Viewer("reader", {"id": 1})


@pytest.fixture
def ada(people: People) -> Viewer:
    people.register()
    return ADA


def delete(people: People, viewer: Viewer, password: str = PASSWORD) -> Answer:
    return people.client.answer(DELETE, viewer, input={"currentPassword": password})


def payload_of(answer: Answer) -> Any:
    return answer.data["deleteAccount"]


def test_account_is_gone_with_its_sign_ins(
    people: People, ada: Viewer, engine: Engine
) -> None:
    answer = delete(people, ada)

    assert payload_of(answer) == {"deletedId": global_id("User", 1), "errors": []}
    assert refused(people.login()) == ("UNAUTHENTICATED", None)
    assert (count_rows(engine, User), count_rows(engine, RefreshToken)) == (0, 0)


def test_what_others_read_stays_and_points_go(
    people: People, ada: Viewer, engine: Engine
) -> None:
    own = create_post(engine, author_id=1, author_name="Ada")
    liked = create_post(engine, score=3)
    create_comment(engine, own, author_id=1, author_name="Ada")
    insert(engine, Reaction, user_id=1, post_id=liked, kind=ReactionKind.LIKE)

    delete(people, ada)

    query = """{
      posts(orderBy: [{id: ASC}]) { nodes { authorName author { username } score } }
      comments { nodes { authorName author { username } } }
    }"""
    gone = {"authorName": "Ada", "author": None}
    assert people.client.execute(query) == {
        "posts": {
            "nodes": [
                {**gone, "score": 0},
                {"authorName": None, "author": None, "score": 2},
            ]
        },
        "comments": {"nodes": [gone]},
    }


def test_wrong_password_deletes_nothing(people: People, ada: Viewer) -> None:
    answer = delete(people, ada, "wrong horse")

    path = ["input", "currentPassword"]
    assert refused(payload_of(answer)) == ("BAD_USER_INPUT", path)
    assert people.login()["errors"] == []


def test_nobody_has_an_account_to_delete(people: People) -> None:
    answer = delete(people, ANONYMOUS)

    assert refused(payload_of(answer)) == ("UNAUTHENTICATED", None)


def test_password_can_not_be_guessed_by_deleting(people: People, ada: Viewer) -> None:
    for _ in range(RULES.account_attempts):
        delete(people, ada, "wrong horse")

    assert delete(people, ada).codes == ["RATE_LIMITED"]


def test_access_token_alone_does_not_delete_its_account(
    people: People, ada: Viewer
) -> None:
    payload = people.client.field(DELETE_USER, ada, id=global_id("User", 1))

    assert refused(payload) == ("FORBIDDEN", ["id"])


def test_of_two_who_delete_it_one_does(people: People, ada: Viewer) -> None:
    given = {"input": {"currentPassword": PASSWORD}}

    answers = people.client.together([Call(DELETE, ada, given)] * 2)

    found = [answer.data["deleteAccount"]["deletedId"] for answer in answers]
    assert sorted(map(str, found)) == sorted([global_id("User", 1), "None"])

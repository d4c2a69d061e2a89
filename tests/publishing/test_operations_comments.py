"""Comments and accounts: who writes, edits and deletes them."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from gql_app.engine import Viewer
from gql_app.publishing.base import table_of
from gql_app.publishing.hooks import DEEPEST_REPLY
from gql_app.publishing.post import PostStatus
from gql_app.publishing.profile import Profile
from gql_app.publishing.user import User
from gql_app.testing import Client, global_id
from tests.publishing.people import ERRORS, code, create_people
from tests.publishing.rows import create_comment, create_post, insert, read

COMMENT = f"""mutation ($input: CreateCommentInput!) {{ createComment(input: $input) {{
  comment {{ id body authorName parent {{ body }} author {{ username }} }} {ERRORS} }} }}"""
EDIT = f"""mutation ($id: ID!) {{ updateComment(id: $id, input: {{body: "Edited."}}) {{
  comment {{ body }} {ERRORS} }} }}"""
DELETE = f"mutation ($id: ID!) {{ deleteComment(id: $id) {{ deletedId {ERRORS} }} }}"
UPDATE_USER = f"""mutation ($id: ID!, $input: UpdateUserInput!) {{
  updateUser(id: $id, input: $input) {{ user {{ displayName role }} {ERRORS} }} }}"""
ROLES = ("nobody", "reader", "author", "other", "editor", "admin")


@pytest.fixture
def people(engine: Engine) -> dict[str, Viewer]:
    return create_people(engine)


@pytest.fixture
def post(engine: Engine) -> int:
    return create_post(engine)


def say(client: Client, viewer: Viewer, post: int, **given: Any) -> Any:
    given = {"body": "Well said.", "postId": global_id("Post", post), **given}
    return client.field(COMMENT, viewer, input=given)


def test_comment_is_by_who_is_signed_in(
    client: Client, people: dict[str, Viewer], post: int
) -> None:
    comment = say(client, people["reader"], post)["comment"]

    assert comment["author"] == {"username": "reader"}
    assert comment["authorName"] == "Reader"


def test_nobody_comments_without_signing_in(
    client: Client, people: dict[str, Viewer], post: int
) -> None:
    assert code(say(client, people["nobody"], post)) in ("FORBIDDEN", "UNAUTHENTICATED")


@pytest.mark.parametrize(
    ("values", "who", "expected"),
    [
        ({"status": PostStatus.ARCHIVED}, "reader", "FORBIDDEN"),
        ({"status": PostStatus.DRAFT}, "reader", "NOT_FOUND"),
        ({"status": PostStatus.DRAFT}, "editor", "FORBIDDEN"),
        ({"deleted_at": sa.func.now()}, "editor", "NOT_FOUND"),
    ],
)
def test_only_published_posts_take_comments(
    client: Client,
    people: dict[str, Viewer],
    engine: Engine,
    values: dict[str, Any],
    who: str,
    expected: str,
) -> None:
    payload = say(client, people[who], create_post(engine, **values))

    assert code(payload) == expected


def test_reply_is_below_its_parent(
    client: Client, people: dict[str, Viewer], post: int
) -> None:
    parent = say(client, people["reader"], post)["comment"]

    reply = say(client, people["other"], post, body="So?", parentId=parent["id"])

    assert reply["comment"]["parent"] == {"body": "Well said."}


def test_reply_is_on_the_post_of_its_parent(
    client: Client, people: dict[str, Viewer], engine: Engine, post: int
) -> None:
    elsewhere = create_comment(engine, create_post(engine))
    deleted = create_comment(engine, post, deleted_at=sa.func.now())

    for parent in (elsewhere, deleted, 10**9):
        parent_id = global_id("Comment", parent)
        payload = say(client, people["reader"], post, parentId=parent_id)
        assert code(payload) == "NOT_FOUND"
        assert payload["errors"][0]["path"] == ["input", "parentId"]


def test_threads_have_a_bottom(
    client: Client, people: dict[str, Viewer], engine: Engine, post: int
) -> None:
    parent = None
    for _ in range(DEEPEST_REPLY):
        parent, above = create_comment(engine, post, parent_id=parent), parent

    too_deep = say(
        client, people["reader"], post, parentId=global_id("Comment", parent)
    )
    just_right = say(
        client, people["reader"], post, parentId=global_id("Comment", above)
    )

    assert code(too_deep) == "BAD_USER_INPUT"
    assert code(just_right) is None


@pytest.mark.parametrize("query", [EDIT, DELETE], ids=["edit", "delete"])
def test_comments_are_changed_by_their_authors_and_editors(
    client: Client, people: dict[str, Viewer], post: int, query: str
) -> None:
    found = {}
    for who in ROLES:
        comment = say(client, people["author"], post)["comment"]
        found[who] = code(client.field(query, people[who], id=comment["id"]))

    refused = dict.fromkeys(("nobody", "reader", "other"), "FORBIDDEN")
    assert found == {**refused, "author": None, "editor": None, "admin": None}


def test_thread_stays_when_its_top_is_deleted(
    client: Client, people: dict[str, Viewer], post: int
) -> None:
    top = say(client, people["reader"], post)["comment"]["id"]
    say(client, people["other"], post, body="So?", parentId=top)

    client.field(DELETE, people["reader"], id=top)

    found = client.field("{ comments { nodes { body parentId parent { body } } } }")
    assert found["nodes"] == [{"body": "So?", "parentId": top, "parent": None}]


def test_own_account_is_changed_and_no_other(
    client: Client, people: dict[str, Viewer]
) -> None:
    reader = people["reader"]
    own = global_id("User", reader.claims["id"])
    given = {"displayName": "New"}

    codes = {
        who: code(client.field(UPDATE_USER, people[who], id=own, input=given))
        for who in ROLES
    }

    refused = dict.fromkeys(("nobody", "author", "other", "editor"), "FORBIDDEN")
    assert codes == {**refused, "reader": None, "admin": None}


@pytest.mark.parametrize("who", ROLES)
def test_roles_are_given_by_admins(
    client: Client, people: dict[str, Viewer], engine: Engine, who: str
) -> None:
    key = people["reader" if who == "nobody" else who].claims["id"]

    payload = client.field(
        UPDATE_USER, people[who], id=global_id("User", key), input={"role": "ADMIN"}
    )

    assert code(payload) == (None if who == "admin" else "FORBIDDEN")
    columns = table_of(User).c
    admins = read(engine, sa.select(columns.username).where(columns.role == "ADMIN"))
    assert admins == [("admin",)]


def test_addresses_of_others_are_not_to_be_had(
    client: Client, people: dict[str, Viewer], engine: Engine
) -> None:
    secret = "secret@example.org"
    with engine.begin() as connection:
        users = table_of(User)
        own = users.c.id == people["author"].claims["id"]
        connection.execute(sa.update(users).where(own).values(email=secret))

    query = """{
      listed: users(where: {email: {startsWith: "secret"}}) { nodes { username } }
      sorted: users(orderBy: [{email: DESC}], first: 1) { nodes { email } }
      found: user(by: {email: "secret@example.org"}) { email }
    }"""
    for who, viewer in people.items():
        found = client.execute(query, viewer)
        is_told = who in ("author", "admin")
        email = secret if is_told else None
        assert found == {
            "listed": {"nodes": [{"username": "author"}] if is_told else []},
            "sorted": {"nodes": [{"email": email}]},
            "found": {"email": secret} if is_told else None,
        }, who


def test_profile_is_changed_by_its_owner(
    client: Client, people: dict[str, Viewer], engine: Engine
) -> None:
    profile = insert(engine, Profile, user_id=people["reader"].claims["id"])
    query = f"""mutation ($id: ID!) {{ updateProfile(id: $id, input: {{bio: "Hm."}}) {{
      profile {{ bio }} {ERRORS} }} }}"""

    codes = {
        who: code(client.field(query, people[who], id=global_id("Profile", profile)))
        for who in ROLES
    }

    refused = dict.fromkeys(("nobody", "author", "other", "editor"), "FORBIDDEN")
    assert codes == {**refused, "reader": None, "admin": None}

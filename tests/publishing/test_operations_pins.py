"""A comment is shown first on its post, if those who may edit the post want it."""

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from gql_app.engine import Viewer
from gql_app.testing import Client, global_id
from tests.publishing.people import ERRORS, code, create_people
from tests.publishing.rows import create_comment, create_post

STATE = "post { pinnedComment { body } version updatedAt }"
PIN = f"""mutation ($post: ID!, $comment: ID!) {{
  pinComment(postId: $post, commentId: $comment) {{ {STATE} {ERRORS} }} }}"""
UNPIN = (
    f"mutation ($post: ID!) {{ unpinComment(postId: $post) {{ {STATE} {ERRORS} }} }}"
)


@pytest.fixture
def people(engine: Engine) -> dict[str, Viewer]:
    return create_people(engine)


@pytest.fixture
def author(people: dict[str, Viewer]) -> Viewer:
    return people["author"]


@pytest.fixture
def pinnable(author: Viewer, engine: Engine) -> dict[str, str]:
    """The ids of a post, of a comment on it, of one elsewhere and of a deleted one."""
    author_id = author.claims["id"]
    post, other = (
        create_post(engine, slug=slug, author_id=author_id) for slug in ("a", "b")
    )
    gone = sa.func.now()
    comments = {
        "comment": create_comment(engine, post, body="Here"),
        "elsewhere": create_comment(engine, other),
        "deleted": create_comment(engine, post, deleted_at=gone),
    }
    ids = {name: global_id("Comment", key) for name, key in comments.items()}
    return {"post": global_id("Post", post), **ids}


def test_pinned_comment_is_shown_first_until_it_is_unpinned(
    client: Client, author: Viewer, pinnable: dict[str, str]
) -> None:
    ids = {"post": pinnable["post"], "comment": pinnable["comment"]}

    pinned = client.field(PIN, author, **ids)["post"]
    unpinned = client.field(UNPIN, author, post=ids["post"])["post"]

    assert pinned["pinnedComment"] == {"body": "Here"}
    assert unpinned["pinnedComment"] is None


@pytest.mark.parametrize("which", ["elsewhere", "deleted", "post"])
def test_only_a_comment_on_the_post_is_pinned(
    client: Client, author: Viewer, pinnable: dict[str, str], which: str
) -> None:
    payload = client.field(PIN, author, post=pinnable["post"], comment=pinnable[which])

    assert code(payload) == ("BAD_USER_INPUT" if which == "post" else "NOT_FOUND")


def test_others_do_not_pin(
    client: Client, people: dict[str, Viewer], pinnable: dict[str, str]
) -> None:
    ids = {"post": pinnable["post"], "comment": pinnable["comment"]}

    for who in ("nobody", "reader", "other"):
        assert code(client.field(PIN, people[who], **ids)) == "FORBIDDEN"

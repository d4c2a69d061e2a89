"""What editors have taken down stays so; who is no author any more writes no more."""

import pytest
from sqlalchemy import Engine

from gql_app.engine import Viewer
from gql_app.publishing.post import PostStatus
from gql_app.testing import Client, global_id
from tests.publishing.people import ERRORS, code, create_people
from tests.publishing.rows import create_comment, create_post


@pytest.fixture
def people(engine: Engine) -> dict[str, Viewer]:
    return create_people(engine)


def do(client: Client, field: str, viewer: Viewer, key: str) -> str | None:
    query = f"mutation ($id: ID!) {{ {field} {{ {ERRORS} }} }}"
    return code(client.field(query, viewer, id=key))


@pytest.mark.parametrize("who", ["reader", "author"])
@pytest.mark.parametrize("by", ["editor", "admin"])
def test_comment_that_an_editor_deleted_stays_deleted(
    client: Client, people: dict[str, Viewer], engine: Engine, who: str, by: str
) -> None:
    owner = people[who].claims["id"]
    comment = create_comment(engine, create_post(engine), author_id=owner)
    key = global_id("Comment", comment)

    deleted = do(client, "deleteComment(id: $id)", people[by], key)
    restored = do(client, "restoreComment(id: $id)", people[who], key)

    assert (deleted, restored) == (None, "FORBIDDEN")
    assert client.field("{ comments { totalCount } }") == {"totalCount": 0}


def test_post_that_an_editor_deleted_stays_deleted(
    client: Client, people: dict[str, Viewer], engine: Engine
) -> None:
    post = create_post(engine, author_id=people["author"].claims["id"])
    key = global_id("Post", post)

    deleted = do(client, "deletePost(id: $id)", people["editor"], key)
    restored = do(client, "restorePost(id: $id)", people["author"], key)

    assert (deleted, restored) == (None, "FORBIDDEN")
    assert client.field("{ posts { totalCount } }") == {"totalCount": 0}


@pytest.mark.parametrize(
    "field",
    [
        "publishPost(id: $id)",
        "unpublishPost(id: $id)",
        "archivePost(id: $id)",
        'updatePost(id: $id, input: {title: "Other"})',
        "unpinComment(postId: $id)",
        "createPostLink(input: {postId: $id, targetId: $id})",
    ],
)
def test_who_was_an_author_changes_no_posts(
    client: Client, people: dict[str, Viewer], engine: Engine, field: str
) -> None:
    post = create_post(engine, author_id=people["reader"].claims["id"])

    refused = do(client, field, people["reader"], global_id("Post", post))

    assert refused == "FORBIDDEN"


@pytest.mark.parametrize("status", list(PostStatus))
def test_who_was_an_author_may_delete_posts_still(
    client: Client, people: dict[str, Viewer], engine: Engine, status: PostStatus
) -> None:
    owner = people["reader"].claims["id"]
    post = create_post(engine, author_id=owner, status=status)

    refused = do(
        client, "deletePost(id: $id)", people["reader"], global_id("Post", post)
    )

    assert refused is None

"""Who sees what, on every path that leads there."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from gql_app.engine.policy import ANONYMOUS, Viewer
from gql_app.publishing.bookmark import Bookmark
from gql_app.publishing.post import PostStatus
from gql_app.publishing.post_link import PostLink
from gql_app.publishing.reaction import Reaction, ReactionKind
from gql_app.publishing.revision import Revision
from tests.publishing.conftest import Ask
from tests.publishing.rows import create_comment, create_post, create_user, insert

AUTHOR, READER = 1, 2  # the first two accounts of an empty database
VIEWERS = {
    "anonymous": ANONYMOUS,
    "reader": Viewer("reader", {"id": READER}),
    "author": Viewer("author", {"id": AUTHOR}),
    "editor": Viewer("editor", {"id": 3}),
    "admin": Viewer("admin", {"id": 4}),
}
PUBLIC = {"published", "archived"}
WITH_DRAFT = {*PUBLIC, "draft"}
READABLE = {
    "anonymous": PUBLIC,
    "reader": PUBLIC,
    "author": WITH_DRAFT,
    "editor": WITH_DRAFT,
    "admin": WITH_DRAFT,
}


@pytest.fixture
def posts(engine: sa.Engine) -> dict[str, int]:
    """A post of each kind by the same author, with everything that hangs on posts."""
    assert create_user(engine, username="author") == AUTHOR
    assert create_user(engine, username="reader") == READER
    now = datetime(2026, 1, 1, tzinfo=UTC)
    kinds: dict[str, dict[str, Any]] = {
        "published": {"status": PostStatus.PUBLISHED},
        "archived": {"status": PostStatus.ARCHIVED},
        "draft": {"status": PostStatus.DRAFT, "published_at": None},
        "deleted": {"status": PostStatus.PUBLISHED, "deleted_at": now},
    }
    found = {
        slug: create_post(engine, slug=slug, author_id=AUTHOR, **values)
        for slug, values in kinds.items()
    }
    for slug, post_id in found.items():
        create_comment(engine, post_id, author_id=READER, body=slug)
        sign = {"user_id": READER, "post_id": post_id}
        insert(engine, Reaction, kind=ReactionKind.LIKE, **sign)
        insert(engine, Bookmark, **sign)
        insert(engine, Revision, post_id=post_id, number=1, title=slug, body=slug)
    for post_id in found.values():
        if post_id != found["published"]:
            insert(engine, PostLink, post_id=found["published"], target_id=post_id)
    return found


@pytest.mark.parametrize("who", VIEWERS)
def test_posts_are_read_by_those_who_may(
    who: str, posts: dict[str, int], ask: Ask
) -> None:
    query = "{ posts { totalCount nodes { slug } } }"

    found = ask(query, VIEWERS[who])["posts"]

    assert {node["slug"] for node in found["nodes"]} == READABLE[who]
    assert found["totalCount"] == len(READABLE[who])


@pytest.mark.parametrize("who", VIEWERS)
def test_look_ups_find_what_lists_show(
    who: str, posts: dict[str, int], ask: Ask
) -> None:
    aliases = " ".join(
        f'{slug}: post(by: {{slug: "{slug}"}}) {{ slug }}' for slug in posts
    )

    found = ask(f"{{ {aliases} }}", VIEWERS[who])

    assert {slug for slug, post in found.items() if post} == READABLE[who]


@pytest.mark.parametrize("who", VIEWERS)
def test_what_hangs_on_a_post_is_seen_with_it(
    who: str, posts: dict[str, int], ask: Ask
) -> None:
    query = """{
      comments { nodes { body } }
      reactions { nodes { post { slug } } }
      allBookmarks: bookmarks { nodes { post { slug } } }
      user(by: {username: "author"}) { posts { totalCount } }
      reader: user(by: {username: "reader"}) {
        bookmarks { nodes { slug } } reactions { totalCount }
      }
    }"""
    readable = READABLE[who]

    found = ask(query, VIEWERS[who])

    bodies = {node["body"] for node in found["comments"]["nodes"]}
    assert bodies == readable
    for field in ("reactions", "allBookmarks"):
        slugs = {node["post"]["slug"] for node in found[field]["nodes"]}
        assert slugs == readable
    assert found["user"]["posts"]["totalCount"] == len(readable)
    assert found["reader"]["reactions"]["totalCount"] == len(readable)
    marked = {node["slug"] for node in found["reader"]["bookmarks"]["nodes"]}
    assert marked == readable


@pytest.mark.parametrize("who", VIEWERS)
def test_a_link_does_not_reveal_its_target(
    who: str, posts: dict[str, int], ask: Ask
) -> None:
    query = """{ post(by: {slug: "published"}) {
      links { nodes { target { slug } } } } }"""

    links = ask(query, VIEWERS[who])["post"]["links"]["nodes"]

    targets = {link["target"]["slug"] for link in links if link["target"]}
    assert targets == READABLE[who] - {"published"}


@pytest.mark.parametrize("who", VIEWERS)
def test_revisions_are_for_the_author_and_for_editors(
    who: str, posts: dict[str, int], ask: Ask
) -> None:
    allowed = who in ("author", "editor", "admin")

    found = ask("{ revisions { nodes { title } } }", VIEWERS[who])["revisions"]

    titles = {node["title"] for node in found["nodes"]}
    assert titles == (WITH_DRAFT if allowed else set())


def test_a_deleted_comment_disappears_and_its_replies_stay(
    engine: sa.Engine, ask: Ask
) -> None:
    post_id = create_post(engine, slug="a")
    gone = datetime(2026, 1, 1, tzinfo=UTC)
    parent = create_comment(engine, post_id, body="parent", deleted_at=gone)
    create_comment(engine, post_id, body="reply", parent_id=parent)
    query = "{ comments { totalCount nodes { body parentId parent { body } } } }"

    found = ask(query, VIEWERS["admin"])["comments"]

    assert found["totalCount"] == 1
    [reply] = found["nodes"]
    assert (reply["body"], reply["parent"]) == ("reply", None)
    assert reply["parentId"] is not None

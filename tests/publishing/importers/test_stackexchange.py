"""What becomes of a dump's rows."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gql_app.publishing.base import table_of
from gql_app.publishing.bookmark import Bookmark
from gql_app.publishing.comment import Comment
from gql_app.publishing.excerpts import TextFormat
from gql_app.publishing.importers.stackexchange import Report, import_dump
from gql_app.publishing.post import Post, PostStatus
from gql_app.publishing.post_link import PostLink, PostLinkKind
from gql_app.publishing.post_tag import PostTag
from gql_app.publishing.profile import Profile
from gql_app.publishing.tag import Tag
from gql_app.publishing.user import Role, User
from tests.publishing.importers.dump import SITE, write_dump
from tests.publishing.rows import read

user, profile, tag = table_of(User), table_of(Profile), table_of(Tag)
post, comment = table_of(Post), table_of(Comment)
AT = datetime(2020, 1, 1, 10, tzinfo=UTC)


@pytest.fixture
def report(engine: sa.Engine, tmp_path: Path) -> Report:
    return import_dump(engine, write_dump(tmp_path))


def test_users_get_names_of_their_own(report: Report, engine: sa.Engine) -> None:
    columns = (user.c.source, user.c.username, user.c.display_name)

    found = read(engine, sa.select(*columns).order_by(user.c.id))

    assert found == [
        (f"{SITE}/users/-1", "community", "Community"),
        (f"{SITE}/users/1", "ana-lima", "Ana Lima"),
        (f"{SITE}/users/2", "ana-lima-2", "Ana Lima"),
        (f"{SITE}/users/3", "user-3", "ана 茶"),
        (f"{SITE}/users/4", "oleary-tea-b", 'O\'Leary "Tea" <b>'),
        (f"{SITE}/users/5", "user-5", "A"),
    ]


def test_users_cannot_sign_in(report: Report, engine: sa.Engine) -> None:
    columns = (user.c.email, user.c.password_hash, user.c.role)

    assert set(read(engine, sa.select(*columns))) == {(None, None, Role.AUTHOR)}


def test_each_user_has_a_profile(report: Report, engine: sa.Engine) -> None:
    columns = (profile.c.bio, profile.c.website, profile.c.location)
    more = (profile.c.view_count, profile.c.last_seen_at)
    ordered = sa.select(*columns, *more).order_by(profile.c.user_id)

    found = read(engine, ordered)

    seen = datetime(2020, 5, 1, 1, 2, 3, 450_000, tzinfo=UTC)
    ana = ("Drinks tea & reads.", "https://example.org/ana", "São Paulo", 7, seen)
    assert found[1] == ana
    assert {row for row in found if row != ana} == {(None, None, None, 0, None)}


def test_questions_become_posts(report: Report, engine: sa.Engine) -> None:
    found = _by_source(engine, post)

    first = found["q/10"]
    assert (first.slug, first.title, first.body) == (
        "how-hot",
        "How hot?",
        "<p>How hot?</p>\n",
    )
    assert (first.format, first.status) == (TextFormat.HTML, PostStatus.PUBLISHED)
    assert (first.created_at, first.published_at) == (AT, AT)
    assert first.updated_at == datetime(2020, 2, 2, tzinfo=UTC)
    assert (first.score, first.view_count, first.license) == (5, 99, "CC BY-SA 4.0")
    assert [found[name].slug for name in ("q/11", "q/12")] == ["how-hot-11", "post-12"]
    assert found["q/12"].status is PostStatus.ARCHIVED


def test_authors_who_are_gone_leave_a_name(report: Report, engine: sa.Engine) -> None:
    found = _by_source(engine, post)

    names = {
        key: (row.author_id is None, row.author_name) for key, row in found.items()
    }
    assert names == {
        "q/10": (False, "Ana Lima"),
        "q/11": (True, "user90"),
        "q/12": (False, "ана 茶"),
        "q/13": (True, "user77"),
    }


def test_answers_and_comments_become_threads(report: Report, engine: sa.Engine) -> None:
    found = _by_source(engine, comment)
    posts = {row.id: key for key, row in _by_source(engine, post).items()}
    comments = {row.id: key for key, row in found.items()}

    threads = {
        key: (posts[row.post_id], comments.get(row.parent_id), row.format.name)
        for key, row in found.items()
    }

    assert threads == {
        "a/20": ("q/10", None, "HTML"),
        "a/21": ("q/10", None, "HTML"),
        "posts/comments/1": ("q/10", None, "MARKDOWN"),
        "posts/comments/2": ("q/10", "a/20", "MARKDOWN"),
        "posts/comments/3": ("q/10", "a/21", "MARKDOWN"),
    }
    assert found["posts/comments/2"].body == "On the answer 🍵"
    assert (found["a/20"].score, found["posts/comments/1"].score) == (9, 3)


def test_an_accepted_answer_is_pinned(report: Report, engine: sa.Engine) -> None:
    posts, comments = _by_source(engine, post), _by_source(engine, comment)

    pins = {key: row.pinned_comment_id for key, row in posts.items()}

    assert pins == {
        "q/10": comments["a/20"].id,
        "q/11": None,
        "q/12": None,
        "q/13": None,  # names an answer to another question
    }


def test_tags_are_described_by_their_wikis(report: Report, engine: sa.Engine) -> None:
    found = read(engine, sa.select(tag.c.name, tag.c.description).order_by(tag.c.id))

    assert found == [
        ("green", "For unfermented leaves."),
        ("black", "Fermented & strong."),
        ("c++", None),
    ]


def test_posts_have_their_tags(report: Report, engine: sa.Engine) -> None:
    link = table_of(PostTag)
    pairs = sa.select(post.c.source, tag.c.name).select_from(
        post.join(link, link.c.post_id == post.c.id).join(tag)
    )

    found = set(read(engine, pairs))

    assert found == {
        (f"{SITE}/q/10", "green"),
        (f"{SITE}/q/10", "c++"),
        (f"{SITE}/q/11", "black"),
    }


def test_favourites_become_bookmarks(report: Report, engine: sa.Engine) -> None:
    mark = table_of(Bookmark)
    joined = mark.join(user).join(post, mark.c.post_id == post.c.id)
    columns = (user.c.username, post.c.slug, mark.c.created_at)

    found = set(read(engine, sa.select(*columns).select_from(joined)))

    assert found == {
        ("ana-lima-2", "how-hot", AT),
        ("ana-lima-2", "how-hot-11", AT),
    }


def test_links_keep_their_kind(report: Report, engine: sa.Engine) -> None:
    link = table_of(PostLink)
    posts = {row.id: key for key, row in _by_source(engine, post).items()}

    rows = read(engine, sa.select(link.c.post_id, link.c.target_id, link.c.kind))

    found = {(posts[start], posts[end], kind) for start, end, kind in rows}
    assert found == {("q/10", "q/11", kind) for kind in PostLinkKind}


def test_the_report_counts_what_was_kept(report: Report) -> None:
    assert report.new == Counter(
        {
            "user": 6,
            "profile": 6,
            "tag": 3,
            "post": 4,
            "post_tag": 3,
            "tag description": 2,
            "comment": 5,
            "pinned comment": 1,
            "bookmark": 2,
            "post_link": 2,
        }
    )
    assert +report.known == Counter({"bookmark": 1})  # twice in the dump
    assert report.partial == Counter(
        {
            ("Users", "kept without a WebsiteUrl that is no web address"): 1,
            ("Posts", "kept without its author, whose account is gone"): 2,
            ("Posts", "kept without a tag that Tags.xml does not have"): 1,
            ("Comments", "kept without its author, whose account is gone"): 1,
        }
    )


def test_the_report_accounts_for_every_other_row(report: Report) -> None:
    assert report.dropped == Counter(
        {
            ("Badges", "there is no place for these"): 2,
            ("Users", "no DisplayName"): 1,
            ("Users", "CreationDate that is no date and time"): 1,
            ("Posts", "no Title"): 1,
            ("Posts", "no Body"): 1,
            ("Posts", "answer to a question that is not there"): 1,
            ("Posts", "accepted answer that is not there"): 2,
            ("Posts", "tag wiki of a tag that its excerpt describes"): 1,
            ("Posts", "tag wiki without text"): 1,
            ("Posts", "tag wiki that no tag refers to"): 1,
            ("Posts", "post of type 7: no question, answer or tag wiki"): 1,
            ("Comments", "comment on a post that is not there"): 1,
            ("Comments", "no Text"): 1,
            ("Comments", "CreationDate that is no date and time"): 1,
            ("Votes", "vote: up vote, anonymous: the score has it"): 1,
            ("Votes", "vote: of type 99"): 1,
            ("Votes", "favourite of a post that is not there"): 1,
            ("Votes", "favourite by a user that is not there"): 2,
            ("PostLinks", "link with an end that is not there"): 1,
            ("PostLinks", "link of a post to itself"): 1,
            ("PostLinks", "link of type 2"): 1,
        }
    )


def test_the_report_can_be_read(report: Report) -> None:
    lines = str(report).splitlines()

    assert lines[0] == SITE
    assert ["post", "4", "0"] in [line.split() for line in lines]
    assert "        1  Posts.xml: no Title" in lines


def _by_source(engine: sa.Engine, table: sa.Table) -> dict[str, Any]:
    with engine.connect() as connection:
        rows = connection.execute(sa.select(table)).all()
    return {row.source.removeprefix(f"{SITE}/"): row for row in rows}

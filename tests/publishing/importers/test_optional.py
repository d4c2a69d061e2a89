"""Attributes that a row can do without: empty, or not to be read."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gql_app.publishing.base import table_of
from gql_app.publishing.comment import Comment
from gql_app.publishing.importers.stackexchange import import_dump
from gql_app.publishing.post import Post, PostStatus
from gql_app.publishing.profile import Profile
from gql_app.publishing.tag import Tag
from gql_app.publishing.user import User
from tests.publishing.importers.dump import answer, question, row, write_dump
from tests.publishing.rows import read

AT = datetime(2020, 1, 1, 10, tzinfo=UTC)
user, profile, tag = table_of(User), table_of(Profile), table_of(Tag)
post, comment = table_of(Post), table_of(Comment)
STORED = {
    (user.c.reputation,): [(0,)],
    (profile.c.view_count, profile.c.last_seen_at): [(0, None)],
    (tag.c.name,): [("green",)],
    (post.c.author_name, post.c.score, post.c.view_count): [("Ana", 0, 0)],
    (post.c.created_at, post.c.updated_at): [(AT, AT)],
    (comment.c.score, comment.c.updated_at): [(0, AT)],
}
"""What is in the database if nothing is known beyond what a row must have."""


def one_of_each(directory: Path, value: str) -> Path:
    """A dump with a user, a tag, a question, an answer and no more; all attributes that
    they may lack have that value."""
    profile = dict.fromkeys(("Reputation", "Views", "LastAccessDate"), value)
    wikis = dict.fromkeys(("ExcerptPostId", "WikiPostId"), value)
    scored = dict.fromkeys(("Score", "LastEditDate"), value)
    return write_dump(
        directory,
        Users=[row(1, DisplayName="Ana", **profile)],
        Tags=[{"Id": 1, "TagName": "green", **wikis}],
        Posts=[
            question(10, "How?", OwnerUserId=1, ViewCount=value, **scored),
            answer(20, 10, OwnerUserId=1, **scored),
        ],
        Comments=[],
        Votes=[],
        PostLinks=[],
        Badges=[],
    )


def stored(engine: sa.Engine) -> dict[tuple[sa.Column[Any], ...], list[Any]]:
    return {columns: read(engine, sa.select(*columns)) for columns in STORED}


def test_empty_attributes_are_missing_ones(engine: sa.Engine, tmp_path: Path) -> None:
    report = import_dump(engine, one_of_each(tmp_path, ""))

    assert stored(engine) == STORED
    assert (report.partial, report.dropped) == ({}, {})


@pytest.mark.parametrize("value", ["many", "9999999999", "0001-01-01T00:00:00+14:00"])
def test_rows_are_kept_without_attributes_that_can_not_be_read(
    engine: sa.Engine, tmp_path: Path, value: str
) -> None:
    report = import_dump(engine, one_of_each(tmp_path, value))

    number, moment = "that is no 32 bit integer", "that is no date and time"
    assert stored(engine) == STORED
    assert report.dropped == {}
    assert report.partial == {
        ("Users", f"kept without its Reputation {number}"): 1,
        ("Users", f"kept without its LastAccessDate {moment}"): 1,
        ("Users", f"kept without its Views {number}"): 1,
        ("Tags", f"kept without its ExcerptPostId {number}"): 1,
        ("Tags", f"kept without its WikiPostId {number}"): 1,
        ("Posts", f"kept without its LastEditDate {moment}"): 2,
        ("Posts", f"kept without its Score {number}"): 2,
        ("Posts", f"kept without its ViewCount {number}"): 1,
    }


def test_a_question_is_closed_whenever_that_was(
    engine: sa.Engine, tmp_path: Path
) -> None:
    posts = [
        question(1, "Closed", ClosedDate="once"),
        question(2, "Open", ClosedDate=""),
    ]

    report = import_dump(engine, write_dump(tmp_path, Posts=posts))

    found = read(engine, sa.select(post.c.status).order_by(post.c.id))
    assert found == [(PostStatus.ARCHIVED,), (PostStatus.PUBLISHED,)]
    assert not [reason for _, reason in report.partial if "ClosedDate" in reason]


def test_moments_with_an_offset_are_what_they_say(
    engine: sa.Engine, tmp_path: Path
) -> None:
    at = "2020-01-01T12:00:00+02:00"
    users = [row(1, DisplayName="Ana", CreationDate=at, LastAccessDate=at)]

    import_dump(engine, write_dump(tmp_path, Users=users))

    moments = sa.select(user.c.created_at, profile.c.last_seen_at)
    assert read(engine, moments.select_from(user.join(profile))) == [(AT, AT)]

"""Questions in Posts.xml -> posts with tags; accepted answers -> pinned comments."""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from gql_app.publishing.base import table_of
from gql_app.publishing.comment import Comment
from gql_app.publishing.excerpts import TextFormat
from gql_app.publishing.importers.stackexchange.batch import Batch
from gql_app.publishing.importers.stackexchange.errors import DroppedError
from gql_app.publishing.importers.stackexchange.rows import Row
from gql_app.publishing.post import Post, PostStatus
from gql_app.publishing.post_tag import PostTag
from gql_app.publishing.slugs import Wish, slugify, unused_names
from gql_app.publishing.tag import Tag

QUESTION, ANSWER, EXCERPT, WIKI = "1", "2", "4", "5"

# <beer><wine> in older dumps, |beer|wine| in newer ones
_TAG = re.compile(r"[^<>|]+")


class _Question(NamedTuple):
    source: str
    wish: Wish
    tags: Sequence[str]
    post: dict[str, Any]


def write_questions(batch: Batch) -> None:
    """Posts with unique slugs, and with their tags if they are new."""
    author = batch.authors("Owner")
    rows = [row for row in batch.rows if row.get("PostTypeId") == QUESTION]
    questions = batch.keep(rows, lambda row: _question(batch, row, author))
    known = batch.find(Post, (question.source for question in questions))
    new = [question for question in questions if question.source not in known]
    wishes = [question.wish for question in new]
    slugs = unused_names(batch.connection, table_of(Post).c.slug, wishes)
    posts = [
        {**question.post, "slug": slug, "source": question.source}
        for question, slug in zip(new, slugs, strict=True)
    ]
    batch.insert(Post, posts, offered=len(questions))
    _write_tags(batch, questions, set(known))


def drop_other_kinds(batch: Batch) -> None:
    """Count the posts that no step writes."""
    batch.keep(batch.rows, _refuse_other_kinds)


def write_pins(batch: Batch) -> None:
    """Pin the accepted answers of questions that have no pinned comment yet."""
    rows = [row for row in batch.rows if row.get("AcceptedAnswerId")]
    rows = [row for row in rows if row.get("PostTypeId") == QUESTION]
    posts = batch.find(
        Post,
        (batch.question_source(row.get("Id")) for row in rows),
        "id",
        "pinned_comment_id",
    )
    answers = batch.find(
        Comment,
        (batch.answer_source(row.get("AcceptedAnswerId")) for row in rows),
        "id",
        "post_id",
    )

    def pin(row: Row) -> tuple[Any, Any]:
        post = posts.get(batch.question_source(row.get("Id")))
        answer = answers.get(batch.answer_source(row.get("AcceptedAnswerId")))
        if post is None or answer is None or answer.post_id != post.id:
            raise DroppedError("accepted answer that is not there")
        return post, answer

    pins = batch.keep(rows, pin)
    new = [(post, answer) for post, answer in pins if post.pinned_comment_id is None]
    _pin(batch.connection, [(post.id, answer.id) for post, answer in new])
    batch.report.kept("pinned comment", len(new), len(pins))


def _question(
    batch: Batch, row: Row, author: Callable[[Row], dict[str, Any]]
) -> _Question:
    number, title = row.number("Id"), row.text("Title", most=250)
    body, created = row.text("Body"), row.moment("CreationDate")
    closed = row.get("ClosedDate") is not None
    post = {
        "title": title,
        "body": body,
        "format": TextFormat.HTML,
        "status": PostStatus.ARCHIVED if closed else PostStatus.PUBLISHED,
        "published_at": created,
        "created_at": created,
        "updated_at": batch.optional(row, "LastEditDate", Row.moment) or created,
        "score": batch.optional(row, "Score", Row.number) or 0,
        "view_count": batch.optional(row, "ViewCount", Row.number) or 0,
        "license": (row.get("ContentLicense") or "")[:40] or None,
        **author(row),
    }
    tags = _TAG.findall(row.get("Tags") or "")
    wish = Wish(slugify(title) or f"post-{number}", str(number))
    return _Question(batch.question_source(number), wish, tags, post)


def _write_tags(batch: Batch, questions: Sequence[_Question], known: set[str]) -> None:
    posts = batch.find(Post, (question.source for question in questions), "id")
    names = {name.lower() for question in questions for name in question.tags}
    tag = table_of(Tag)
    found = sa.select(tag.c.name, tag.c.id).where(tag.c.name.in_(names))
    ids = {row.name: row.id for row in batch.connection.execute(found)}
    pairs, offered = [], 0
    for question in questions:
        for name in dict.fromkeys(name.lower() for name in question.tags):
            if name not in ids:
                batch.keep_without("a tag that Tags.xml does not have")
                continue
            offered += 1
            if question.source not in known:
                post_id = posts[question.source].id
                pairs.append({"post_id": post_id, "tag_id": ids[name]})
    batch.insert(PostTag, pairs, key=("post_id", "tag_id"), offered=offered)


def _refuse_other_kinds(row: Row) -> None:
    kind = row.text("PostTypeId")
    if kind not in (QUESTION, ANSWER, EXCERPT, WIKI):
        raise DroppedError(f"post of type {kind}: no question, answer or tag wiki")


def _pin(connection: sa.Connection, pins: Sequence[tuple[int, int]]) -> None:
    post = table_of(Post)
    statement = (
        sa.update(post)
        .where(post.c.id == sa.bindparam("post"))
        .where(post.c.pinned_comment_id.is_(None))
        # Pinning edits nothing that the author wrote.
        .values(pinned_comment_id=sa.bindparam("comment"), updated_at=post.c.updated_at)
    )
    if pins:
        connection.execute(
            statement, [{"post": post, "comment": comment} for post, comment in pins]
        )

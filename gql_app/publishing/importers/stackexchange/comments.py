"""Answers in Posts.xml and Comments.xml -> threads of comments."""

from collections.abc import Callable, Sequence
from typing import Any

from gql_app.publishing.comment import Comment
from gql_app.publishing.excerpts import TextFormat
from gql_app.publishing.importers.stackexchange.batch import Batch
from gql_app.publishing.importers.stackexchange.errors import DroppedError
from gql_app.publishing.importers.stackexchange.posts import ANSWER
from gql_app.publishing.importers.stackexchange.rows import Row
from gql_app.publishing.post import Post

_Columns = dict[str, Any]


def write_answers(batch: Batch) -> None:
    """Answers become the top-level comments of their question, in HTML."""
    rows = [row for row in batch.rows if row.get("PostTypeId") == ANSWER]
    author = batch.authors("Owner")
    sources = (batch.question_source(row.get("ParentId")) for row in rows)
    posts = batch.find(Post, sources, "id")

    def answer(row: Row) -> _Columns:
        post = posts.get(batch.question_source(row.get("ParentId")))
        if post is None:
            raise DroppedError("answer to a question that is not there")
        return {
            "source": batch.answer_source(row.number("Id")),
            **_columns(batch, row, row.text("Body"), author),
            "post_id": post.id,
            "parent_id": None,
            "format": TextFormat.HTML,
        }

    _insert(batch, batch.keep(rows, answer))


def write_comments(batch: Batch) -> None:
    """Comments on questions stay at the top, those on answers become replies."""
    author = batch.authors()
    numbers = [row.get("PostId") for row in batch.rows]
    posts = batch.find(Post, map(batch.question_source, numbers), "id")
    answers = batch.find(Comment, map(batch.answer_source, numbers), "id", "post_id")

    def comment(row: Row) -> _Columns:
        number = row.get("PostId")
        post: Any = posts.get(batch.question_source(number))
        answer: Any = answers.get(batch.answer_source(number))
        if post is None and answer is None:
            raise DroppedError("comment on a post that is not there")
        return {
            "source": batch.comment_source(row.number("Id")),
            **_columns(batch, row, row.text("Text"), author),
            "post_id": post.id if post else answer.post_id,
            "parent_id": None if post else answer.id,
            "format": TextFormat.MARKDOWN,
        }

    _insert(batch, batch.keep(batch.rows, comment))


def _columns(
    batch: Batch, row: Row, body: str, author: Callable[[Row], _Columns]
) -> _Columns:
    created = row.moment("CreationDate")
    return {
        "body": body,
        "created_at": created,
        "updated_at": batch.optional(row, "LastEditDate", Row.moment) or created,
        "score": batch.optional(row, "Score", Row.number) or 0,
        "license": (row.get("ContentLicense") or "")[:40] or None,
        **author(row),
    }


def _insert(batch: Batch, comments: Sequence[_Columns]) -> None:
    known = batch.find(Comment, (comment["source"] for comment in comments))
    new = [comment for comment in comments if comment["source"] not in known]
    batch.insert(Comment, new, offered=len(comments))

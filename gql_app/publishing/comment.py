"""Comments: what readers say under a post, in threads."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Optional

import sqlalchemy as sa
from pydantic import StringConstraints
from sqlmodel import Field, Relationship, SQLModel, col

from gql_app.engine.policy import Claim, Expression, Policy, ViewerTerms
from gql_app.engine.sqltypes import big_integer, text
from gql_app.publishing.base import (
    NEVER_AGAIN,
    Edited,
    Identified,
    enum_type,
    to_many,
    to_one,
)
from gql_app.publishing.excerpts import TextFormat
from gql_app.publishing.post import Post, PostStatus
from gql_app.publishing.user import for_admins, for_editors, own_name, written

if TYPE_CHECKING:
    from gql_app.publishing.user import User

CommentBody = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40_000)
]


class CommentBase(SQLModel):
    body: CommentBody = Field(sa_type=text(), description="The text, in its format.")
    format: TextFormat = Field(
        default=TextFormat.MARKDOWN,
        sa_type=enum_type(TextFormat, "format"),
        sa_column_kwargs={"server_default": TextFormat.MARKDOWN.name},
        description="How the body is marked up.",
    )


class Comment(CommentBase, Edited, Identified, table=True):
    __table_args__ = (
        sa.CheckConstraint("length(body) > 0", name="body_length"),
        sa.CheckConstraint("parent_id <> id", name="not_own_parent"),
        sa.UniqueConstraint("source"),
        sa.Index(None, "created_at", "id"),
        sa.Index(None, "post_id", "created_at", "id"),
        sa.Index(None, "author_id", "created_at", "id"),
        sa.Index(None, "parent_id", "created_at", "id"),
        NEVER_AGAIN,
    )

    post_id: int = Field(
        foreign_key="post.id", ondelete="CASCADE", sa_type=big_integer()
    )
    author_id: int | None = Field(
        default=None,
        foreign_key="user.id",
        ondelete="SET NULL",
        sa_type=big_integer(),
    )
    author_name: str | None = Field(default=None, sa_type=text(60))
    # Purging a comment for good takes its replies along; deleting it leaves them.
    parent_id: int | None = Field(
        default=None,
        foreign_key="comment.id",
        ondelete="CASCADE",
        sa_type=big_integer(),
    )
    score: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    source: str | None = Field(default=None, sa_type=text(200))
    license: str | None = Field(default=None, sa_type=text(40))
    deleted_at: datetime | None = None

    post: Optional["Post"] = Relationship(
        back_populates="comments",
        sa_relationship_kwargs=to_one(
            "The post that it is about.", foreign_keys="Comment.post_id"
        ),
    )
    author: Optional["User"] = Relationship(
        back_populates="comments",
        sa_relationship_kwargs=to_one("The author; null once the account is deleted."),
    )
    parent: Optional["Comment"] = Relationship(
        back_populates="replies",
        sa_relationship_kwargs=to_one(
            "The comment that it replies to; null at the top, and where that comment "
            "was deleted.",
            remote_side="Comment.id",
        ),
    )
    replies: list["Comment"] = Relationship(
        back_populates="parent",
        sa_relationship_kwargs=to_many("The comments that reply to this one."),
    )


class CommentRead(CommentBase, Edited):
    """What a reader says under a post."""

    id: int
    post_id: int = Field(description="The post that it is about.")
    author_id: int | None = Field(
        description="The author; null once the account is deleted."
    )
    author_name: str | None = Field(
        description="The author's name when the comment was written: it stays when "
        "the account is deleted."
    )
    parent_id: int | None = Field(
        description="The comment that it replies to, even if that was deleted; null "
        "at the top of a thread."
    )
    score: int = Field(description="Votes for the comment less votes against it.")
    source: str | None = Field(
        description="Where an imported comment comes from; null for those made here."
    )
    license: str | None = Field(
        description="The licence that an imported comment came with."
    )


class CommentCreate(CommentBase):
    post_id: int = Field(description="The post to comment on.")
    parent_id: int | None = Field(
        default=None, description="The comment to reply to, on the same post."
    )


class CommentUpdate(SQLModel):
    body: CommentBody | None = Field(
        default=None, description="The text, in its format."
    )
    format: TextFormat | None = Field(
        default=None, description="How the body is marked up."
    )


def readable(_: ViewerTerms, comment: Any) -> sa.ColumnElement[bool]:
    """Whatever is not deleted."""
    kept: sa.ColumnElement[bool] = comment.deleted_at.is_(None)
    return kept


def writable(viewer: ViewerTerms, comment: Any) -> sa.ColumnElement[bool] | bool:
    """Their own new comments for everyone, on posts that take comments."""
    taking = sa.exists().where(
        col(Post.id) == comment.post_id, col(Post.status) == PostStatus.PUBLISHED
    )
    own: sa.ColumnElement[bool] = comment.author_id == viewer.claim("id")
    return not viewer.anonymous and sa.and_(own, taking)


policy = Policy(
    read=readable,
    within="post",
    create=writable,
    update=written,
    delete=written,
    restore=for_editors,  # what they have deleted stays so
    purge=for_admins,
    presets={"author_id": Claim("id"), "author_name": Expression(own_name)},
)

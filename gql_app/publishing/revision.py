"""Revisions: what a post was before each edit."""

from typing import TYPE_CHECKING, Any, Optional

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, Relationship, SQLModel, col, select

from gql_app.engine.policy import Policy, ViewerTerms
from gql_app.engine.sqltypes import big_integer, text
from gql_app.publishing.base import NEVER_AGAIN, Created, Identified, enum_type, to_one
from gql_app.publishing.excerpts import TextFormat
from gql_app.publishing.post import Post
from gql_app.publishing.user import EDITORS

if TYPE_CHECKING:
    from gql_app.publishing.user import User


class RevisionBase(SQLModel):
    number: int = Field(description="The version of the post that it keeps.")
    title: str = Field(sa_type=text(250), description="The title of that version.")
    body: str = Field(sa_type=text(), description="The body of that version.")
    format: TextFormat = Field(
        default=TextFormat.MARKDOWN,
        sa_type=enum_type(TextFormat, "format"),
        sa_column_kwargs={"server_default": TextFormat.MARKDOWN.name},
        description="How that body is marked up.",
    )
    data: dict[str, Any] = Field(
        default_factory=dict,
        sa_type=sa.JSON().with_variant(JSONB(), "postgresql"),
        sa_column_kwargs={"server_default": "{}"},
        description="What else that version was: its `tags`, `slug` and `status`.",
    )


class Revision(RevisionBase, Created, Identified, table=True):
    __table_args__ = (
        sa.CheckConstraint("number > 0", name="number_positive"),
        sa.UniqueConstraint("post_id", "number"),
        sa.Index(None, "created_at", "id"),
        sa.Index(None, "post_id", "created_at", "id"),
        sa.Index(None, "editor_id", "created_at", "id"),
        NEVER_AGAIN,
    )

    post_id: int = Field(
        foreign_key="post.id", ondelete="CASCADE", sa_type=big_integer()
    )
    editor_id: int | None = Field(
        default=None,
        foreign_key="user.id",
        ondelete="SET NULL",
        sa_type=big_integer(),
    )

    post: Optional["Post"] = Relationship(
        back_populates="revisions",
        sa_relationship_kwargs=to_one("The post whose version it was."),
    )
    editor: Optional["User"] = Relationship(
        sa_relationship_kwargs=to_one(
            "The user whose edit replaced it; null once the account is deleted."
        )
    )


class RevisionRead(RevisionBase, Created):
    """An earlier version of a post, kept when it was edited."""

    id: int
    post_id: int = Field(description="The post whose version it was.")
    editor_id: int | None = Field(
        description="The user whose edit replaced it; null once the account is deleted."
    )


def readable(viewer: ViewerTerms, revision: Any) -> sa.ColumnElement[bool] | bool:
    """For the post's author and for editors."""
    if viewer.role in EDITORS or viewer.anonymous:
        return not viewer.anonymous
    own = select(Post.id).where(col(Post.author_id) == viewer.claim("id"))
    found: sa.ColumnElement[bool] = revision.post_id.in_(own)
    return found


policy = Policy(read=readable, within="post")

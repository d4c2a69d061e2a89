"""Bookmarks: posts that users want to find again."""

from typing import TYPE_CHECKING, Any, Optional

import sqlalchemy as sa
from sqlmodel import Field, Relationship

from gql_app.engine.policy import Claim, Policy, ViewerTerms, everyone
from gql_app.engine.sqltypes import big_integer
from gql_app.publishing.base import Created, to_one

if TYPE_CHECKING:
    from gql_app.publishing.post import Post
    from gql_app.publishing.user import User


class Bookmark(Created, table=True):
    __table_args__ = (
        sa.Index(None, "post_id", "created_at", "user_id"),
        sa.Index(None, "created_at", "user_id", "post_id"),
    )

    user_id: int = Field(
        primary_key=True,
        foreign_key="user.id",
        ondelete="CASCADE",
        sa_type=big_integer(),
    )
    post_id: int = Field(
        primary_key=True,
        foreign_key="post.id",
        ondelete="CASCADE",
        sa_type=big_integer(),
    )

    user: Optional["User"] = Relationship(
        sa_relationship_kwargs=to_one("The user who set the bookmark.")
    )
    post: Optional["Post"] = Relationship(
        sa_relationship_kwargs=to_one("The post that is bookmarked.")
    )


class BookmarkRead(Created):
    """A post that a user wants to find again."""

    user_id: int = Field(description="The user who set the bookmark.")
    post_id: int = Field(description="The post that is bookmarked.")


def own(viewer: ViewerTerms, bookmark: Any) -> sa.ColumnElement[bool] | bool:
    """What viewers set themselves."""
    theirs: sa.ColumnElement[bool] = bookmark.user_id == viewer.claim("id")
    return not viewer.anonymous and theirs


policy = Policy(
    read=everyone,
    within="post",
    create=own,
    delete=own,
    presets={"user_id": Claim("id")},
)

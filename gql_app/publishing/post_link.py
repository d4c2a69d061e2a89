"""Links from post to post: what belongs together, what was said before."""

from typing import Any, Optional

import sqlalchemy as sa
from sqlmodel import Field, Relationship, SQLModel, col

from gql_app.engine.policy import Policy, ViewerTerms
from gql_app.engine.sqltypes import big_integer
from gql_app.publishing import post
from gql_app.publishing.base import (
    Created,
    DescribedEnum,
    enum_type,
    table_of,
    to_one,
)
from gql_app.publishing.post import Post
from gql_app.publishing.user import AUTHORS, EDITORS


class PostLinkKind(DescribedEnum):
    """Why one post links to another."""

    RELATED = "related", "The other post is worth reading, too."
    DUPLICATE = "duplicate", "The other post says the same."


class PostLink(Created, table=True):
    __tablename__ = "post_link"
    __table_args__ = (
        sa.CheckConstraint("post_id <> target_id", name="not_itself"),
        sa.Index(None, "post_id", "created_at", "target_id", "kind"),
        sa.Index(None, "target_id", "created_at", "post_id", "kind"),
        sa.Index(None, "created_at", "post_id", "target_id", "kind"),
    )

    post_id: int = Field(
        primary_key=True,
        foreign_key="post.id",
        ondelete="CASCADE",
        sa_type=big_integer(),
    )
    target_id: int = Field(
        primary_key=True,
        foreign_key="post.id",
        ondelete="CASCADE",
        sa_type=big_integer(),
    )
    # Part of the key: two posts may be linked once for each reason.
    kind: PostLinkKind = Field(
        primary_key=True,
        sa_type=enum_type(PostLinkKind, "kind"),
        sa_column_kwargs={"server_default": PostLinkKind.RELATED.name},
    )

    post: Optional["Post"] = Relationship(
        back_populates="links",
        sa_relationship_kwargs=to_one(
            "The post that links.", foreign_keys="PostLink.post_id"
        ),
    )
    target: Optional["Post"] = Relationship(
        back_populates="backlinks",
        sa_relationship_kwargs=to_one(
            "The post that is linked to.",
            foreign_keys="PostLink.target_id",
        ),
    )


class PostLinkRead(Created):
    """A link from one post to another."""

    post_id: int = Field(description="The post that links.")
    target_id: int = Field(description="The post that is linked to.")
    kind: PostLinkKind = Field(description="Why it links.")


class PostLinkCreate(SQLModel):
    post_id: int = Field(description="The post that links.")
    target_id: int = Field(description="The post to link to.")
    kind: PostLinkKind = Field(
        default=PostLinkKind.RELATED, description="Why it links."
    )


def readable(viewer: ViewerTerms, link: Any) -> sa.ColumnElement[bool]:
    """Links to posts that the viewer may read: the key has the target's id."""
    target = table_of(Post).alias()
    return sa.exists().where(
        target.c.id == link.target_id, post.readable(viewer, target.c)
    )


def editable(viewer: ViewerTerms, link: Any) -> sa.ColumnElement[bool] | bool:
    """The links of those posts that the viewer may edit."""
    if viewer.role in EDITORS:
        return True
    own = sa.exists().where(
        col(Post.id) == link.post_id, col(Post.author_id) == viewer.claim("id")
    )
    return viewer.role in AUTHORS and own


policy = Policy(read=readable, within="post", create=editable, delete=editable)

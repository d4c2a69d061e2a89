"""Posts: articles and questions, the heart of the domain."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Optional

import sqlalchemy as sa
from pydantic import StringConstraints
from sqlmodel import Field, Relationship, SQLModel

from gql_app.engine.policy import Claim, Expression, Policy, ViewerTerms
from gql_app.engine.sqltypes import big_integer, text
from gql_app.publishing.base import (
    NEVER_AGAIN,
    DescribedEnum,
    Edited,
    Identified,
    enum_type,
    length_check,
    through,
    to_many,
    to_one,
)
from gql_app.publishing.bookmark import Bookmark
from gql_app.publishing.excerpts import TextFormat
from gql_app.publishing.post_tag import PostTag
from gql_app.publishing.user import (
    AUTHORS,
    EDITORS,
    for_admins,
    for_editors,
    own_name,
    written,
)

if TYPE_CHECKING:
    from gql_app.publishing.comment import Comment
    from gql_app.publishing.post_link import PostLink
    from gql_app.publishing.reaction import Reaction
    from gql_app.publishing.revision import Revision
    from gql_app.publishing.tag import Tag
    from gql_app.publishing.user import User

Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=250)
]
PostBody = Annotated[str, StringConstraints(min_length=1, max_length=100_000)]


class PostStatus(DescribedEnum):
    """Where a post is in its life."""

    DRAFT = "draft", "Being written: only its author and editors see it."
    PUBLISHED = "published", "Everyone reads it, and may comment."
    ARCHIVED = "archived", "Everyone reads it, but it takes no new comments."


class PostBase(SQLModel):
    title: Title = Field(sa_type=text(250), description="One line, without markup.")
    body: PostBody = Field(sa_type=text(), description="The text, in its format.")
    format: TextFormat = Field(
        default=TextFormat.MARKDOWN,
        sa_type=enum_type(TextFormat, "format"),
        sa_column_kwargs={"server_default": TextFormat.MARKDOWN.name},
        description="How the body is marked up.",
    )


class Post(PostBase, Edited, Identified, table=True):
    __table_args__ = (
        length_check("slug", 1, 100),
        length_check("title", 1, 250),
        sa.CheckConstraint("length(body) > 0", name="body_length"),
        sa.CheckConstraint(
            "status = 'DRAFT' OR published_at IS NOT NULL", name="published_at"
        ),
        sa.UniqueConstraint("slug"),
        sa.UniqueConstraint("source"),
        sa.Index(None, "created_at", "id"),
        sa.Index(None, "author_id", "created_at", "id"),
        sa.Index(None, "pinned_comment_id"),
        NEVER_AGAIN,
    )

    slug: str = Field(sa_type=text(100))
    status: PostStatus = Field(
        default=PostStatus.DRAFT,
        sa_type=enum_type(PostStatus, "status"),
        sa_column_kwargs={"server_default": PostStatus.DRAFT.name},
    )
    published_at: datetime | None = None
    author_id: int | None = Field(
        default=None,
        foreign_key="user.id",
        ondelete="SET NULL",
        sa_type=big_integer(),
    )
    author_name: str | None = Field(default=None, sa_type=text(60))
    # A pinned comment belongs to the post that pins it: the two tables refer to each
    # other, so one of the foreign keys has to be added after both exist.
    pinned_comment_id: int | None = Field(
        default=None,
        sa_type=big_integer(),
        sa_column_args=[
            sa.ForeignKey("comment.id", ondelete="SET NULL", use_alter=True)
        ],
    )
    score: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    view_count: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    source: str | None = Field(default=None, sa_type=text(200))
    license: str | None = Field(default=None, sa_type=text(40))
    deleted_at: datetime | None = None

    author: Optional["User"] = Relationship(
        back_populates="posts",
        sa_relationship_kwargs=to_one("The author; null once the account is deleted."),
    )
    comments: list["Comment"] = Relationship(
        back_populates="post",
        sa_relationship_kwargs=to_many(
            "The comments on the post, replies among them.",
            foreign_keys="Comment.post_id",
        ),
    )
    pinned_comment: Optional["Comment"] = Relationship(
        sa_relationship_kwargs=to_one(
            "The comment shown first, such as an accepted answer.",
            foreign_keys="Post.pinned_comment_id",
            post_update=True,
        ),
    )
    tags: list["Tag"] = Relationship(
        back_populates="posts",
        link_model=PostTag,
        sa_relationship_kwargs=to_many("What the post is about."),
    )
    reactions: list["Reaction"] = Relationship(
        back_populates="post",
        sa_relationship_kwargs=to_many("How readers reacted to the post."),
    )
    bookmarks: list["User"] = Relationship(
        back_populates="bookmarks",
        link_model=Bookmark,
        sa_relationship_kwargs=through("The users who bookmarked the post."),
    )
    links: list["PostLink"] = Relationship(
        back_populates="post",
        sa_relationship_kwargs=to_many(
            "Links from this post to others.", foreign_keys="PostLink.post_id"
        ),
    )
    backlinks: list["PostLink"] = Relationship(
        back_populates="target",
        sa_relationship_kwargs=to_many(
            "Links from other posts to this one.", foreign_keys="PostLink.target_id"
        ),
    )
    revisions: list["Revision"] = Relationship(
        back_populates="post",
        sa_relationship_kwargs=to_many(
            "The earlier versions of the post, for its author and for editors."
        ),
    )


class PostRead(PostBase, Edited):
    """An article or a question."""

    id: int
    slug: str = Field(description="The unique name in the post's address.")
    status: PostStatus = Field(description="Where the post is in its life.")
    published_at: datetime | None = Field(
        description="When it was first published; null for a draft that never was."
    )
    author_id: int | None = Field(
        description="The author; null once the account is deleted."
    )
    author_name: str | None = Field(
        description="The author's name when the post was written: it stays when the "
        "account is deleted."
    )
    score: int = Field(description="Votes for the post less votes against it.")
    view_count: int = Field(description="How often the post has been read.")
    version: int = Field(description="Counts the edits, beginning with 1.")
    source: str | None = Field(
        description="Where an imported post comes from; null for those written here."
    )
    license: str | None = Field(
        description="The licence that an imported post came with."
    )


class PostCreate(PostBase):
    pass


class PostUpdate(SQLModel):
    title: Title | None = Field(default=None, description="One line, without markup.")
    body: PostBody | None = Field(default=None, description="The text, in its format.")
    format: TextFormat | None = Field(
        default=None, description="How the body is marked up."
    )


def readable(viewer: ViewerTerms, post: Any) -> sa.ColumnElement[bool]:
    """Published and archived posts for everyone; drafts for their author and editors;
    deleted posts for nobody, until they are restored."""
    kept: sa.ColumnElement[bool] = post.deleted_at.is_(None)
    if viewer.role in EDITORS:
        return kept
    shown: sa.ColumnElement[bool] = post.status != PostStatus.DRAFT
    if not viewer.anonymous:
        shown = sa.or_(shown, post.author_id == viewer.claim("id"))
    return sa.and_(kept, shown)


def writable(viewer: ViewerTerms, post: Any) -> sa.ColumnElement[bool] | bool:
    """Their own new posts for authors."""
    own: sa.ColumnElement[bool] = post.author_id == viewer.claim("id")
    return viewer.role in AUTHORS and own


def editable(viewer: ViewerTerms, post: Any) -> sa.ColumnElement[bool] | bool:
    """Their own posts for authors, each for editors."""
    return viewer.role in AUTHORS and written(viewer, post)


policy = Policy(
    read=readable,
    create=writable,
    update=editable,
    delete=written,
    restore=for_editors,  # what they have deleted stays so
    purge=for_admins,
    presets={"author_id": Claim("id"), "author_name": Expression(own_name)},
)

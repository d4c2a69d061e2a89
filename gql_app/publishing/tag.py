"""Tags: what posts are about."""

from typing import TYPE_CHECKING, Annotated, Any

import sqlalchemy as sa
from pydantic import StringConstraints
from sqlmodel import Field, Relationship, SQLModel

from gql_app.engine.policy import Policy, ViewerTerms, everyone
from gql_app.engine.sqltypes import text
from gql_app.publishing.base import (
    NEVER_AGAIN,
    Identified,
    length_check,
    matching,
    to_many,
)
from gql_app.publishing.post_tag import PostTag
from gql_app.publishing.user import AUTHORS, for_editors

if TYPE_CHECKING:
    from gql_app.publishing.post import Post

TagName = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, min_length=1, max_length=40
    ),
    matching(r"[\w.+#-]+", "A tag has letters, digits and _ . + # - only."),
]
TagDescription = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)
]


class TagBase(SQLModel):
    name: TagName = Field(sa_type=text(40), description="Unique, lower case.")
    description: TagDescription | None = Field(
        default=None, sa_type=text(), description="When to use it, as plain text."
    )


class Tag(TagBase, Identified, table=True):
    __table_args__ = (
        sa.CheckConstraint("name = lower(name)", name="name_lower"),
        length_check("name", 1, 40),
        length_check("description", 1, 4000),
        sa.UniqueConstraint("name"),
        NEVER_AGAIN,
    )

    posts: list["Post"] = Relationship(
        back_populates="tags",
        link_model=PostTag,
        sa_relationship_kwargs=to_many("The posts that have the tag."),
    )


class TagRead(TagBase):
    """A topic that posts are about."""

    id: int


class TagCreate(TagBase):
    pass


class TagUpdate(SQLModel):
    name: TagName | None = Field(default=None, description="Unique, lower case.")
    description: TagDescription | None = Field(
        default=None, description="When to use it, as plain text."
    )


def writable(viewer: ViewerTerms, _: Any) -> bool:
    """New tags for authors."""
    return viewer.role in AUTHORS


policy = Policy(read=everyone, create=writable, update=for_editors, delete=for_editors)

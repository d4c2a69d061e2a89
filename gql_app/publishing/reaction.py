"""Reactions: what a reader feels about a post, in one sign."""

from typing import TYPE_CHECKING, Any, Optional

import sqlalchemy as sa
from sqlmodel import Field, Relationship

from gql_app.engine.policy import Claim, Policy, ViewerTerms, everyone
from gql_app.engine.sqltypes import big_integer
from gql_app.publishing.base import Created, DescribedEnum, enum_type, to_one

if TYPE_CHECKING:
    from gql_app.publishing.post import Post
    from gql_app.publishing.user import User


class ReactionKind(DescribedEnum):
    """The signs with which readers react."""

    LIKE = "like", "A thumbs up."
    LOVE = "love", "A heart."
    LAUGH = "laugh", "A laughing face."
    INSIGHTFUL = "insightful", "A light bulb: something was learned."
    CELEBRATE = "celebrate", "Confetti: well done."


class Reaction(Created, table=True):
    __table_args__ = (
        sa.Index(None, "post_id", "created_at", "user_id", "kind"),
        sa.Index(None, "user_id", "created_at", "post_id", "kind"),
        sa.Index(None, "created_at", "user_id", "post_id", "kind"),
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
    kind: ReactionKind = Field(
        primary_key=True, sa_type=enum_type(ReactionKind, "kind")
    )

    user: Optional["User"] = Relationship(
        back_populates="reactions",
        sa_relationship_kwargs=to_one("The user who reacted."),
    )
    post: Optional["Post"] = Relationship(
        back_populates="reactions",
        sa_relationship_kwargs=to_one("The post reacted to."),
    )


class ReactionRead(Created):
    """What a reader feels about a post; one of each kind per reader and post."""

    user_id: int = Field(description="The user who reacted.")
    post_id: int = Field(description="The post reacted to.")
    kind: ReactionKind = Field(description="The sign.")


def own(viewer: ViewerTerms, reaction: Any) -> sa.ColumnElement[bool] | bool:
    """What viewers set themselves."""
    theirs: sa.ColumnElement[bool] = reaction.user_id == viewer.claim("id")
    return not viewer.anonymous and theirs


policy = Policy(
    read=everyone,
    within="post",
    create=own,
    delete=own,
    presets={"user_id": Claim("id")},
)

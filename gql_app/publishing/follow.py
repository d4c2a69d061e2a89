"""Follows: users who want to hear of other users."""

from typing import TYPE_CHECKING, Any, Optional

import sqlalchemy as sa
from sqlmodel import Field, Relationship

from gql_app.engine.policy import Claim, Policy, ViewerTerms, everyone
from gql_app.engine.sqltypes import big_integer
from gql_app.publishing.base import Created, to_one

if TYPE_CHECKING:
    from gql_app.publishing.user import User


class Follow(Created, table=True):
    __table_args__ = (
        sa.CheckConstraint("follower_id <> followed_id", name="not_oneself"),
        sa.Index(None, "followed_id", "created_at", "follower_id"),
        sa.Index(None, "created_at", "follower_id", "followed_id"),
    )

    follower_id: int = Field(
        primary_key=True,
        foreign_key="user.id",
        ondelete="CASCADE",
        sa_type=big_integer(),
    )
    followed_id: int = Field(
        primary_key=True,
        foreign_key="user.id",
        ondelete="CASCADE",
        sa_type=big_integer(),
    )

    follower: Optional["User"] = Relationship(
        sa_relationship_kwargs=to_one(
            "The user who follows.", foreign_keys="Follow.follower_id"
        )
    )
    followed: Optional["User"] = Relationship(
        sa_relationship_kwargs=to_one(
            "The user who is followed.", foreign_keys="Follow.followed_id"
        )
    )


class FollowRead(Created):
    """One user following another."""

    follower_id: int = Field(description="The user who follows.")
    followed_id: int = Field(description="The user who is followed.")


def own(viewer: ViewerTerms, follow: Any) -> sa.ColumnElement[bool] | bool:
    """Whom viewers follow themselves."""
    theirs: sa.ColumnElement[bool] = follow.follower_id == viewer.claim("id")
    return not viewer.anonymous and theirs


policy = Policy(
    read=everyone, create=own, delete=own, presets={"follower_id": Claim("id")}
)

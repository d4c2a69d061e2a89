"""Profiles: what a user says of themselves, one per account."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Optional

import sqlalchemy as sa
from pydantic import StringConstraints
from sqlmodel import Field, Relationship, SQLModel

from gql_app.engine.policy import Policy, ViewerTerms, everyone
from gql_app.engine.sqltypes import big_integer, text
from gql_app.publishing.base import (
    NEVER_AGAIN,
    Identified,
    length_check,
    matching,
    to_one,
)
from gql_app.publishing.user import ADMINS

if TYPE_CHECKING:
    from gql_app.publishing.user import User

Bio = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
Website = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=200),
    matching(
        r"https?://[^\s/]+(?:/\S*)?",
        "A website's address begins with http:// or https://.",
    ),
]
Location = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]


class ProfileBase(SQLModel):
    bio: Bio | None = Field(
        default=None, sa_type=text(), description="A few words, as plain text."
    )
    website: Website | None = Field(
        default=None, sa_type=text(200), description="An http or https address."
    )
    location: Location | None = Field(
        default=None, sa_type=text(100), description="A place, in the user's own words."
    )


class Profile(ProfileBase, Identified, table=True):
    __table_args__ = (
        length_check("bio", 0, 4000),
        length_check("website", 0, 200),
        length_check("location", 0, 100),
        sa.UniqueConstraint("user_id"),
        NEVER_AGAIN,
    )

    user_id: int = Field(
        foreign_key="user.id", ondelete="CASCADE", sa_type=big_integer()
    )
    view_count: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    last_seen_at: datetime | None = None

    user: Optional["User"] = Relationship(
        back_populates="profile",
        sa_relationship_kwargs=to_one("The user whose profile it is."),
    )


class ProfileRead(ProfileBase):
    """What a user says of themselves."""

    id: int
    user_id: int = Field(description="The user whose profile it is.")
    view_count: int = Field(description="How often the profile has been looked at.")
    last_seen_at: datetime | None = Field(
        description="When the user was last here; null if unknown."
    )


class ProfileUpdate(ProfileBase):
    pass


def editable(viewer: ViewerTerms, profile: Any) -> sa.ColumnElement[bool] | bool:
    """Their own for everyone, each for admins."""
    if viewer.role in ADMINS:
        return True
    own: sa.ColumnElement[bool] = profile.user_id == viewer.claim("id")
    return not viewer.anonymous and own


policy = Policy(read=everyone, within="user", update=editable)

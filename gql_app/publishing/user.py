"""Accounts: who writes, reads, follows and keeps order."""

from typing import TYPE_CHECKING, Annotated, Any, Optional

import sqlalchemy as sa
from pydantic import AfterValidator, SecretStr, StringConstraints
from sqlmodel import Field, Relationship, SQLModel

from gql_app.engine.policy import Policy, ViewerTerms, everyone
from gql_app.engine.sqltypes import text
from gql_app.publishing.base import (
    NEVER_AGAIN,
    Created,
    DescribedEnum,
    Identified,
    enum_type,
    length_check,
    matching,
    table_of,
    through,
    to_many,
)
from gql_app.publishing.bookmark import Bookmark
from gql_app.publishing.follow import Follow

if TYPE_CHECKING:
    from gql_app.publishing.comment import Comment
    from gql_app.publishing.post import Post
    from gql_app.publishing.profile import Profile
    from gql_app.publishing.reaction import Reaction

Username = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=2, max_length=40),
    matching(
        r"[a-z0-9]+(?:[._-][a-z0-9]+)*",
        "A username has lower-case letters and digits, and single . _ - between them.",
    ),
]
DisplayName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)
]
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, max_length=254),
    matching(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+", "This is not an e-mail address."),
]


def long_enough(password: SecretStr) -> SecretStr:
    """The password, if people may choose it; ValueError otherwise."""
    if not 10 <= len(password) <= 128:
        raise ValueError("A password has 10 to 128 characters.")
    return password


Password = Annotated[SecretStr, AfterValidator(long_enough)]


class Role(DescribedEnum):
    """What an account may do."""

    READER = "reader", "Reads, comments, reacts and bookmarks."
    AUTHOR = "author", "Also writes posts."
    EDITOR = "editor", "Also reads, edits and publishes the posts of others."
    ADMIN = "admin", "Also manages accounts."


EDITORS = frozenset({Role.EDITOR.value, Role.ADMIN.value})
"""The viewer roles that read and edit the work of others."""
AUTHORS = EDITORS | {Role.AUTHOR.value}
"""The viewer roles that write posts."""
ADMINS = frozenset({Role.ADMIN.value})
"""The viewer roles that manage accounts."""


class UserBase(SQLModel):
    username: Username = Field(
        sa_type=text(40),
        description="The unique short name: lower-case letters, digits and . _ -",
    )
    display_name: DisplayName = Field(
        sa_type=text(60), description="The name shown beside what the user writes."
    )


class User(UserBase, Created, Identified, table=True):
    __table_args__ = (
        sa.CheckConstraint("username = lower(username)", name="username_lower"),
        length_check("username", 2, 40),
        length_check("display_name", 1, 60),
        sa.UniqueConstraint("username"),
        sa.UniqueConstraint("email"),
        sa.UniqueConstraint("source"),
        NEVER_AGAIN,
    )

    email: str | None = Field(default=None, sa_type=text(254))
    # Accounts without one, such as imported ones, can't sign in.
    password_hash: str | None = Field(default=None, sa_type=text(255))
    role: Role = Field(
        default=Role.READER,
        sa_type=enum_type(Role, "role"),
        sa_column_kwargs={"server_default": Role.READER.name},
    )
    reputation: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    source: str | None = Field(default=None, sa_type=text(200))

    profile: Optional["Profile"] = Relationship(
        back_populates="user",
        sa_relationship_kwargs=to_many(
            "What the user says of themselves.", uselist=False
        ),
    )
    posts: list["Post"] = Relationship(
        back_populates="author",
        sa_relationship_kwargs=to_many("The posts the user has written."),
    )
    comments: list["Comment"] = Relationship(
        back_populates="author",
        sa_relationship_kwargs=to_many("The comments the user has written."),
    )
    reactions: list["Reaction"] = Relationship(
        back_populates="user",
        sa_relationship_kwargs=to_many("The user's reactions to posts."),
    )
    bookmarks: list["Post"] = Relationship(
        back_populates="bookmarks",
        link_model=Bookmark,
        sa_relationship_kwargs=through("The posts the user has bookmarked."),
    )
    following: list["User"] = Relationship(
        back_populates="followers",
        link_model=Follow,
        sa_relationship_kwargs=through(
            "The users whom this user follows.",
            primaryjoin="User.id == Follow.follower_id",
            secondaryjoin="User.id == Follow.followed_id",
        ),
    )
    followers: list["User"] = Relationship(
        back_populates="following",
        link_model=Follow,
        sa_relationship_kwargs=through(
            "The users who follow this user.",
            primaryjoin="User.id == Follow.followed_id",
            secondaryjoin="User.id == Follow.follower_id",
        ),
    )


class UserRead(UserBase, Created):
    """Someone with an account."""

    id: int
    email: str | None = Field(
        description="What to sign in with instead of the username; for the user's own "
        "eyes, and those of admins."
    )
    role: Role = Field(description="What the account may do.")
    reputation: int = Field(
        description="The standing earned among the others; never computed, only kept."
    )
    source: str | None = Field(
        description="Where an imported account comes from; null for those made here."
    )


class UserCreate(UserBase):
    email: Email = Field(description="For signing in; only admins are shown it, too.")
    password: Password = Field(description="Ten characters or more.")


class UserUpdate(SQLModel):
    display_name: DisplayName | None = Field(
        default=None, description="The name shown beside what the user writes."
    )
    email: Email | None = Field(
        default=None,
        description="For signing in; for admins to set. One's own: `changeEmail`.",
    )
    role: Role | None = Field(
        default=None, description="What the account may do; for admins to set."
    )


def manageable(viewer: ViewerTerms, user: Any) -> sa.ColumnElement[bool] | bool:
    """Their own account for everyone, each for admins."""
    if viewer.role in ADMINS:
        return True
    own: sa.ColumnElement[bool] = user.id == viewer.claim("id")
    return not viewer.anonymous and own


def written(viewer: ViewerTerms, row: Any) -> sa.ColumnElement[bool] | bool:
    """What they wrote themselves for everyone, each row for editors."""
    if viewer.role in EDITORS:
        return True
    own: sa.ColumnElement[bool] = row.author_id == viewer.claim("id")
    return not viewer.anonymous and own


def for_editors(viewer: ViewerTerms, _: Any) -> bool:
    """Each row for editors."""
    return viewer.role in EDITORS


def for_admins(viewer: ViewerTerms, _: Any) -> bool:
    """Each row for admins."""
    return viewer.role in ADMINS


def own_name(viewer: ViewerTerms) -> sa.ColumnElement[Any]:
    """The viewer's display name, to be kept with what they write."""
    user = table_of(User)
    own = sa.select(user.c.display_name).where(user.c.id == viewer.claim("id"))
    return own.scalar_subquery()


policy = Policy(
    read=everyone,
    readers={"email": manageable},
    update=manageable,
    delete=for_admins,  # of one's own: `deleteAccount`, which asks for the password
    # Whoever sets addresses finds out which are taken: others do it by `changeEmail`.
    writers={"role": ADMINS, "email": ADMINS},
)

"""A company: columns of every type, keys among them, that not everybody may read."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import wraps
from typing import Any, Optional
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship, SQLModel

from gql_app.engine import Api, Policy, Rule, ViewerTerms, everyone
from gql_app.engine.sqltypes import big_integer, exact_decimal, text


class Base(SQLModel, registry=registry()):
    """Keeps these tables apart from the metadata of the application."""


class Rank(Enum):
    """A type of its own on PostgreSQL."""

    JUNIOR = "j"
    SENIOR = "s"


class Badge(Base, table=True):
    """A link with a key of its own, so that even its ends can have readers."""

    __table_args__ = (sa.UniqueConstraint("member_id", "club_id"),)

    id: int | None = Field(default=None, primary_key=True)
    member_id: int = Field(foreign_key="member.id", sa_type=big_integer())
    club_id: int = Field(foreign_key="club.id")
    fee: Decimal = Field(sa_type=exact_decimal(8, 2))
    since: date | None = None


class BadgeRead(SQLModel):
    """That a member is in a club."""

    id: int
    member_id: int
    club_id: int
    fee: Decimal
    since: date | None


class Club(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, sa_type=text())

    members: list["Member"] = Relationship(back_populates="clubs", link_model=Badge)


class ClubRead(SQLModel):
    """Where members meet."""

    id: int
    name: str


class Team(Base, table=True):
    number: int = Field(primary_key=True)
    code: str = Field(unique=True, sa_type=text(8))
    open: bool

    members: list["Member"] = Relationship(back_populates="team")


class TeamRead(SQLModel):
    """Members refer to its code, which is secret unless the team is open."""

    number: int
    code: str
    open: bool


class Member(Base, table=True):
    id: int | None = Field(default=None, primary_key=True, sa_type=big_integer())
    name: str = Field(sa_type=text())
    email: str = Field(unique=True, sa_type=text(60))
    phone: str | None = Field(default=None, unique=True)
    salary: Decimal | None = Field(default=None, sa_type=exact_decimal(12, 2))
    level: int
    size: int | None = Field(default=None, sa_type=sa.BigInteger)
    rating: float | None = None
    active: bool
    rank: Rank
    token: UUID | None = None
    facts: Any = Field(default=None, sa_type=sa.JSON, nullable=True)
    seen_at: datetime
    day: date | None = None
    absence: timedelta | None = None
    photo: bytes | None = None
    boss_id: int | None = Field(
        default=None, foreign_key="member.id", sa_type=big_integer()
    )
    team_code: str | None = Field(
        default=None, foreign_key="team.code", sa_type=text(8)
    )

    boss: Optional["Member"] = Relationship(
        back_populates="reports", sa_relationship_kwargs={"remote_side": "Member.id"}
    )
    reports: list["Member"] = Relationship(back_populates="boss")
    team: Team | None = Relationship(back_populates="members")
    clubs: list[Club] = Relationship(back_populates="members", link_model=Badge)


class MemberRead(SQLModel):
    """Somebody who works here."""

    id: int
    name: str
    email: str
    phone: str | None
    salary: Decimal | None
    level: int
    size: int | None
    rating: float | None
    active: bool
    rank: Rank
    token: UUID | None
    facts: Any = None
    seen_at: datetime
    day: date | None
    absence: timedelta | None
    photo: bytes | None
    boss_id: int | None
    team_code: str | None


def own(viewer: ViewerTerms, member: Any) -> Any:
    """Their own, and everything for admins."""
    return viewer.role == "admin" or (
        not viewer.anonymous and member.id == viewer.claim("id")
    )


def experienced(viewer: ViewerTerms, member: Any) -> Any:
    """By a column that has readers itself: rules see what is there."""
    return viewer.role == "admin" or member.level > 2


def clubmates(viewer: ViewerTerms, member: Any) -> Any:
    """By another table."""
    badges = sa.inspect(Badge).local_table.alias()
    met = badges.c.member_id == member.id, badges.c.club_id == viewer.claim("club")
    return viewer.role == "admin" or sa.exists().where(*met)


def holders(viewer: ViewerTerms, badge: Any) -> Any:
    return viewer.role == "admin" or (
        not viewer.anonymous and badge.member_id == viewer.claim("id")
    )


def dated(viewer: ViewerTerms, badge: Any) -> Any:
    return viewer.role == "admin" or badge.since.is_not(None)


def opened(viewer: ViewerTerms, team: Any) -> Any:
    return viewer.role == "admin" or team.open


READERS: Mapping[type[SQLModel], Mapping[str, Rule]] = {
    Member: {
        **dict.fromkeys(("email", "phone", "level", "seen_at", "photo"), own),
        **dict.fromkeys(("rank", "facts", "size", "boss_id", "day"), experienced),
        **dict.fromkeys(("salary", "active", "token", "rating", "absence"), clubmates),
    },
    Team: {"code": opened},
    Badge: {"member_id": holders, "fee": dated},
    Club: {},
}


def mailbox(name: str, email: str) -> str:
    """A name with an address; not called where the address is hidden."""
    assert isinstance(email, str)
    return f"{name} <{email}>"


@wraps(mailbox)
def told_mailbox(name: str, email: str | None) -> str | None:
    return None if email is None else mailbox(name, email)


def band(salary: Decimal | None, facts: Any) -> int | None:
    """How much that is, roughly."""
    return None if salary is None or facts is None else int(salary) // 1000


Readers = Mapping[type[SQLModel], Mapping[str, Rule]]
TOLD: Readers = {
    model: dict.fromkeys(rules, everyone) for model, rules in READERS.items()
}
"""Everybody may read everything."""


def company(readers: Readers = READERS) -> Api:
    """An API of all these tables."""
    api = Api()
    told = readers is TOLD
    api.add(
        Member,
        read=MemberRead,
        policy=Policy(read=everyone, readers=readers.get(Member, {})),
        order_by=("-email",),
        computed=(told_mailbox if told else mailbox, band),
    )
    for model, read in ((Team, TeamRead), (Badge, BadgeRead), (Club, ClubRead)):
        policy = Policy(read=everyone, readers=readers.get(model, {}))
        api.add(model, read=read, policy=policy)
    return api

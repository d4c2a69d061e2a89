"""Small tables of the tests' own: every kind of key, relation and policy."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Optional
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship, SQLModel

from gql_app.engine import Api, Policy, ViewerTerms, everyone
from gql_app.engine.sqltypes import big_integer, text


class Base(SQLModel, registry=registry()):
    """Keeps these tables apart from the metadata of the application."""


class CountryRead(SQLModel):
    """A country; its key is a text that isn't named id."""

    code: str = Field(description="Two letters.")
    name: str


class Country(Base, table=True):
    code: str = Field(primary_key=True, sa_type=text(2))
    name: str = Field(sa_type=text())

    cities: list["City"] = Relationship(back_populates="country")


class CityRead(SQLModel):
    """A city; its key has two columns, one of which is a foreign key."""

    country_code: str
    name: str
    population: int | None = Field(default=None, description="How many live there.")


class City(Base, table=True):
    country_code: str = Field(
        primary_key=True, foreign_key="country.code", sa_type=text(2)
    )
    name: str = Field(primary_key=True, sa_type=text())
    population: int | None = Field(default=None, sa_type=sa.BigInteger)

    country: Country = Relationship(back_populates="cities")
    residents: list["Person"] = Relationship(back_populates="home")


class Friendship(Base, table=True):
    """A link without columns of its own, from persons to persons."""

    left_id: int = Field(primary_key=True, foreign_key="person.id")
    right_id: int = Field(primary_key=True, foreign_key="person.id")


class LikeRead(SQLModel):
    """A paper that somebody likes."""

    person_id: int
    paper_id: int
    stars: int = Field(description="One to five.")
    remark: str | None = None


class Like(Base, table=True):
    """A link with columns of its own; some likes are private."""

    person_id: int = Field(primary_key=True, foreign_key="person.id")
    paper_id: int = Field(primary_key=True, foreign_key="paper.id")
    stars: int
    remark: str | None = Field(default=None, sa_type=text())
    public: bool = True

    person: "Person" = Relationship(sa_relationship_kwargs={"viewonly": True})
    paper: "Paper" = Relationship(sa_relationship_kwargs={"viewonly": True})


class PaperTopic(Base, table=True):
    """A link without columns of its own."""

    paper_id: int = Field(primary_key=True, foreign_key="paper.id")
    topic_slug: str = Field(primary_key=True, foreign_key="topic.slug", sa_type=text())


class PersonRead(SQLModel):
    """Somebody; not readable once deleted."""

    id: int
    name: str = Field(description="The full name.")
    nickname: str | None = Field(default=None, schema_extra={"deprecated": "Use name."})
    home_country: str | None = None
    mentor_id: int | None = None


class Person(Base, table=True):
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["home_country", "home_city"], ["city.country_code", "city.name"]
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=big_integer())
    name: str = Field(sa_type=text())
    nickname: str | None = Field(default=None, sa_type=text())
    email: str | None = Field(default=None, unique=True)
    home_country: str | None = Field(default=None, sa_type=text(2))
    home_city: str | None = Field(default=None, sa_type=text())
    mentor_id: int | None = Field(
        default=None, foreign_key="person.id", sa_type=big_integer()
    )
    deleted_at: datetime | None = None

    home: City | None = Relationship(back_populates="residents")
    mentor: Optional["Person"] = Relationship(
        back_populates="mentees",
        sa_relationship_kwargs={
            "remote_side": "Person.id",
            "doc": "Who teaches this person.",
        },
    )
    mentees: list["Person"] = Relationship(back_populates="mentor")
    passport: Optional["Passport"] = Relationship(
        back_populates="person", sa_relationship_kwargs={"uselist": False}
    )
    written: list["Paper"] = Relationship(
        back_populates="author",
        sa_relationship_kwargs={"foreign_keys": "Paper.author_id"},
    )
    reviewed: list["Paper"] = Relationship(
        back_populates="reviewer",
        sa_relationship_kwargs={"foreign_keys": "Paper.reviewer_id"},
    )
    friends: list["Person"] = Relationship(
        link_model=Friendship,
        sa_relationship_kwargs={
            "primaryjoin": "Person.id == Friendship.left_id",
            "secondaryjoin": "Person.id == Friendship.right_id",
        },
    )
    liked: list["Paper"] = Relationship(back_populates="fans", link_model=Like)


class PassportRead(SQLModel):
    """The other end of a 1-1 relation; its key is a UUID."""

    id: UUID
    number: str


class Passport(Base, table=True):
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    number: str = Field(unique=True, sa_type=text())
    person_id: int = Field(unique=True, foreign_key="person.id", sa_type=big_integer())

    person: Person = Relationship(back_populates="passport")


class PaperRead(SQLModel):
    """Something written; readable by its author only until it is published."""

    id: int
    title: str
    pages: int | None = None
    author_id: int
    reviewer_id: int | None = None


class Paper(Base, table=True):
    id: int | None = Field(default=None, primary_key=True, sa_type=big_integer())
    title: str = Field(sa_type=text())
    pages: int | None = None
    published: bool = True
    author_id: int = Field(foreign_key="person.id", sa_type=big_integer())
    reviewer_id: int | None = Field(
        default=None, foreign_key="person.id", sa_type=big_integer()
    )

    author: Person = Relationship(
        back_populates="written",
        sa_relationship_kwargs={"foreign_keys": "Paper.author_id"},
    )
    reviewer: Person | None = Relationship(
        back_populates="reviewed",
        sa_relationship_kwargs={"foreign_keys": "Paper.reviewer_id"},
    )
    topics: list["Topic"] = Relationship(back_populates="papers", link_model=PaperTopic)
    fans: list[Person] = Relationship(back_populates="liked", link_model=Like)
    notes: list["Note"] = Relationship(back_populates="paper")


class TopicRead(SQLModel):
    """What papers are about."""

    slug: str


class Topic(Base, table=True):
    slug: str = Field(primary_key=True, sa_type=text())

    papers: list[Paper] = Relationship(back_populates="topics", link_model=PaperTopic)


class NoteRead(SQLModel):
    """A remark in the margin; readable where its paper is."""

    id: int
    body: str
    paper_id: int


class Note(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    body: str = Field(sa_type=text())
    paper_id: int = Field(foreign_key="paper.id", sa_type=big_integer())

    paper: Paper = Relationship(back_populates="notes")


def not_deleted(viewer: ViewerTerms, person: Any) -> Any:
    return viewer.role == "admin" or person.deleted_at.is_(None)


def own_or_published(viewer: ViewerTerms, paper: Any) -> Any:
    if viewer.role == "admin":
        return True
    own = paper.author_id == viewer.claim("id")
    return paper.published if viewer.anonymous else sa.or_(paper.published, own)


def own_or_public(viewer: ViewerTerms, like: Any) -> Any:
    own = like.person_id == viewer.claim("id")
    return like.public if viewer.anonymous else sa.or_(like.public, own)


def own(viewer: ViewerTerms, passport: Any) -> Any:
    return viewer.role == "admin" or passport.person_id == viewer.claim("id")


def initials(name: str) -> str:
    """The first letter of each word of the name."""
    return "".join(word[0] for word in name.split())


def title_length(title: str, pages: int | None) -> int:
    """How long the title is, plus the pages."""
    return len(title) + (pages or 0)


def library(**options: Any) -> Api:
    """An API of all these tables; `options` replace the policies by table name."""
    policy: Callable[[str, Policy], Policy] = options.get
    api = Api()
    public = Policy(read=everyone)
    api.add(Country, read=CountryRead, policy=public, plural="Countries")
    api.add(City, read=CityRead, policy=public, order_by=("-population",))
    api.add(
        Person,
        read=PersonRead,
        policy=policy("person", Policy(read=not_deleted)),
        order_by=("name",),
        computed=(initials,),
        plural="People",
    )
    api.add(Passport, read=PassportRead, policy=policy("passport", Policy(read=own)))
    api.add(
        Paper,
        read=PaperRead,
        policy=policy("paper", Policy(read=own_or_published)),
        order_by=("-pages", "title"),
        computed=(title_length,),
    )
    api.add(Topic, read=TopicRead, policy=public)
    api.add(Like, read=LikeRead, policy=policy("like", Policy(read=own_or_public)))
    api.add(Note, read=NoteRead, policy=Policy(read=everyone, within="paper"))
    return api

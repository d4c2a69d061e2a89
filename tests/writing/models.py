"""Tables of the tests' own: a small magazine whose rows can be written."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Optional

import sqlalchemy as sa
from pydantic import StringConstraints, model_validator
from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship, SQLModel

from gql_app.engine import Viewer
from gql_app.engine.sqltypes import big_integer, exact_decimal, text

ADA = Viewer("author", {"id": 1})
BOB = Viewer("author", {"id": 2})
EDITOR = Viewer("editor", {"id": 3})


class Base(SQLModel, registry=registry()):
    """Keeps these tables apart from the metadata of the application."""


class Status(Enum):
    """Where an article is."""

    DRAFT = "draft"
    PUBLISHED = "published"


Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)
]
Name = Annotated[str, StringConstraints(to_lower=True, pattern=r"^[a-zA-Z0-9-]+$")]


def now() -> datetime:
    return datetime.now(UTC)


class Author(Base, table=True):
    id: int | None = Field(default=None, primary_key=True, sa_type=big_integer())
    name: str = Field(unique=True, sa_type=text(60))

    articles: list["Article"] = Relationship(back_populates="author")
    letters: list["Letter"] = Relationship(back_populates="author")


class AuthorRead(SQLModel):
    """Somebody who writes."""

    id: int
    name: str


class AuthorCreate(SQLModel):
    name: Name


class ArticleLabel(Base, table=True):
    """A link without columns of its own."""

    article_id: int = Field(
        primary_key=True, foreign_key="article.id", ondelete="CASCADE"
    )
    label_id: int = Field(primary_key=True, foreign_key="label.id")


class Article(Base, table=True):
    __table_args__ = (
        sa.CheckConstraint("rating >= 0 AND rating <= 5", name="ck_rating"),
        sa.UniqueConstraint("author_id", "title", name="uq_author_title"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=big_integer())
    title: str = Field(sa_type=text(40))
    slug: str = Field(unique=True, sa_type=text(20))
    status: Status = Field(default=Status.DRAFT)
    rating: int | None = None
    price: Decimal | None = Field(default=None, sa_type=exact_decimal(8, 2))
    extra: Any = Field(default=None, sa_type=sa.JSON, nullable=True)
    author_id: int = Field(foreign_key="author.id", sa_type=big_integer())
    version: int = Field(default=1)
    changed_at: datetime = Field(
        default_factory=now, sa_column_kwargs={"onupdate": now}
    )
    deleted_at: datetime | None = None

    author: Author | None = Relationship(back_populates="articles")
    notes: list["Note"] = Relationship(back_populates="article")
    labels: list["Label"] = Relationship(
        back_populates="articles", link_model=ArticleLabel
    )
    issues: list["Issue"] = Relationship(
        back_populates="contents", sa_relationship_kwargs={"secondary": "placement"}
    )


class ArticleRead(SQLModel):
    """Something to read."""

    id: int
    title: str
    slug: str
    status: Status
    rating: int | None
    price: Decimal | None
    extra: Any
    author_id: int
    version: int
    changed_at: datetime


class ArticleCreate(SQLModel):
    title: Title
    slug: str
    status: Status = Status.DRAFT
    rating: int | None = None
    price: Decimal | None = None
    extra: Any = None

    @model_validator(mode="after")
    def no_shouting(self) -> "ArticleCreate":
        if self.title.isupper() and self.status is Status.PUBLISHED:
            raise ValueError("Published titles don't shout")
        return self


class ArticleUpdate(SQLModel):
    title: Title | None = None
    slug: str | None = None
    status: Status | None = None
    rating: int | None = None
    author_id: int | None = None


class Note(Base, table=True):
    __table_args__ = (sa.UniqueConstraint("article_id", "number"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=big_integer())
    article_id: int = Field(
        foreign_key="article.id", ondelete="CASCADE", sa_type=big_integer()
    )
    number: int
    body: str = Field(sa_type=text())

    article: Article | None = Relationship(back_populates="notes")


class NoteRead(SQLModel):
    """A note on an article."""

    id: int
    article_id: int
    number: int
    body: str


class NoteCreate(SQLModel):
    article_id: int
    number: int
    body: Title


class NoteUpdate(SQLModel):
    article_id: int | None = None
    body: Title | None = None


class Label(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, sa_type=text(20))
    secret: bool = False

    articles: list[Article] = Relationship(
        back_populates="labels", link_model=ArticleLabel
    )


class LabelRead(SQLModel):
    """What an article is about."""

    id: int
    name: str


class LabelCreate(SQLModel):
    name: Name


class Placement(Base, table=True):
    """A link with columns of its own."""

    issue_id: int = Field(primary_key=True, foreign_key="issue.id", ondelete="CASCADE")
    article_id: int = Field(
        primary_key=True, foreign_key="article.id", ondelete="CASCADE"
    )
    page: int
    remark: str | None = Field(default=None, sa_type=text(40))


class PlacementRead(SQLModel):
    """Where an article stands in an issue."""

    issue_id: int
    article_id: int
    page: int
    remark: str | None


class PlacementCreate(SQLModel):
    issue_id: int
    article_id: int
    page: int = Field(ge=1)
    remark: str | None = None


class Issue(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    number: int = Field(unique=True)

    contents: list[Article] = Relationship(
        back_populates="issues", link_model=Placement
    )


class IssueRead(SQLModel):
    """One issue of the magazine."""

    id: int
    number: int


class IssueCreate(SQLModel):
    number: int


class IssueUpdate(SQLModel):
    number: int | None = None


class Letter(Base, table=True):
    id: int | None = Field(default=None, primary_key=True, sa_type=big_integer())
    subject: str = Field(sa_type=text(40))
    author_id: int = Field(foreign_key="author.id", sa_type=big_integer())
    answers_id: int | None = Field(
        default=None, foreign_key="letter.id", sa_type=big_integer()
    )
    raw: bytes | None = None
    weight: float | None = None

    author: Author | None = Relationship(back_populates="letters")
    replies: list["Letter"] = Relationship(back_populates="answered")
    answered: Optional["Letter"] = Relationship(
        back_populates="replies",
        sa_relationship_kwargs={"remote_side": "Letter.id"},
    )


class LetterRead(SQLModel):
    """What somebody has written to the magazine."""

    id: int
    subject: str
    author_id: int
    answers_id: int | None
    raw: bytes | None
    weight: float | None


class LetterCreate(SQLModel):
    subject: Title
    author_id: int
    answers_id: int | None = None
    raw: bytes | None = None
    weight: float | None = None
    loud: bool = False


class LetterUpdate(SQLModel):
    subject: Title | None = None


class Log(Base, table=True):
    """What hooks write down; not a part of any API."""

    id: int | None = Field(default=None, primary_key=True)
    text: str = Field(sa_type=text())

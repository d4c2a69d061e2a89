"""The tables, and what clients see and send of their rows."""

from typing import Annotated

from gql_app.engine.sqltypes import text
from pydantic import StringConstraints
from sqlalchemy import Index
from sqlmodel import Field, Relationship, SQLModel

# So that every constraint has a name, by which migrations and errors can know it.
SQLModel.metadata.naming_convention = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)
]


class AuthorBase(SQLModel):
    name: Line = Field(
        sa_type=text(200), unique=True, description="No two authors share one."
    )


class Author(AuthorBase, table=True):
    id: int | None = Field(default=None, primary_key=True)

    books: list["Book"] = Relationship(back_populates="author")


class AuthorRead(AuthorBase):
    """Somebody who writes books."""

    id: int


class AuthorCreate(AuthorBase):
    pass


class AuthorUpdate(SQLModel):
    name: Line | None = None


class BookBase(SQLModel):
    title: Line = Field(sa_type=text(200))
    pages: int | None = Field(default=None, ge=1)
    published: bool = Field(default=False, description="Whether everybody sees it.")


class Book(BookBase, table=True):
    # All books, and those of an author, are listed by title.
    __table_args__ = (
        Index(None, "title", "id"),
        Index(None, "author_id", "title", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    author_id: int = Field(foreign_key="author.id")

    author: Author = Relationship(back_populates="books")


class BookRead(BookBase):
    """A book, once it is published."""

    id: int
    author_id: int


class BookCreate(BookBase):
    author_id: int


class BookUpdate(SQLModel):
    title: Line | None = None
    pages: int | None = Field(default=None, ge=1)
    published: bool | None = None
    author_id: int | None = None

"""A small API to be tested with `gql_app.testing`: authors and their books."""

from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship, SQLModel

from gql_app.engine import ANONYMOUS, Api, Policy, Viewer, ViewerTerms, everyone

READER = Viewer("reader", {"id": 1})
EDITOR = Viewer("editor")
VIEWERS = {"anonymous": ANONYMOUS, "reader": READER, "editor": EDITOR}


class Base(SQLModel, registry=registry()):
    """Keeps these tables apart from the metadata of the application."""


class Shape(Enum):
    """How a book is bound."""

    HARD = "h"
    SOFT = "s"


class Author(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)

    books: list["Book"] = Relationship(back_populates="author")


class AuthorRead(SQLModel):
    """Somebody who writes."""

    id: int
    name: str


class Book(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    author_id: int = Field(foreign_key="author.id")
    title: str
    year: int | None = None
    hidden: bool = False

    author: Author = Relationship(back_populates="books")


class BookRead(SQLModel):
    """A book on the shelf."""

    id: int
    title: str
    year: int | None


class BookCreate(SQLModel):
    author_id: int
    title: str = Field(min_length=1)
    year: int | None = None


class BookUpdate(SQLModel):
    title: str = ""
    year: int | None = None


class Copy(Base, table=True):
    book_id: int = Field(primary_key=True, foreign_key="book.id")
    shape: Shape = Field(primary_key=True)
    borrower_id: int | None = None


class CopyRead(SQLModel):
    """A copy of a book."""

    book_id: int
    shape: Shape


class Reservation(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    reader_id: int
    secret: str = ""


class ReservationRead(SQLModel):
    """What somebody waits for; it has no id that clients could see."""

    secret: str


def readable(viewer: ViewerTerms, book: Any) -> Any:
    return True if viewer.role == "editor" else book.hidden.is_(False)


def editors(viewer: ViewerTerms, _: Any) -> bool:
    return viewer.role == "editor"


def borrowed(viewer: ViewerTerms, copy: Any) -> Any:
    return copy.borrower_id == viewer.claim("id")


def own(viewer: ViewerTerms, reservation: Any) -> Any:
    mine = reservation.reader_id == viewer.claim("id")
    return True if viewer.role == "editor" else mine


def members(viewer: ViewerTerms, _: Any) -> bool:
    return not viewer.anonymous


def shelf() -> Api:
    api = Api()
    api.add(Author, read=AuthorRead, policy=Policy(read=everyone), order_by=("name",))
    api.add(
        Book,
        read=BookRead,
        create=BookCreate,
        update=BookUpdate,
        policy=Policy(
            read=readable,
            create=editors,
            update=editors,
            delete=editors,
            writers={"year": {"nobody"}},
        ),
        order_by=("title",),
    )
    api.add(Copy, read=CopyRead, policy=Policy(read=borrowed), plural="Copies")
    own_secrets = Policy(read=members, readers={"secret": own})
    api.add(Reservation, read=ReservationRead, policy=own_secrets)
    return api


def fill(engine: sa.Engine) -> None:
    """Two authors with two and five books, of which one is hidden. The database numbers
    them, or else PostgreSQL would do so again with the next ones."""
    titles = ("Emma", "Persuasion", "Dune", "Dune Messiah", "Solaris", "Diary", "Lem")
    books = [
        {
            "author_id": 1 if number < 3 else 2,
            "title": title,
            "year": None if number == 1 else 1900 + number,
            "hidden": title == "Diary",
        }
        for number, title in enumerate(titles, 1)
    ]
    rows: dict[type[SQLModel], list[dict[str, Any]]] = {
        Author: [{"name": "Jane"}, {"name": "Others"}],
        Book: books,
        Copy: [{"book_id": 1, "shape": Shape.SOFT, "borrower_id": 1}],
        Reservation: [
            {"reader_id": 1, "secret": "Ubik"},
            {"reader_id": 2, "secret": "Emma"},
            {"reader_id": 2, "secret": "Diary"},
        ],
    }
    with engine.begin() as connection:
        for model, given in rows.items():
            connection.execute(sa.insert(model), given)

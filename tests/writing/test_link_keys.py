"""Links whose tables have more unique keys than that each joins two rows once."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship, SQLModel

from gql_app.engine import Api, Database, Policy, everyone
from tests.engine.graph import fill
from tests.writing.desk import ANONYMOUS, Desk, gid, problem, problems


class Base(SQLModel, registry=registry()):
    """Keeps these tables apart from those of others."""


class Lending(Base, table=True):
    """A book is lent to one reader at most."""

    book_id: int = Field(primary_key=True, foreign_key="book.id")
    reader_id: int = Field(foreign_key="reader.id")


class Favorite(Base, table=True):
    """Each reader has one favorite at most for each rank."""

    __table_args__ = (sa.UniqueConstraint("reader_id", "rank"),)

    book_id: int = Field(primary_key=True, foreign_key="book.id")
    reader_id: int = Field(primary_key=True, foreign_key="reader.id")
    rank: int


class Book(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)


class Reader(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str
    lent: list[Book] = Relationship(link_model=Lending)
    favorites: list[Book] = Relationship(link_model=Favorite)


class BookRead(SQLModel):
    """Something to read."""

    id: int


class ReaderWrite(SQLModel):
    """Somebody who reads."""

    name: str = ""


class ReaderRead(ReaderWrite):
    """Somebody who reads."""

    id: int


class FavoriteRead(SQLModel):
    """What somebody likes to read."""

    book_id: int
    reader_id: int
    rank: int


@pytest.fixture
def desk(database_url: str, plans: bool) -> Iterator[Desk]:
    """With a reader who has and likes the first of three books."""
    api = Api()
    anybody = Policy(read=everyone, create=everyone, update=everyone, delete=everyone)
    api.add(Book, read=BookRead, policy=anybody)
    api.add(
        Reader,
        read=ReaderRead,
        create=ReaderWrite,
        update=ReaderWrite,
        policy=anybody,
        nested=("lent", "favorites"),
    )
    api.add(Favorite, read=FavoriteRead, create=FavoriteRead, policy=anybody)
    database = Database(database_url)
    rows: dict[Any, Any] = {
        Book: [{"id": 1}, {"id": 2}, {"id": 3}],
        Reader: [{"name": "ada"}, {"name": "bob"}],
        Lending: [{"book_id": 1, "reader_id": 1}],
        Favorite: [{"book_id": 1, "reader_id": 1, "rank": 1}],
    }
    fill(database, rows)
    yield Desk(api, database, plans=plans)
    database.close()


BOOKS = [gid("Book", number) for number in (1, 2, 3)]


def test_a_link_that_another_row_has_is_a_conflict(desk: Desk) -> None:
    payload = desk.update("Reader", 2, {"lent": {"add": BOOKS[1::-1]}}, "", ANONYMOUS)

    path = ("input", "lent", "add", "1")
    assert problems(payload) == [problem("UniqueViolationError", *path)]
    assert desk.rows(Lending) == [(1, 1)]


def test_a_link_that_the_row_itself_has_stays(desk: Desk) -> None:
    payload = desk.update("Reader", 1, {"lent": {"set": BOOKS[:2]}}, "", ANONYMOUS)

    assert payload["errors"] == []
    assert desk.rows(Lending) == [(1, 1), (2, 1)]


@pytest.mark.parametrize("ranks", [(1,), (2, 1), (2, 2)])
def test_columns_that_another_link_has_are_a_conflict(
    desk: Desk, ranks: tuple[int, ...]
) -> None:
    books = zip(BOOKS[1:], ranks, strict=False)
    favorites = {"add": [{"id": book, "rank": rank} for book, rank in books]}

    payload = desk.update("Reader", 1, {"favorites": favorites}, "", ANONYMOUS)

    path = ("input", "favorites", "add", str(len(ranks) - 1), "rank")
    assert problems(payload) == [problem("UniqueViolationError", *path)]
    assert desk.rows(Favorite) == [(1, 1, 1)]

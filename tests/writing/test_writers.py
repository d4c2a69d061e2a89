"""Columns that only certain roles may set, whichever way they would be set."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship, SQLModel

from gql_app.engine import Api, Database, Policy, Viewer, everyone
from tests.engine.graph import fill
from tests.writing.desk import ANONYMOUS, Desk, gid, problem, problems

ADMIN = Viewer("admin")


class Base(SQLModel, registry=registry()):
    """Keeps these tables apart from those of others."""


class Shelving(Base, table=True):
    """Which shelves a person looks after."""

    person_id: int = Field(primary_key=True, foreign_key="person.id")
    shelf_id: int = Field(primary_key=True, foreign_key="shelf.id")


class Person(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str
    books: list["Book"] = Relationship(back_populates="owner")
    shelves: list["Shelf"] = Relationship(link_model=Shelving)


class Book(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    title: str = Field(unique=True)
    owner_id: int | None = Field(default=None, foreign_key="person.id")
    owner: Person | None = Relationship(back_populates="books")


class Shelf(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)


class PersonWrite(SQLModel):
    """Somebody who may have books."""

    name: str


class PersonRead(PersonWrite):
    """Somebody who may have books."""

    id: int


class PersonUpdate(SQLModel):
    """What can be changed of a person."""

    name: str | None = None


class BookWrite(SQLModel):
    """A book, which admins give to people."""

    title: str
    owner_id: int | None = None


class BookUpdate(SQLModel):
    """What can be changed of a book."""

    title: str | None = None


class BookRead(BookWrite):
    """A book, which admins give to people."""

    id: int


class ShelfRead(SQLModel):
    """What books stand on."""

    id: int


class ShelvingRead(SQLModel):
    """Who looks after which shelf."""

    person_id: int
    shelf_id: int


def guarded(*columns: str) -> Policy:
    return Policy(
        read=everyone,
        create=everyone,
        update=everyone,
        delete=everyone,
        writers=dict.fromkeys(columns, ("admin",)),
    )


def library() -> Api:
    api = Api()
    api.add(
        Person,
        read=PersonRead,
        create=PersonWrite,
        update=PersonUpdate,
        policy=guarded(),
        nested=("books", "shelves"),
    )
    api.add(
        Book,
        read=BookRead,
        create=BookWrite,
        update=BookUpdate,
        policy=guarded("owner_id"),
        nested=("owner",),
    )
    api.add(Shelf, read=ShelfRead, policy=Policy(read=everyone))
    api.add(
        Shelving, read=ShelvingRead, create=ShelvingRead, policy=guarded("shelf_id")
    )
    return api


@pytest.fixture
def desk(database_url: str, plans: bool) -> Iterator[Desk]:
    database = Database(database_url)
    people = [{"name": "ada"}, {"name": "bob"}]
    books = [{"title": "One", "owner_id": 1}, {"title": "Two", "owner_id": None}]
    links = [{"person_id": 1, "shelf_id": 1}]
    rows: dict[Any, Any] = {
        Person: people,
        Book: books,
        Shelf: [{"id": 1}, {"id": 2}],
        Shelving: links,
    }
    fill(database, rows)
    yield Desk(library(), database, plans=plans)
    database.close()


OWNER = {"connect": gid("Person", 2)}
NEW = {"create": {"name": "eve"}}
OWNERS = [("owner", OWNER), ("owner", NEW), ("ownerId", gid("Person", 2))]
BOOK = {"title": "Three"}
BOOKS: list[dict[str, Any]] = [
    {"add": [gid("Book", 2)]},
    {"remove": [gid("Book", 1)]},
    {"set": []},
    {"create": [BOOK]},
    {"connectOrCreate": [BOOK]},
]


@pytest.mark.parametrize(("field", "given"), OWNERS)
def test_a_new_row_has_no_parent_that_its_key_may_not_name(
    desk: Desk, field: str, given: Any
) -> None:
    payload = desk.create("Book", {**BOOK, field: given}, "", ANONYMOUS)

    assert problems(payload) == [problem("ForbiddenError", "input", field)]
    assert desk.rows(Person, "name") == [("ada",), ("bob",)]
    assert desk.rows(Book, "owner_id") == [(1,), (None,)]


@pytest.mark.parametrize("given", [OWNER, NEW])
def test_a_row_keeps_a_parent_that_its_key_may_not_change(
    desk: Desk, given: Any
) -> None:
    payload = desk.update("Book", 1, {"owner": given}, "", ANONYMOUS)

    assert problems(payload) == [problem("ForbiddenError", "input", "owner")]
    assert desk.rows(Book, "owner_id") == [(1,), (None,)]


def test_an_upsert_may_not_change_the_parent_either(desk: Desk) -> None:
    given = ("CreateBookInput!", {"title": "One", "owner": OWNER})

    payload = desk.mutate(
        "upsertBook(onConflict: TITLE, input: $given)", "", ANONYMOUS, given=given
    )

    assert problems(payload) == [problem("ForbiddenError", "input", "owner")]
    assert desk.rows(Book, "owner_id") == [(1,), (None,)]


@pytest.mark.parametrize("books", BOOKS)
def test_children_keep_a_parent_that_their_keys_may_not_change(
    desk: Desk, books: dict[str, Any]
) -> None:
    payload = desk.update("Person", 1, {"name": "x", "books": books}, "", ANONYMOUS)

    assert problems(payload) == [problem("ForbiddenError", "input", "books")]
    assert desk.rows(Person, "name") == [("ada",), ("bob",)]
    assert desk.rows(Book, "owner_id") == [(1,), (None,)]


@pytest.mark.parametrize("operator", ["add", "set"])
def test_links_are_not_made_of_keys_that_may_not_be_set(
    desk: Desk, operator: str
) -> None:
    shelves = {operator: [gid("Shelf", 2)]}

    payload = desk.update("Person", 1, {"shelves": shelves}, "", ANONYMOUS)

    assert problems(payload) == [problem("ForbiddenError", "input", "shelves")]
    assert desk.rows(Shelving) == [(1, 1)]


def test_links_may_go_as_nothing_of_them_is_set(desk: Desk) -> None:
    removed = desk.update("Person", 1, {"shelves": {"set": []}}, "", ANONYMOUS)

    assert removed["errors"] == []
    assert desk.rows(Shelving) == []


def test_those_who_may_set_the_key_write_nested(desk: Desk) -> None:
    parent = desk.update("Book", 2, {"owner": OWNER}, "", ADMIN)
    children = desk.update("Person", 2, {"books": BOOKS[0]}, "", ADMIN)
    links = desk.update("Person", 2, {"shelves": {"add": [gid("Shelf", 1)]}}, "", ADMIN)

    assert [one["errors"] for one in (parent, children, links)] == [[], [], []]
    assert desk.rows(Book, "owner_id") == [(1,), (2,)]
    assert desk.rows(Shelving) == [(1, 1), (2, 1)]

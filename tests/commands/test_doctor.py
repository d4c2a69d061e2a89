"""`gql-app doctor`: each thing that is wrong is found once, and nothing else is."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

import pytest
import sqlalchemy as sa
import strawberry
from alembic.config import Config
from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship, SQLModel
from typer.testing import CliRunner, Result

from gql_app.cli import app
from gql_app.commands.doctor import examine
from gql_app.engine import Api, Limits, Policy, build_schema, everyone
from gql_app.migrations import configuration

Invoke = Callable[..., Result]
READABLE = Policy(read=everyone)


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Run `gql-app` with arguments in an empty folder, settings given by name."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, **settings: str) -> Result:
        return CliRunner().invoke(app, arguments, env=settings)

    return run


@pytest.fixture
def sqlite_url(migrated_sqlite: Path) -> str:
    """A migrated database that is only looked at."""
    return f"sqlite:///{migrated_sqlite}"


@dataclass
class Shop:
    """A project made of an API, with a database that has not drifted."""

    made: Api
    url: str
    ignored: Sequence[str] = ()

    def api(self) -> Api:
        return self.made

    def schema(self) -> strawberry.Schema:
        return build_schema(self.made)

    def limits(self) -> Limits:
        return Limits()

    def alembic(self) -> Config:
        return configuration(self.url)


def broken_api() -> Api:
    """Something of everything that can be wrong with tables and policies."""

    class Base(SQLModel, registry=registry()):
        pass

    class Safe(Base, table=True):
        """Neither served nor the link of anything."""

        number: str = Field(primary_key=True)

    class Label(Base, table=True):
        __tablename__ = "label"
        id: int | None = Field(default=None, primary_key=True)
        book_id: int = Field(foreign_key="book.id")
        shelf_id: int = Field(foreign_key="shelf.id")
        __table_args__ = (sa.UniqueConstraint("book_id", "shelf_id"),)

    class Shelf(Base, table=True):
        id: int | None = Field(default=None, primary_key=True)
        room: str = Field(index=True)

        books: list["Book"] = Relationship(back_populates="shelf")
        labelled: list["Book"] = Relationship(link_model=Label)

    class Book(Base, table=True):
        id: int | None = Field(default=None, primary_key=True)
        title: str
        pages: int | None = None
        shelf_id: int = Field(foreign_key="shelf.id")

        shelf: Shelf = Relationship(back_populates="books")

    class ShelfRead(SQLModel):
        id: int
        room: str

    class BookRead(SQLModel):
        id: int
        title: str
        pages: int | None

    class Named(SQLModel):
        title: str

    api = Api()
    api.add(Shelf, read=ShelfRead, policy=READABLE)
    api.add(
        Book,
        read=BookRead,
        create=Named,
        update=Named,
        policy=Policy(read=everyone, update=everyone),
        order_by=("-title",),
    )
    return api


def test_each_thing_is_found_once(sqlite_url: str, tmp_path: Path) -> None:
    shop = Shop(broken_api(), sqlite_url)

    found = list(examine(shop, tmp_path / "schema.graphql"))

    assert sorted(f"{one.severity} {one.name}" for one in found) == [
        f"error schema-file:{tmp_path / 'schema.graphql'}",
        "note unindexed-filter:book",
        "warning missing-index:book(shelf_id)",
        "warning missing-index:book(title, id)",
        "warning missing-index:label(shelf_id)",
        "warning missing-rule:Book.create",
        "warning unserved-table:safe",
    ]


def test_each_finding_says_what_to_do(sqlite_url: str, tmp_path: Path) -> None:
    shop = Shop(broken_api(), sqlite_url)

    fixes = {one.name: one.fix for one in examine(shop, tmp_path / "schema.graphql")}

    assert (
        fixes["missing-index:book(title, id)"]
        == 'Add sa.Index(None, "title", "id") to the table, and a migration.'
    )
    assert all(fix.endswith(".") for fix in fixes.values())


def test_columns_of_unknown_types_are_found_all_at_once(
    sqlite_url: str, tmp_path: Path
) -> None:
    class Inet(sa.types.UserDefinedType[IPv4Address]):
        cache_ok = True

    class Base(SQLModel, registry=registry()):
        pass

    class Host(Base, table=True):
        name: str = Field(primary_key=True)
        inner: IPv4Address = Field(sa_type=Inet)
        outer: IPv4Address = Field(sa_type=Inet)
        hidden: IPv4Address = Field(sa_type=Inet)

    class HostRead(SQLModel):
        name: str
        inner: IPv4Address
        outer: IPv4Address

    api = Api()
    api.add(Host, read=HostRead, policy=READABLE)

    found = list(examine(Shop(api, sqlite_url), tmp_path / "schema.graphql"))

    assert [one.name for one in found] == [
        "unknown-type:host.inner",
        "unknown-type:host.outer",
    ]
    assert found[0].what == (
        "The type Inet() (<class 'ipaddress.IPv4Address'>) has no scalar."
    )


def test_schema_that_can_not_be_built_is_found_with_its_message(
    sqlite_url: str, tmp_path: Path
) -> None:
    class Base(SQLModel, registry=registry()):
        pass

    class Room(Base, table=True):
        id: int | None = Field(default=None, primary_key=True)

    class RoomRead(SQLModel):
        id: int
        size: int

    api = Api()
    api.add(Room, read=RoomRead, policy=READABLE)

    (found,) = examine(Shop(api, sqlite_url), tmp_path / "schema.graphql")

    assert found.code == "does-not-start"
    assert found.what.startswith("RoomRead.size is not a column of the table 'room'")


def test_nothing_is_wrong_with_the_community(invoke: Invoke, migrated_url: str) -> None:
    invoke("schema", "export")

    examined = invoke("doctor", "--strict", DATABASE_URL=migrated_url)

    assert (examined.exit_code, examined.output) == (0, "Nothing is wrong.\n")


def test_notes_are_told_on_request_and_fail_nothing(
    invoke: Invoke, sqlite_url: str
) -> None:
    invoke("schema", "export")

    examined = invoke("doctor", "--notes", "--strict", DATABASE_URL=sqlite_url)

    assert examined.exit_code == 0
    assert "note: profile: No index serves filters" in examined.output
    assert examined.output.endswith(" notes.\n")


def test_error_fails_and_is_told_in_two_lines(invoke: Invoke, sqlite_url: str) -> None:
    examined = invoke("doctor", DATABASE_URL=sqlite_url)

    assert examined.exit_code == 1
    assert examined.output == (
        "error: schema.graphql: The file is missing. [schema-file]\n"
        "    Run `gql-app schema export`, and read the difference.\n"
        "1 error.\n"
    )


def test_schema_file_that_is_no_text_is_found(invoke: Invoke, sqlite_url: str) -> None:
    Path("schema.graphql").write_bytes(b"\xff\xfe")

    examined = invoke("doctor", DATABASE_URL=sqlite_url)

    assert examined.exit_code == 1
    assert examined.output.startswith(
        "error: schema.graphql: It is not the schema of the code. [schema-file]\n"
    )


def test_schema_file_that_differs_is_told_as_json(
    invoke: Invoke, sqlite_url: str
) -> None:
    Path("other.graphql").write_text("type Query { nothing: Int }")

    arguments = ("doctor", "--file", "other.graphql", "--format", "json")
    examined = invoke(*arguments, DATABASE_URL=sqlite_url)

    assert examined.exit_code == 1
    assert json.loads(examined.stdout) == {
        "fails": True,
        "findings": [
            {
                "severity": "error",
                "code": "schema-file",
                "where": "other.graphql",
                "what": "It is not the schema of the code.",
                "fix": "Run `gql-app schema export`, and read the difference.",
            }
        ],
    }

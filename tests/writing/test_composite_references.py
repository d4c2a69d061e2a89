"""Several columns that name a row together: the viewer must be able to read that row."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship, SQLModel

from gql_app.engine import Api, Database, Policy, ViewerTerms, everyone
from tests.engine.graph import fill
from tests.writing.desk import Desk, gid, problem, problems


class Base(SQLModel, registry=registry()):
    """Keeps these tables apart from those of others."""


class Drawer(Base, table=True):
    shelf: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    secret: bool = False


class Filing(Base, table=True):
    """Which sheets a tray has, and in which drawer they were found."""

    __table_args__ = (
        sa.ForeignKeyConstraint(["shelf", "number"], ["drawer.shelf", "drawer.number"]),
    )
    tray_id: int = Field(primary_key=True, foreign_key="tray.id")
    sheet_id: int = Field(primary_key=True, foreign_key="sheet.id")
    shelf: str | None = None
    number: int | None = None
    drawer: Drawer | None = Relationship()


class Sheet(Base, table=True):
    __table_args__ = (
        sa.ForeignKeyConstraint(["shelf", "number"], ["drawer.shelf", "drawer.number"]),
    )
    id: int | None = Field(default=None, primary_key=True)
    shelf: str | None = None
    number: int | None = None


class Tray(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    sheets: list[Sheet] = Relationship(link_model=Filing)


class DrawerRead(SQLModel):
    """Where sheets are kept."""

    shelf: str
    number: int


class SheetWrite(SQLModel):
    """A sheet in a drawer."""

    shelf: str | None = None
    number: int | None = None


class SheetRead(SheetWrite):
    """A sheet in a drawer."""

    id: int


class FilingRead(SheetWrite):
    """A sheet in a tray."""

    tray_id: int
    sheet_id: int


class TrayRead(SQLModel):
    """What sheets are carried in."""

    id: int


def not_secret(_: ViewerTerms, drawer: Any) -> sa.ColumnElement[bool]:
    shown: sa.ColumnElement[bool] = drawer.secret.is_(False)
    return shown


def office() -> Api:
    api = Api()
    anybody = Policy(read=everyone, create=everyone, update=everyone, delete=everyone)
    api.add(Drawer, read=DrawerRead, policy=Policy(read=not_secret))
    api.add(Sheet, read=SheetRead, create=SheetWrite, update=SheetWrite, policy=anybody)
    api.add(Filing, read=FilingRead, create=FilingRead, policy=anybody)
    api.add(Tray, read=TrayRead, create=SQLModel, policy=anybody, nested=("sheets",))
    return api


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    database = Database(database_url)
    drawers = [
        {"shelf": "a", "number": 1, "secret": False},
        {"shelf": "a", "number": 2, "secret": True},
        {"shelf": "b", "number": 2, "secret": False},
    ]
    sheets = [{"shelf": "a", "number": 1}, {"shelf": "b", "number": 2}]
    fill(database, {Drawer: drawers, Sheet: sheets})
    yield Desk(office(), database)
    database.close()


HIDDEN, MISSING = {"shelf": "a", "number": 2}, {"shelf": "a", "number": 9}


def test_create_with_a_hidden_row_is_as_with_none(desk: Desk) -> None:
    payloads = [desk.create("Sheet", given) for given in (HIDDEN, MISSING)]

    assert payloads[0] == payloads[1]
    assert problems(payloads[0]) == [problem("NotFoundError", "input", "shelf")]
    assert len(desk.rows(Sheet)) == 2


def test_create_with_a_readable_row_or_none_is_done(desk: Desk) -> None:
    given: list[dict[str, Any]] = [{"shelf": "b", "number": 2}, {"shelf": "b"}]

    assert [desk.create("Sheet", one)["errors"] for one in given] == [[], []]


def test_several_are_refused_whatever_else_is_wrong(desk: Desk) -> None:
    field = "createSheets(inputs: $inputs)"
    payloads = [
        desk.mutate(field, inputs=("[CreateSheetInput!]!", [{"number": 1}, given]))
        for given in (HIDDEN, MISSING)
    ]

    assert payloads[0] == payloads[1]
    assert problems(payloads[0]) == [problem("NotFoundError", "inputs", "1", "shelf")]


def test_update_of_one_column_is_judged_with_the_other(desk: Desk) -> None:
    hidden = desk.update("Sheet", 1, {"number": 2})
    missing = desk.update("Sheet", 1, {"number": 9})
    fine = desk.update("Sheet", 2, {"number": None})

    assert hidden == missing
    assert problems(hidden) == [problem("NotFoundError", "input", "number")]
    assert fine["errors"] == []
    assert desk.rows(Sheet) == [(1, "a", 1), (2, "b", None)]


@pytest.mark.parametrize("given", [{"number": 2}, HIDDEN])
def test_update_of_many_is_refused_for_one(desk: Desk, given: dict[str, Any]) -> None:
    field = "updateSheets(where: {}, atMost: 5, set: $set)"

    payload = desk.mutate(field, set=("UpdateSheetInput!", given))

    (error,) = problems(payload)
    assert error["__typename"] == "NotFoundError"
    assert desk.rows(Sheet) == [(1, "a", 1), (2, "b", 2)]


def test_columns_of_a_link_may_not_name_a_hidden_row(desk: Desk) -> None:
    payloads = [
        desk.create("Tray", {"sheets": {"add": [{"id": gid("Sheet", 1), **given}]}})
        for given in (HIDDEN, MISSING)
    ]

    path = ("input", "sheets", "add", "0", "shelf")
    assert payloads[0] == payloads[1]
    assert problems(payloads[0]) == [problem("NotFoundError", *path)]
    assert desk.rows(Tray) == []

"""Changing primary keys: payloads have the rows under their new keys."""

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


class Room(Base, table=True):
    code: str = Field(primary_key=True)
    name: str = Field(unique=True)
    seats: list["Seat"] = Relationship(back_populates="room")


class Seat(Base, table=True):
    room_code: str = Field(primary_key=True, foreign_key="room.code")
    number: int = Field(primary_key=True)
    taken: bool = False
    room: Room | None = Relationship(back_populates="seats")


class RoomWrite(SQLModel):
    """Where people sit."""

    code: str
    name: str


class RoomUpdate(SQLModel):
    """Where people sit."""

    code: str | None = None
    name: str | None = None


class SeatRead(SQLModel):
    """Something to sit on."""

    room_code: str
    number: int
    taken: bool


class SeatUpdate(SQLModel):
    """What can be changed of a seat."""

    number: int | None = None
    taken: bool | None = None


def in_range(_: ViewerTerms, seat: Any) -> sa.ColumnElement[bool]:
    """A rule on other rows: it takes a query of its own."""
    rooms = sa.inspect(Room).local_table.alias()
    return sa.exists().where(rooms.c.code == seat.room_code, seat.number < 10)


def theatre() -> Api:
    api = Api()
    anybody = Policy(read=everyone, create=everyone, update=everyone)
    api.add(
        Room,
        read=RoomWrite,
        create=RoomWrite,
        update=RoomUpdate,
        policy=anybody,
        nested=("seats",),
    )
    api.add(
        Seat,
        read=SeatRead,
        update=SeatUpdate,
        policy=Policy(read=everyone, update=in_range),
    )
    return api


@pytest.fixture
def desk(database_url: str, plans: bool) -> Iterator[Desk]:
    database = Database(database_url)
    rooms = [{"code": "a", "name": "Hall"}, {"code": "b", "name": "Attic"}]
    seats = [{"room_code": code, "number": 1} for code in "ab"]
    fill(database, {Room: rooms, Seat: seats})
    yield Desk(theatre(), database, plans=plans)
    database.close()


def update_seats(desk: Desk, where: str, given: dict[str, Any]) -> Any:
    field = f"updateSeats(where: {where}, atMost: 5, set: $set)"
    returns = "affectedCount seats { roomCode number }"
    return desk.mutate(field, returns, set=("UpdateSeatInput!", given))


def test_upsert_changes_the_key(desk: Desk) -> None:
    given = ("CreateRoomInput!", {"code": "c", "name": "Attic"})
    with desk.database.engine.begin() as connection:
        connection.execute(sa.delete(Seat))

    payload = desk.mutate(
        "upsertRoom(onConflict: NAME, input: $given)",
        "created room { code name }",
        given=given,
    )

    room = {"code": "c", "name": "Attic"}
    assert payload == {"created": False, "room": room, "errors": []}
    assert desk.rows(Room) == [("a", "Hall"), ("c", "Attic")]


@pytest.mark.parametrize("where", ["{}", '{roomCode: {eq: "b"}}'])
def test_update_of_many_changes_the_key(desk: Desk, where: str) -> None:
    payload = update_seats(desk, where, {"number": 7})

    codes = ["a", "b"] if where == "{}" else ["b"]
    seats = [{"roomCode": code, "number": 7} for code in codes]
    assert payload == {"affectedCount": len(codes), "seats": seats, "errors": []}
    assert desk.rows(Seat, "number") == [(7 if code in codes else 1,) for code in "ab"]


def test_the_rule_is_checked_under_the_new_key(desk: Desk) -> None:
    payload = update_seats(desk, "{}", {"number": 70})

    assert problems(payload) == [problem("ForbiddenError", "where")]
    assert desk.rows(Seat, "number") == [(1,), (1,)]


def test_update_of_many_without_the_key_is_one_statement(desk: Desk) -> None:
    payload = update_seats(desk, "{}", {"taken": True})

    assert payload["affectedCount"] == 2
    updates = [one for one in desk.statements if one.startswith("UPDATE")]
    assert len(updates) == 1


def test_children_whose_key_begins_with_their_parent_change_it(desk: Desk) -> None:
    with desk.database.engine.begin() as connection:
        more = [{"room_code": "b", "number": number} for number in (2, 3)]
        connection.execute(sa.insert(Seat), more)
    ids = [gid("Seat", "b", number) for number in (2, 3)]

    payload = desk.mutate(
        f'updateRoom(id: "{gid("Room", "a")}", input: $given)',
        "room { seats { nodes { number } } }",
        given=("UpdateRoomInput!", {"seats": {"add": ids}}),
    )

    numbers = [seat["number"] for seat in payload["room"]["seats"]["nodes"]]
    assert (numbers, payload["errors"]) == ([1, 2, 3], [])
    assert desk.rows(Seat, "room_code") == [("a",), ("a",), ("a",), ("b",)]

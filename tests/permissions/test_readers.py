"""Writing rows with columns that their writers may not read: answers hide them, too."""

from collections.abc import Iterator
from typing import Any, Optional

import pytest
from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship, SQLModel

from gql_app.engine import Api, Database, Policy, Viewer, ViewerTerms, everyone
from tests.engine.graph import fill
from tests.writing.desk import Desk, gid, problem, problems


class Base(SQLModel, registry=registry()):
    """Keeps these tables apart from the metadata of the application."""


class Seat(Base, table=True):
    guest_id: int = Field(primary_key=True, foreign_key="guest.id")
    party_id: int = Field(primary_key=True, foreign_key="party.id")


class Guest(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str
    email: str = Field(unique=True)
    version: int = 1
    host_id: int | None = Field(default=None, foreign_key="guest.id")

    parties: list["Party"] = Relationship(back_populates="guests", link_model=Seat)
    host: Optional["Guest"] = Relationship(
        back_populates="invited", sa_relationship_kwargs={"remote_side": "Guest.id"}
    )
    invited: list["Guest"] = Relationship(back_populates="host")


class GuestRead(SQLModel):
    """Somebody; anybody may change everything, but not see it."""

    id: int
    name: str
    email: str
    version: int
    host_id: int | None


class GuestCreate(SQLModel):
    name: str
    email: str


class GuestUpdate(SQLModel):
    name: str | None = None
    email: str | None = None
    host_id: int | None = None


class Party(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    title: str

    guests: list[Guest] = Relationship(back_populates="parties", link_model=Seat)


class PartyRead(SQLModel):
    """Where guests meet."""

    id: int
    title: str


class PartyCreate(SQLModel):
    title: str


ME, ADMIN = Viewer("guest", {"id": 2}), Viewer("admin")


def own(viewer: ViewerTerms, guest: Any) -> Any:
    return viewer.role == "admin" or guest.id == viewer.claim("id")


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    """With Bob, Ada and Cy: the first has invited the others."""
    api = Api()
    written: Any = dict.fromkeys(("read", "create", "update", "delete"), everyone)
    api.add(
        Guest,
        read=GuestRead,
        create=GuestCreate,
        update=GuestUpdate,
        policy=Policy(**written, readers={"email": own, "host_id": own}),
        nested=("invited",),
    )
    api.add(
        Party,
        read=PartyRead,
        create=PartyCreate,
        policy=Policy(**written),
        nested=("guests",),
        plural="Parties",
    )
    database = Database(database_url)
    guests = [
        {"name": name, "email": f"{name}@x.org", "host_id": host}
        for name, host in (("bob", None), ("ada", 1), ("cy", 1))
    ]
    fill(database, {Guest: guests})
    yield Desk(api, database)
    database.close()


SHOWN = "guest { name email hostId host { name } }"


def emails(desk: Desk) -> list[str]:
    return [email for (email,) in desk.rows(Guest, "email")]


@pytest.mark.parametrize("number", [1, 2])
def test_payloads_hide_what_was_written(desk: Desk, number: int) -> None:
    change = {"email": "new@x.org", "hostId": gid("Guest", 3)}

    payload = desk.update("Guest", number, change, SHOWN, ME)

    own, seen = number == 2, payload["guest"]
    assert emails(desk)[number - 1] == "new@x.org"
    assert seen["email"] == ("new@x.org" if own else None)
    assert seen["hostId"] == (gid("Guest", 3) if own else None)
    assert seen["host"] == ({"name": "cy"} if own else None)


def test_new_rows_hide_what_they_were_given(desk: Desk) -> None:
    given = {"name": "di", "email": "di@x.org"}

    one = desk.create("Guest", given, SHOWN, ME)
    other = desk.create("Guest", {**given, "email": "d@x.org"}, SHOWN, ADMIN)

    assert (one["guest"]["email"], other["guest"]["email"]) == (None, "d@x.org")
    assert emails(desk)[3:] == ["di@x.org", "d@x.org"]


def test_conflicts_hide_what_the_row_has(desk: Desk) -> None:
    field = f'updateGuest(id: "{gid("Guest", 1)}", expectedVersion: 7, input: $input)'
    query = f"""mutation ($input: UpdateGuestInput!) {{ result: {field} {{ errors {{
      ... on ConflictError {{ current {{ ... on Guest {{ name email }} }} }} }} }} }}"""

    for viewer, email in ((ME, None), (ADMIN, "bob@x.org")):
        answer = desk.data(query, viewer, input={"name": "x"})

        (error,) = answer["result"]["errors"]
        assert error["current"] == {"name": "bob", "email": email}


def test_unique_values_are_only_known_to_be_taken(desk: Desk) -> None:
    payload = desk.create("Guest", {"name": "x", "email": "bob@x.org"}, SHOWN, ME)

    assert payload["guest"] is None
    assert problems(payload) == [problem("UniqueViolationError", "input", "email")]


def test_filters_of_writes_tell_nothing(desk: Desk) -> None:
    field = 'updateGuests(where: $where, set: {name: "me"}, atMost: 9)'
    hidden = {"email": {"in": ["bob@x.org", "cy@x.org"]}}
    through = {"invited": {"some": {"name": {"eq": "cy"}}}}

    for where in (hidden, through, {"host": {"name": {"eq": "bob"}}, "not": hidden}):
        kind = ("GuestWhere!", where)
        payload = desk.mutate(field, "affectedCount guests { id }", ME, where=kind)

        # Ada's host is her own affair.
        own = [gid("Guest", 2)] if "host" in where else []
        assert [row["id"] for row in payload["guests"]] == own
    deletion = "deleteGuests(where: $where, atMost: 9)"
    kind = ("GuestWhere!", hidden)
    assert not desk.mutate(deletion, "affectedCount", ME, where=kind)["affectedCount"]


def test_upserts_find_no_row_by_a_hidden_key(desk: Desk) -> None:
    field = "upsertGuest(input: $input, onConflict: EMAIL)"
    before = desk.rows(Guest)

    for viewer, email, known in (
        (ME, "bob@x.org", False),
        (ME, "ada@x.org", True),
        (ADMIN, "bob@x.org", True),
    ):
        given = ("CreateGuestInput!", {"name": "renamed", "email": email})
        payload = desk.mutate(field, "guest { email } created", viewer, input=given)

        if known:
            assert payload["guest"] == {"email": email}
            assert payload["created"] is False
        else:
            assert problems(payload) == [
                problem("UniqueViolationError", "input", "email")
            ]
            assert desk.rows(Guest) == before


def test_connect_or_create_finds_no_row_by_a_hidden_key(desk: Desk) -> None:
    for viewer, email, known in ((ME, "bob@x.org", False), (ME, "ada@x.org", True)):
        guests = {"connectOrCreate": [{"name": "x", "email": email}]}
        given = {"title": "tea", "guests": guests}
        payload = desk.create("Party", given, "party { guests { totalCount } }", viewer)

        if known:
            assert payload["party"] == {"guests": {"totalCount": 1}}
        else:
            path = ("input", "guests", "connectOrCreate", "0", "email")
            assert problems(payload) == [problem("UniqueViolationError", *path)]


def test_lists_that_hide_rows_keep_them_when_they_are_set(desk: Desk) -> None:
    """Bob has invited Ada and Cy; Ada alone may know of herself."""
    payload = desk.update(
        "Guest", 1, {"invited": {"set": []}}, "guest { invited { totalCount } }", ME
    )

    assert payload["guest"] == {"invited": {"totalCount": 0}}
    assert desk.rows(Guest, "id", "host_id") == [(1, None), (2, None), (3, 1)]


def test_viewers_may_do_what_rules_on_hidden_columns_allow(
    database_url: str,
) -> None:
    def by_email(viewer: ViewerTerms, guest: Any) -> Any:
        return guest.email == viewer.claim("email")

    api = Api()
    policy = Policy(
        read=everyone, update=by_email, delete=by_email, readers={"email": own}
    )
    api.add(Guest, read=GuestRead, update=GuestUpdate, policy=policy)
    database = Database(database_url)
    fill(database, {Guest: [{"id": 1, "name": "a", "email": "a"},
                            {"id": 2, "name": "b", "email": "b"}]})  # fmt: skip
    desk = Desk(api, database)
    viewer = Viewer("guest", {"email": "b"})

    found = desk.data(
        "{ guests { nodes { email viewerCanUpdate viewerCanDelete } } }", viewer
    )
    refused, done = (
        desk.update("Guest", number, {"name": "me"}, "guest { name email }", viewer)
        for number in (1, 2)
    )

    assert [tuple(row.values()) for row in found["guests"]["nodes"]] == [
        (None, False, False),
        (None, True, True),
    ]
    assert problems(refused) == [problem("ForbiddenError", "id")]
    assert done["guest"] == {"name": "me", "email": None}
    database.close()

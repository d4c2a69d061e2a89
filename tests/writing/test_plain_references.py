"""Foreign keys that no relationship follows: the row must be readable all the same."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from gql_app.engine import Api, Database, Policy, ViewerTerms, everyone
from tests.engine.graph import fill
from tests.writing.desk import Desk, gid, problem, problems


class Base(SQLModel, registry=registry()):
    """Keeps these tables apart from those of others."""


class Lock(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    secret: bool = False


class LockRead(SQLModel):
    """What keys open."""

    id: int


class Key(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    lock_id: int = Field(foreign_key="lock.id")


class KeyWrite(SQLModel):
    """Which lock a key opens."""

    lock_id: int


class KeyRead(KeyWrite):
    """Opens a lock."""

    id: int


def not_secret(_: ViewerTerms, lock: Any) -> sa.ColumnElement[bool]:
    shown: sa.ColumnElement[bool] = lock.secret.is_(False)
    return shown


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    database = Database(database_url)
    fill(database, {Lock: [{"secret": False}, {"secret": True}], Key: [{"lock_id": 1}]})
    api = Api()
    anybody = Policy(read=everyone, create=everyone, update=everyone)
    api.add(Lock, read=LockRead, policy=Policy(read=not_secret))
    api.add(Key, read=KeyRead, create=KeyWrite, update=KeyWrite, policy=anybody)
    yield Desk(api, database)
    database.close()


HIDDEN, MISSING = ({"lockId": gid("Lock", number)} for number in (2, 9))


def test_create_with_a_hidden_row_is_as_with_none(desk: Desk) -> None:
    payloads = [desk.create("Key", given) for given in (HIDDEN, MISSING)]

    assert payloads[0] == payloads[1]
    assert problems(payloads[0]) == [problem("NotFoundError", "input", "lockId")]
    assert len(desk.rows(Key)) == 1


def test_update_to_a_hidden_row_is_as_to_none(desk: Desk) -> None:
    payloads = [desk.update("Key", 1, given) for given in (HIDDEN, MISSING)]

    assert payloads[0] == payloads[1]
    assert problems(payloads[0]) == [problem("NotFoundError", "input", "lockId")]
    assert desk.rows(Key) == [(1, 1)]


def test_create_with_a_readable_row_is_done(desk: Desk) -> None:
    payload = desk.create("Key", {"lockId": gid("Lock", 1)})

    assert payload["errors"] == []
    assert desk.rows(Key) == [(1, 1), (2, 1)]

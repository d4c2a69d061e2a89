"""Constraints that the database checks when all is written, and what then is told."""

from collections.abc import Iterator
from functools import cache

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from gql_app.engine import Api, Database, Policy, everyone
from tests.engine.graph import fill
from tests.writing.desk import ERRORS, Desk, gid, problem, problems


class Base(SQLModel, registry=registry()):
    """Keeps these tables apart from those of others."""


class Lock(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)


class LockRead(SQLModel):
    """What keys open."""

    id: int


class Key(Base, table=True):
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["lock_id"], ["lock.id"], deferrable=True, initially="DEFERRED"
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    lock_id: int


class KeyWrite(SQLModel):
    """Which lock a key opens."""

    lock_id: int


class KeyRead(KeyWrite):
    """Opens a lock."""

    id: int


@cache
def locks() -> Api:
    api = Api()
    api.add(Lock, read=LockRead, policy=Policy(read=everyone))
    anybody = Policy(read=everyone, create=everyone)
    api.add(Key, read=KeyRead, create=KeyWrite, policy=anybody)
    return api


@pytest.fixture
def desk(database_url: str, plans: bool) -> Iterator[Desk]:
    database = Database(database_url)
    fill(database, {Lock: [{"id": 1}]})
    yield Desk(locks(), database, plans=plans)
    database.close()


def test_what_fails_in_the_end_is_the_last_fields_error_and_undoes_all(
    desk: Desk,
) -> None:
    fine, wrong = (
        f'createKey(input: {{lockId: "{gid("Lock", number)}"}}) {{ key {{ id }} {ERRORS} }}'
        for number in (1, 9)
    )

    failed = desk.data(f"mutation {{ one: {fine} two: {wrong} }}")
    after = desk.data(f"mutation {{ one: {fine} }}")

    assert failed["one"]["key"] is failed["two"]["key"] is None
    assert problems(failed["one"]) == [problem("RolledBackError")]
    assert problems(failed["two"]) == [problem("NotFoundError")]
    assert after["one"]["errors"] == []
    assert desk.rows(Key, "lock_id") == [(1,)]

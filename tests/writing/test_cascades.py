"""Deleting many rows at once, some of which go along with others."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from gql_app.engine import Api, Database, Hooks, Policy, ViewerTerms, everyone
from gql_app.engine.hooks import Change
from tests.engine.graph import fill
from tests.writing.desk import Desk, gid, problem, problems


class Base(SQLModel, registry=registry()):
    """Keeps these tables apart from those of others."""


class Remark(Base, table=True):
    """Deleted along with what it answers."""

    id: int | None = Field(default=None, primary_key=True)
    kept: bool = False
    answers_id: int | None = Field(
        default=None, foreign_key="remark.id", ondelete="CASCADE"
    )


class Draft(Base, table=True):
    """Marked as deleted along with the next, by a hook."""

    id: int | None = Field(default=None, primary_key=True)
    deleted_at: datetime | None = None


class Log(Base, table=True):
    """What hooks write down; not a part of any API."""

    id: int | None = Field(default=None, primary_key=True)
    text: str


class Read(SQLModel):
    """A row that can be deleted."""

    id: int


def not_kept(_: ViewerTerms, row: Any) -> sa.ColumnElement[bool]:
    free: sa.ColumnElement[bool] = row.kept.is_(False)
    return free


def note_down(verb: str) -> Any:
    def hook(change: Change) -> None:
        assert change.before is not None
        text = f"{verb} {change.before['id']}"
        change.connection.execute(sa.insert(Log), {"text": text})

    return hook


def mark_next(change: Change) -> None:
    assert change.before is not None
    following = sa.column("id") == change.before["id"] + 1
    marked = sa.update(Draft).where(following).values(deleted_at=datetime.now(UTC))
    change.connection.execute(marked)


def plain() -> Api:
    api = Api()
    policy = Policy(read=everyone, delete=not_kept)
    api.add(Remark, read=Read, policy=policy)
    return api


def hooked() -> Api:
    api = Api()
    policy = Policy(read=everyone, delete=everyone)
    hooks = Hooks(before_delete=note_down("before"), after_delete=note_down("after"))
    api.add(Remark, read=Read, policy=policy, hooks=hooks)
    api.add(Draft, read=Read, policy=policy, hooks=Hooks(before_delete=mark_next))
    return api


PLAIN, HOOKED = plain(), hooked()
DELETE = "deleteRemarks(where: {}, atMost: 9)"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A chain of remarks, each of which answers the one before."""
    database = Database(database_url)
    remarks = [{"answers_id": place or None} for place in range(3)]
    fill(database, {Remark: remarks, Draft: [{"id": 1}, {"id": 2}, {"id": 3}]})
    yield database
    database.close()


@pytest.mark.parametrize("api", [PLAIN, HOOKED])
def test_rows_that_go_along_with_others_are_deleted(
    database: Database, plans: bool, api: Api
) -> None:
    desk = Desk(api, database, plans=plans)

    payload = desk.mutate(DELETE, "deletedIds affectedCount")

    gone = [gid("Remark", key) for key in (1, 2, 3)]
    assert payload == {"deletedIds": gone, "affectedCount": 3, "errors": []}
    assert desk.rows(Remark) == []


def test_hooks_are_called_for_rows_that_go_along(
    database: Database, plans: bool
) -> None:
    desk = Desk(HOOKED, database, plans=plans)

    desk.mutate(DELETE)

    assert [text for (text,) in desk.rows(Log, "text")] == [
        *("before 1", "before 2", "before 3"),
        *("after 1", "after 2", "after 3"),
    ]


def test_rows_that_a_hook_has_marked_are_deleted(
    database: Database, plans: bool
) -> None:
    desk = Desk(HOOKED, database, plans=plans)

    payload = desk.mutate("deleteDrafts(where: {}, atMost: 9)", "affectedCount")

    assert payload == {"affectedCount": 3, "errors": []}
    assert [one for (one,) in desk.rows(Draft, "deleted_at") if one is None] == []


def test_rows_that_may_not_be_deleted_are_left_out(
    database: Database, plans: bool
) -> None:
    desk = Desk(PLAIN, database, plans=plans)
    with database.engine.begin() as connection:
        first = sa.update(Remark).where(sa.column("id") == 1)
        connection.execute(first.values(kept=True))

    payload = desk.mutate(DELETE, "affectedCount")
    one = desk.mutate(f'deleteRemark(id: "{gid("Remark", 1)}")')

    assert payload == {"affectedCount": 2, "errors": []}
    assert problems(one) == [problem("ForbiddenError", "id")]
    assert desk.rows(Remark, "id") == [(1,)]

"""Names of generated types that depend on more than the name of an entity."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship, SQLModel

from gql_app.engine import Api, Policy, build_schema, everyone
from tests.engine.graph import definition


class Base(SQLModel, registry=registry()):
    """Keeps these tables apart from the metadata of the application."""


class Duel(Base, table=True):
    __table_args__ = (
        sa.UniqueConstraint("winner_id", "loser_id"),
        sa.UniqueConstraint("winner_id", "judge_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    winner_id: int = Field(foreign_key="fighter.id")
    loser_id: int = Field(foreign_key="fighter.id")
    judge_id: int = Field(foreign_key="fighter.id")


class DuelRead(SQLModel):
    """Whom it was between, and who has judged."""

    id: int
    winner_id: int
    loser_id: int
    judge_id: int


def through(far: str) -> dict[str, Any]:
    return {
        "primaryjoin": "Fighter.id == Duel.winner_id",
        "secondaryjoin": f"Fighter.id == Duel.{far}",
        "viewonly": True,
    }


class Fighter(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    losers: list["Fighter"] = Relationship(
        link_model=Duel, sa_relationship_kwargs=through("loser_id")
    )
    judges: list["Fighter"] = Relationship(
        link_model=Duel, sa_relationship_kwargs=through("judge_id")
    )


class FighterRead(SQLModel):
    """Somebody who fights."""

    id: int


class Lock(Base, table=True):
    """Its key has a column that is called as such keys are."""

    key: str = Field(primary_key=True, unique=True)
    door: int = Field(primary_key=True)


class LockRead(SQLModel):
    """Of a door."""

    key: str
    door: int


def test_edges_with_other_columns_of_a_link_have_other_names() -> None:
    api = Api()
    for model, read in ((Fighter, FighterRead), (Duel, DuelRead)):
        api.add(model, read=read, policy=Policy(read=everyone))

    schema = build_schema(api)

    for name, column in (("Losers", "judgeId"), ("Judges", "loserId")):
        edge = definition(schema, f"Fighter{name}Edge").splitlines()
        assert edge[1:-1] == ["cursor: String!", "id: ID!", f"{column}: ID!",
                              "node: Fighter!"]  # fmt: skip


def test_a_key_of_several_columns_gives_way_to_a_column_of_its_name() -> None:
    api = Api()
    api.add(Lock, read=LockRead, policy=Policy(read=everyone))

    by = definition(build_schema(api), "LockBy")

    assert by.splitlines()[1:-1] == ["id: ID", "key: String", "keyDoor: LockKeyDoorKey"]

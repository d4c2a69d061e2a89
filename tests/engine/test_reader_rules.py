"""Columns with readers: what sees them all the same, and what may not have any."""

import asyncio
from typing import Any

import pytest
import strawberry
from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship, Session, SQLModel, select

from gql_app.engine import (
    Api,
    Database,
    Executor,
    Policy,
    Request,
    Viewer,
    ViewerTerms,
    build_schema,
    everyone,
)
from gql_app.engine.errors import ConfigurationError
from gql_app.engine.identifiers import encode_id
from tests.engine.graph import Graph, definition, fill
from tests.plan.staff import Member, MemberRead, company
from tests.plan.staff_rows import VIEWERS


class Base(SQLModel, registry=registry()):
    """Keeps these tables apart from the metadata of the application."""


def test_columns_that_may_be_read_cost_nothing(staff: Graph) -> None:
    query = """query ($by: MemberBy!) { members(where: {email: {gt: "b"}}) {
      nodes { email boss { email } } } member(by: $by) { email } }"""

    staff.execute(query, VIEWERS["admin"], by={"email": "x"})

    assert not any("CASE" in statement for statement in staff.statements)


def test_look_ups_use_the_index(staff: Graph) -> None:
    query = "query ($by: MemberBy!) { member(by: $by) { id } }"

    staff.execute(query, VIEWERS["member"], by={"email": "x"})

    (statement,) = staff.statements
    _, condition = statement.split("WHERE")
    assert "CASE" not in condition


def test_the_schema_says_what_may_be_null() -> None:
    schema = build_schema(company())

    fields = definition(schema, "Member").splitlines()
    assert {"email: String", "mailbox: String", "boss: Member", "team: Team"} <= {
        *fields
    }
    assert "name: String!" in fields
    told = schema.as_str().count("Null where you may not read it.")
    # Columns, those on two kinds of edges, and what is made of them.
    assert told > 15


class Diary(Base, table=True):
    """Nobody is told whose it is; it can be read where its owner can."""

    id: int | None = Field(default=None, primary_key=True)
    owner_id: int = Field(foreign_key="writer.id")
    owner: "Writer" = Relationship(back_populates="diaries")


class Writer(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    open: bool
    diaries: list[Diary] = Relationship(back_populates="owner")


class DiaryRead(SQLModel):
    """A diary."""

    id: int
    owner_id: int


class WriterRead(SQLModel):
    """Somebody."""

    id: int
    open: bool


def admins(viewer: ViewerTerms, _: Any) -> bool:
    return viewer.role == "admin"


def opened(_: ViewerTerms, writer: Any) -> Any:
    return writer.open


def test_policies_see_hidden_columns(own_database: Database) -> None:
    api = Api()
    api.add(Writer, read=WriterRead, policy=Policy(read=opened))
    policy = Policy(read=everyone, within="owner", readers={"owner_id": admins})
    api.add(Diary, read=DiaryRead, policy=policy, plural="Diaries")
    writers = [{"id": 1, "open": True}, {"id": 2, "open": False}]
    diaries = [{"id": 1, "owner_id": 1}, {"id": 2, "owner_id": 2}]
    fill(own_database, {Writer: writers, Diary: diaries})
    graph = Graph(api, own_database)
    query = """{ diaries { nodes { id ownerId owner { id } } }
      writers { nodes { diaries { totalCount } } } }"""

    seen, all_seen = graph.execute(query), graph.execute(query, Viewer("admin"))

    diary, owner = encode_id("Diary", ["1"]), encode_id("Writer", ["1"])
    assert seen == {
        "diaries": {"nodes": [{"id": diary, "ownerId": None, "owner": None}]},
        "writers": {"nodes": [{"diaries": {"totalCount": 0}}]},
    }
    assert all_seen == {
        "diaries": {"nodes": [{"id": diary, "ownerId": owner, "owner": {"id": owner}}]},
        "writers": {"nodes": [{"diaries": {"totalCount": 1}}]},
    }


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("e_mail", "'e_mail': no such column"),
        ("id", "'id', which is in the primary key"),
    ],
)
def test_readers_of_wrong_columns_are_refused(column: str, said: str) -> None:
    api = Api()
    policy = Policy(read=everyone, readers={column: everyone})
    api.add(Member, read=MemberRead, policy=policy)

    with pytest.raises(ConfigurationError, match=said):
        _ = api.entities


def test_rows_of_hand_written_resolvers_tell_nothing(staff: Graph) -> None:
    api = company()

    def newest() -> Any:
        with Session(staff.database.engine) as session:
            return session.exec(select(Member).where(Member.id == 3)).one()

    newest.__annotations__["return"] = api.type_of(Member)
    field = strawberry.field(resolver=newest, description="Somebody.")
    extra = strawberry.type(type("Query", (), {"newest": field}))
    executor = Executor(build_schema(api, queries=[extra]), staff.database)
    third = encode_id("Member", ["3"])
    shown = "name email mailbox boss { id } team { number } reports { totalCount }"
    written = Request(f"{{ row: newest {{ {shown} }} }}")
    generated = Request(f'{{ row: member(by: {{id: "{third}"}}) {{ {shown} }} }}')

    for viewer in VIEWERS.values():
        found = asyncio.run(executor.execute(written, viewer))

        expected = asyncio.run(executor.execute(generated, viewer))
        assert found.body == expected.body
        assert b"errors" not in found.body

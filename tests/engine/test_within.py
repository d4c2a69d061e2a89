"""Policies beyond the row itself: what it is within, and rows that are deleted."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Optional

import pytest
from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship, SQLModel

from gql_app.engine import Api, Database, Policy, Viewer, ViewerTerms, everyone
from tests.engine.graph import Graph, fill
from tests.writing.desk import Desk, gid, problem, problems

ADMIN, MEMBER = Viewer("admin"), Viewer("member")


class Base(SQLModel, registry=registry()):
    """Keeps these tables apart from those of others."""


class Packing(Base, table=True):
    """A link within a box, which is at neither of its ends."""

    item_id: int = Field(primary_key=True, foreign_key="item.id")
    label_id: int = Field(primary_key=True, foreign_key="label.id")
    box_id: int = Field(foreign_key="box.id")
    weight: int = 0

    box: Optional["Box"] = Relationship()


class Box(Base, table=True):
    """Items are in it by their box's number, which only admins may read."""

    id: int | None = Field(default=None, primary_key=True)
    number: int = Field(unique=True)
    secret: bool = False


class Item(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str = "old"
    box_number: int = Field(foreign_key="box.number")
    deleted_at: datetime | None = None

    box: Box | None = Relationship()
    labels: list["Label"] = Relationship(back_populates="items", link_model=Packing)


class Label(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)

    items: list[Item] = Relationship(back_populates="labels", link_model=Packing)


class Tag(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="item.id")


class Id(SQLModel):
    """A row."""

    id: int


class BoxRead(Id):
    """What items are in."""

    number: int


class ItemUpdate(SQLModel):
    """What can be changed of an item."""

    name: str | None = None


class TagCreate(SQLModel):
    """What a tag is on."""

    item_id: int


class PackingRead(SQLModel):
    """That an item has a label."""

    item_id: int
    label_id: int
    weight: int


def shown(viewer: ViewerTerms, box: Any) -> Any:
    return viewer.role == "admin" or box.secret.is_(False)


def admins(viewer: ViewerTerms, _: Any) -> bool:
    return viewer.role == "admin"


def store(item: Policy) -> Api:
    api = Api()
    hidden = {"number": admins}
    api.add(
        Box, read=BoxRead, policy=Policy(read=shown, readers=hidden), plural="Boxes"
    )
    api.add(Item, read=Id, update=ItemUpdate, policy=item)
    api.add(Label, read=Id, policy=Policy(read=everyone))
    anybody = Policy(read=everyone, create=everyone)
    api.add(Tag, read=Id, create=TagCreate, policy=anybody)
    packing = Policy(read=everyone, within="box")
    api.add(Packing, read=PackingRead, policy=packing)
    return api


RULES: dict[str, Any] = dict.fromkeys(("read", "update", "delete"), everyone)
INSIDE, OPEN = store(Policy(**RULES, within="box")), store(Policy(**RULES))
DELETED = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An item that is there, a deleted one, and a deleted one in a secret box. What
    labels the first is packed in the secret box, too."""
    database = Database(database_url)
    rows: dict[type[SQLModel], list[dict[str, Any]]] = {
        Box: [{"number": 7, "secret": False}, {"number": 8, "secret": True}],
        Item: [
            {"box_number": 7, "deleted_at": None},
            {"box_number": 7, "deleted_at": DELETED},
            {"box_number": 8, "deleted_at": DELETED},
        ],
        Label: [{"id": 1}],
        Packing: [{"item_id": 1, "label_id": 1, "box_id": 2}],
    }
    fill(database, rows)
    yield database
    database.close()


@pytest.mark.parametrize(
    "field", ['updateItem(id: "%s", input: {name: "new"})', 'deleteItem(id: "%s")']
)
def test_deleted_rows_that_are_read_are_not_changed(
    database: Database, field: str
) -> None:
    desk = Desk(INSIDE, database)

    read = desk.data(f'{{ node(id: "{gid("Item", 2)}") {{ id }} }}', MEMBER)
    payload = desk.mutate(field % gid("Item", 2), "", MEMBER)

    assert read["node"] is not None
    assert problems(payload) == [problem("NotFoundError", "id")]


def test_deleted_rows_that_are_read_are_not_among_many(database: Database) -> None:
    field = 'updateItems(where: {}, atMost: 9, set: {name: "new"})'

    payload = Desk(INSIDE, database).mutate(field, "affectedCount", MEMBER)

    assert payload["affectedCount"] == 1


@pytest.mark.parametrize("api", [INSIDE, OPEN], ids=["inside", "open"])
def test_deleted_rows_that_are_read_are_not_referred_to(
    database: Database, api: Api
) -> None:
    desk = Desk(api, database)

    deleted, missing, there = (
        desk.create("Tag", {"itemId": gid("Item", number)}) for number in (2, 9, 1)
    )

    assert deleted == missing
    assert problems(deleted) == [problem("NotFoundError", "input", "itemId")]
    assert there["errors"] == []


@pytest.mark.parametrize("verb", ["restore", "purge"])
def test_deleted_rows_stay_within_what_is_hidden(database: Database, verb: str) -> None:
    desk = Desk(INSIDE, database)
    field = f'{verb}Item(id: "{gid("Item", 3)}")'

    hidden = desk.mutate(field, "", MEMBER)
    done = desk.mutate(field, "", ADMIN)

    assert problems(hidden) == [problem("NotFoundError", "id")]
    assert done["errors"] == []


@pytest.mark.parametrize(("viewer", "number"), [(MEMBER, 0), (ADMIN, 1)])
def test_links_are_within_what_is_at_neither_end(
    database: Database, viewer: Viewer, number: int
) -> None:
    data = Graph(INSIDE, database).execute(
        """{
          labels { nodes { items { totalCount edges { weight } } } }
          some: labels(where: {items: {some: {}}}) { totalCount }
          counted: labels(where: {itemsCount: {gt: 0}}) { totalCount }
        }""",
        viewer,
    )

    assert data["labels"]["nodes"] == [
        {"items": {"totalCount": number, "edges": [{"weight": 0}] * number}}
    ]
    assert data["some"] == data["counted"] == {"totalCount": number}


@pytest.mark.parametrize(("viewer", "boxes"), [(MEMBER, 0), (ADMIN, 3)])
def test_rows_are_within_others_by_columns_that_are_not_read(
    database: Database, viewer: Viewer, boxes: int
) -> None:
    query = "{ items { totalCount nodes { box { id } } } }"

    items = Graph(INSIDE, database).execute(query, viewer)["items"]

    assert items["totalCount"] == (3 if viewer is ADMIN else 2)
    assert sum(item["box"] is not None for item in items["nodes"]) == boxes

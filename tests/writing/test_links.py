"""Links that are registered: their own keys, rules and columns, written nested."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship, SQLModel

from gql_app.engine import Api, Database, Policy, Viewer, ViewerTerms, everyone
from gql_app.engine.sqltypes import text
from tests.engine.graph import fill
from tests.writing.desk import ANONYMOUS, Desk, gid, problem, problems

ADMIN = Viewer("admin")


class Base(SQLModel, registry=registry()):
    """Keeps these tables apart from those of others."""


class Tagging(Base, table=True):
    """A link with a key of its own."""

    __table_args__ = (sa.UniqueConstraint("post_id", "tag_id"),)

    id: int | None = Field(default=None, primary_key=True)
    post_id: int = Field(foreign_key="post.id")
    tag_id: int = Field(foreign_key="tag.id")
    weight: int = 1
    note: str | None = Field(default=None, sa_type=text(20))
    hidden: bool = False


class Post(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    title: str
    tags: list["Tag"] = Relationship(link_model=Tagging)


class Tag(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    closed: bool = False


class PostWrite(SQLModel):
    """Something to read."""

    title: str


class PostUpdate(SQLModel):
    """What can be changed of a post."""

    title: str | None = None


class PostRead(PostWrite):
    """Something to read."""

    id: int


class TagWrite(SQLModel):
    """What a post is about."""

    name: str


class TagRead(TagWrite):
    """What a post is about."""

    id: int


class TaggingRead(SQLModel):
    """That a post is about something."""

    id: int
    weight: int
    note: str | None


class TaggingCreate(SQLModel):
    post_id: int
    tag_id: int
    weight: int
    note: str | None = None


class TaggingUpdate(SQLModel):
    weight: int | None = Field(default=None, le=9)


def admins(viewer: ViewerTerms, _: Any) -> bool:
    return viewer.role == "admin"


def shown(_: ViewerTerms, link: Any) -> sa.ColumnElement[bool]:
    return sa.and_(link.hidden.is_(False), link.weight < 8)


def to_open(_: ViewerTerms, link: Any) -> sa.ColumnElement[bool]:
    """A rule on other rows: it takes a query of its own."""
    tags = sa.inspect(Tag).local_table.alias()
    return sa.exists().where(tags.c.id == link.tag_id, tags.c.closed.is_(False))


def light(_: ViewerTerms, link: Any) -> sa.ColumnElement[bool]:
    rule: sa.ColumnElement[bool] = link.weight < 5
    return rule


def blog(update: type[SQLModel] | None) -> Api:
    api = Api()
    anybody = Policy(read=everyone, create=everyone, update=everyone)
    api.add(
        Post,
        read=PostRead,
        create=PostWrite,
        update=PostUpdate,
        policy=anybody,
        nested=("tags",),
    )
    api.add(Tag, read=TagRead, create=TagWrite, policy=anybody)
    api.add(
        Tagging,
        read=TaggingRead,
        create=TaggingCreate,
        update=update,
        policy=Policy(
            read=shown,
            create=to_open,
            update=None if update is None else light,
            delete=admins,
        ),
    )
    return api


BLOG, FIXED = blog(TaggingUpdate), blog(None)
SQL, PYTHON, CLOSED, HIDDEN = (gid("Tag", number) for number in (1, 2, 3, 4))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """With a post about SQL and, unseen, about something else."""
    database = Database(database_url)
    names = ("sql", "python", "closed", "hidden")
    tags = [{"name": name, "closed": name == "closed"} for name in names]
    link = {"post_id": 1, "weight": 3, "note": "old"}
    links = [
        {**link, "tag_id": 1, "hidden": False},
        {**link, "tag_id": 4, "hidden": True},
    ]
    fill(database, {Post: [{"title": "One"}], Tag: tags, Tagging: links})
    yield database
    database.close()


@pytest.fixture
def desk(database: Database, plans: bool) -> Desk:
    return Desk(BLOG, database, plans=plans)


def tag(desk: Desk, operator: str, *given: Any, viewer: Viewer = ANONYMOUS) -> Any:
    """The payload of a change of the post's tags."""
    return desk.update("Post", 1, {"tags": {operator: list(given)}}, "", viewer)


def links(desk: Desk) -> list[tuple[Any, ...]]:
    """What the post is about: tag, weight and note."""
    return [row[:3] for row in desk.rows(Tagging, "tag_id", "weight", "note")]


OLD = [(1, 3, "old"), (4, 3, "old")]


@pytest.mark.parametrize(("operator", "given"), [("remove", [SQL]), ("set", [])])
def test_links_that_may_not_be_deleted_are_an_error(
    desk: Desk, operator: str, given: list[str]
) -> None:
    refused = tag(desk, operator, *given)
    kept = links(desk)
    done = tag(desk, operator, *given, viewer=ADMIN)

    assert problems(refused) == [problem("ForbiddenError", "input", "tags")]
    assert kept == OLD
    assert done["errors"] == []
    assert links(desk) == OLD[1:]


@pytest.mark.parametrize("key", [PYTHON, HIDDEN])
def test_links_that_are_not_there_or_not_seen_are_removed_already(
    desk: Desk, key: str
) -> None:
    payload = tag(desk, "remove", key)

    assert payload["errors"] == []
    assert links(desk) == OLD


def test_new_links_with_a_key_of_their_own_are_judged_by_a_query(desk: Desk) -> None:
    done = tag(desk, "add", {"id": PYTHON, "weight": 2})
    refused = tag(desk, "add", {"id": CLOSED, "weight": 2})

    path = ("input", "tags", "add", "0", "id")
    assert done["errors"] == []
    assert problems(refused) == [problem("ForbiddenError", *path)]
    assert sorted(links(desk)) == [OLD[0], (2, 2, None), OLD[1]]


@pytest.mark.parametrize("operator", ["add", "set"])
def test_columns_of_links_that_exist_are_changed(desk: Desk, operator: str) -> None:
    payload = tag(desk, operator, {"id": SQL, "weight": 4})

    assert payload["errors"] == []
    assert links(desk) == [(1, 4, "old"), OLD[1]]


def test_columns_of_links_by_name_are_changed(desk: Desk) -> None:
    payload = tag(desk, "connectOrCreate", {"node": {"name": "sql"}, "weight": 4})

    assert payload["errors"] == []
    assert links(desk) == [(1, 4, "old"), OLD[1]]


def test_new_links_that_are_not_seen_are_made_along_with_known_ones(
    desk: Desk,
) -> None:
    heavy = {"id": PYTHON, "weight": 9}

    payload = tag(desk, "add", {"id": SQL, "weight": 4}, heavy)

    assert payload["errors"] == []
    assert sorted(links(desk)) == [(1, 4, "old"), (2, 9, None), OLD[1]]


def test_a_new_row_is_linked_by_id_and_by_name(desk: Desk) -> None:
    by_name = [{"node": {"name": name}, "weight": 9} for name in ("sql", "new")]
    tags = {"add": [{"id": PYTHON, "weight": 9}], "connectOrCreate": by_name}

    payload = desk.create("Post", {"title": "Two", "tags": tags}, "", ANONYMOUS)

    assert payload["errors"] == []
    assert sorted(links(desk)[2:]) == [(1, 9, None), (2, 9, None), (5, 9, None)]


def test_a_link_that_is_already_as_sent_stays(database: Database, plans: bool) -> None:
    desk = Desk(FIXED, database, plans=plans)

    payload = tag(desk, "set", {"id": SQL, "weight": 3, "note": "old"})

    assert payload["errors"] == []
    assert links(desk) == OLD


def test_columns_that_no_update_model_has_conflict(
    database: Database, plans: bool
) -> None:
    desks = [Desk(api, database, plans=plans) for api in (BLOG, FIXED)]

    note, weight = (
        tag(desk, "add", {"id": SQL, "weight": weight, "note": note})
        for desk, weight, note in zip(desks, (3, 4), ("new", "old"), strict=True)
    )

    path = ("input", "tags", "add", "0")
    assert problems(note) == [problem("ConflictError", *path, "note")]
    assert problems(weight) == [problem("ConflictError", *path, "weight")]
    assert links(desks[0]) == OLD


def test_a_link_that_is_not_seen_conflicts(desk: Desk) -> None:
    payload = tag(desk, "add", {"id": HIDDEN, "weight": 3})

    path = ("input", "tags", "add", "0", "weight")
    assert problems(payload) == [problem("ConflictError", *path)]
    assert links(desk) == OLD


@pytest.mark.parametrize(
    ("weight", "kind", "end"), [(6, "Forbidden", ()), (10, "Validation", ("weight",))]
)
def test_changes_of_links_pass_the_update_model_and_rule(
    desk: Desk, weight: int, kind: str, end: tuple[str, ...]
) -> None:
    payload = tag(desk, "add", {"id": SQL, "weight": weight})

    path = ("input", "tags", "add", "0", *end)
    assert problems(payload) == [problem(f"{kind}Error", *path)]
    assert links(desk) == OLD

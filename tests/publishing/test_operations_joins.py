"""Reactions, bookmarks and follows: there or not, and counted right."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from sqlmodel import SQLModel

from gql_app.engine import Viewer
from gql_app.publishing.base import table_of
from gql_app.publishing.bookmark import Bookmark
from gql_app.publishing.follow import Follow
from gql_app.publishing.post import Post, PostStatus
from gql_app.publishing.reaction import Reaction
from gql_app.testing import Call, Client, global_id
from tests.publishing.people import ERRORS, code, create_people
from tests.publishing.rows import count_rows, create_post, create_user, read

POST = f"post {{ score reactions {{ totalCount }} }} {ERRORS}"
REACT = f"mutation ($id: ID!) {{ react(postId: $id, kind: LIKE) {{ {POST} }} }}"
UNREACT = f"mutation ($id: ID!) {{ unreact(postId: $id, kind: LIKE) {{ {POST} }} }}"
LOVE = REACT.replace("LIKE", "LOVE")
BOOKMARK = f"mutation ($id: ID!) {{ bookmark(postId: $id) {{ {POST} }} }}"
UNBOOKMARK = f"mutation ($id: ID!) {{ unbookmark(postId: $id) {{ {POST} }} }}"
USER = f"user {{ followers {{ nodes {{ username }} }} }} {ERRORS}"
FOLLOW = f"mutation ($id: ID!) {{ follow(userId: $id) {{ {USER} }} }}"
UNFOLLOW = f"mutation ($id: ID!) {{ unfollow(userId: $id) {{ {USER} }} }}"


@pytest.fixture
def people(engine: Engine) -> dict[str, Viewer]:
    return create_people(engine)


@pytest.fixture
def post(engine: Engine, people: dict[str, Viewer]) -> str:
    key = create_post(engine, author_id=people["author"].claims["id"])
    return global_id("Post", key)


def counted(payload: Any) -> tuple[int, int]:
    assert payload["errors"] == []
    return payload["post"]["score"], payload["post"]["reactions"]["totalCount"]


def test_reaction_counts_once(
    client: Client, people: dict[str, Viewer], post: str
) -> None:
    reader, other = people["reader"], people["other"]

    counts = [
        counted(client.field(query, viewer, id=post))
        for query, viewer in (
            (REACT, reader),
            (REACT, reader),
            (LOVE, reader),
            (REACT, other),
            (UNREACT, reader),
            (UNREACT, reader),
            (UNREACT, other),
        )
    ]

    assert counts == [(1, 1), (1, 1), (2, 2), (3, 3), (2, 2), (2, 2), (1, 1)]


def test_reactions_at_once_are_all_counted(
    client: Client, engine: Engine, post: str
) -> None:
    viewers = [Viewer("reader", {"id": create_user(engine)}) for _ in range(20)]
    updated = read(engine, sa.select(table_of(Post).c.updated_at))

    answers = client.together(
        [Call(REACT, viewer, {"id": post}) for viewer in viewers * 2]
    )

    assert all(answer.data["react"]["errors"] == [] for answer in answers)
    assert counted(client.field(REACT, viewers[0], id=post)) == (20, 20)
    assert read(engine, sa.select(table_of(Post).c.updated_at)) == updated
    client.together([Call(UNREACT, viewer, {"id": post}) for viewer in viewers * 2])
    assert counted(client.field(UNREACT, viewers[0], id=post)) == (0, 0)


def test_reactions_of_a_deleted_account_are_discounted(
    client: Client, people: dict[str, Viewer], post: str
) -> None:
    reader = people["reader"]
    for query, viewer in ((REACT, reader), (LOVE, reader), (REACT, people["other"])):
        client.field(query, viewer, id=post)
    delete = "mutation ($id: ID!) { deleteUser(id: $id) { deletedId errors { code } } }"

    deleted = client.field(
        delete, people["admin"], id=global_id("User", reader.claims["id"])
    )

    assert code(deleted) is None
    assert counted(client.field(REACT, people["other"], id=post)) == (1, 1)


def test_bookmark_is_there_once(
    client: Client, people: dict[str, Viewer], post: str, engine: Engine
) -> None:
    reader = people["reader"]

    numbers = []
    for query in (BOOKMARK, BOOKMARK, UNBOOKMARK, UNBOOKMARK):
        assert code(client.field(query, reader, id=post)) is None
        numbers.append(count_rows(engine, Bookmark))

    assert numbers == [1, 1, 0, 0]


def test_follow_is_there_once(client: Client, people: dict[str, Viewer]) -> None:
    ada = global_id("User", people["author"].claims["id"])

    followers = [
        client.field(query, people["reader"], id=ada)["user"]["followers"]["nodes"]
        for query in (FOLLOW, FOLLOW, UNFOLLOW, UNFOLLOW)
    ]

    assert followers == [[{"username": "reader"}], [{"username": "reader"}], [], []]


def test_nobody_follows_themselves(client: Client, people: dict[str, Viewer]) -> None:
    reader = people["reader"]

    payload = client.field(FOLLOW, reader, id=global_id("User", reader.claims["id"]))

    [error] = payload["errors"]
    told = {"message": "Nobody follows themselves.", "path": ["userId"]}
    kind = {"__typename": "ValidationError", "code": "BAD_USER_INPUT"}
    assert error == {**kind, **told}


JOINS = (REACT, UNREACT, BOOKMARK, UNBOOKMARK, FOLLOW, UNFOLLOW)


@pytest.mark.parametrize("query", JOINS)
def test_nobody_joins_without_signing_in(
    client: Client, people: dict[str, Viewer], post: str, query: str
) -> None:
    author = global_id("User", people["author"].claims["id"])

    payload = client.field(
        query, people["nobody"], id=author if "userId" in query else post
    )

    assert code(payload) in ("UNAUTHENTICATED", "FORBIDDEN")


@pytest.mark.parametrize("query", JOINS[:4])
@pytest.mark.parametrize("hidden", ["draft", "deleted", "missing"])
def test_what_can_not_be_read_is_not_there(
    client: Client,
    people: dict[str, Viewer],
    engine: Engine,
    query: str,
    hidden: str,
) -> None:
    keys = {
        "draft": create_post(engine, status=PostStatus.DRAFT),
        "deleted": create_post(engine, deleted_at=sa.func.now()),
        "missing": 10**9,
    }

    payload = client.field(query, people["reader"], id=global_id("Post", keys[hidden]))

    assert code(payload) == "NOT_FOUND"
    assert payload["errors"][0]["path"] == ["postId"]


@pytest.mark.parametrize("query", JOINS)
@pytest.mark.parametrize("id", ["", "x", "\x00", global_id("Tag", 1)])
def test_other_ids_are_refused(
    client: Client, people: dict[str, Viewer], query: str, id: str
) -> None:
    payload = client.field(query, people["reader"], id=id)

    assert code(payload) == "BAD_USER_INPUT"


@pytest.mark.parametrize("model", [Reaction, Bookmark, Follow])
def test_others_do_not_take_away_what_one_has_set(
    client: Client,
    people: dict[str, Viewer],
    engine: Engine,
    post: str,
    model: type[SQLModel],
) -> None:
    author = people["author"]
    editor = global_id("User", people["editor"].claims["id"])
    for query, target in ((REACT, post), (BOOKMARK, post), (FOLLOW, editor)):
        client.field(query, author, id=target)
    [key] = read(engine, sa.select(*table_of(model).primary_key))
    name = model.__name__
    query = f"mutation ($id: ID!) {{ delete{name}(id: $id) {{ errors {{ code }} }} }}"

    codes = [
        code(client.field(query, people[who], id=global_id(name, *key)))
        for who in ("nobody", "reader", "other", "admin")
    ]

    assert codes == ["FORBIDDEN"] * 4
    assert count_rows(engine, model) == 1

"""Rows for tests: what a test does not care about is filled in."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from gql_app.publishing.base import table_of
from gql_app.publishing.comment import Comment
from gql_app.publishing.post import Post, PostStatus
from gql_app.publishing.user import User

_numbers = count(1)


def insert(engine: sa.Engine, model: type[SQLModel], **values: Any) -> int:
    """A row with these values; the first part of its key."""
    with engine.begin() as connection:
        result = connection.execute(sa.insert(table_of(model)).values(values))
        key = result.inserted_primary_key
    assert key is not None
    return int(key[0])


def create_user(engine: sa.Engine, **values: Any) -> int:
    number = next(_numbers)
    defaults = {"username": f"user{number}", "display_name": f"User {number}"}
    return insert(engine, User, **{**defaults, **values})


def create_post(engine: sa.Engine, **values: Any) -> int:
    number = next(_numbers)
    defaults = {
        "slug": f"post-{number}",
        "title": f"Post {number}",
        "body": "Something to read.",
        "status": PostStatus.PUBLISHED,
        "published_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return insert(engine, Post, **{**defaults, **values})


def create_comment(engine: sa.Engine, post_id: int, **values: Any) -> int:
    return insert(engine, Comment, post_id=post_id, **{"body": "Well said.", **values})


def read(engine: sa.Engine, statement: sa.Select[Any]) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(statement)]


def count_rows(engine: sa.Engine, model: type[SQLModel]) -> int:
    [(number,)] = read(engine, sa.select(sa.func.count()).select_from(table_of(model)))
    return int(number)

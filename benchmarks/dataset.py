"""The dataset: the same rows in every run, through the project's own tables."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from psycopg2.extensions import connection as Connection  # noqa: N812 - a class
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class
from psycopg2.sql import SQL, Identifier
from sqlmodel import SQLModel

from gql_app.publishing.base import table_of
from gql_app.publishing.comment import Comment
from gql_app.publishing.post import Post
from gql_app.publishing.post_tag import PostTag
from gql_app.publishing.tag import Tag
from gql_app.publishing.user import User

USERS, POSTS, COMMENTS, TAGS = 2_000, 20_000, 100_000, 200
BUSY_USERS, BUSY_SHARE, BUSY_COMMENTS = 100, 0.2, 10
"""The first users wrote a fifth of the posts, and each of these has comments enough to
fill a page: what is nested has its full size."""

START = datetime(2024, 1, 1, tzinfo=UTC)
WORDS = (
    "index page cursor join row table snapshot latch vacuum planner cache schema "
    "field query loader batch socket header token limit policy viewer draft"
)

POST_COLUMNS = (
    "id slug title body status published_at author_id author_name score view_count "
    "created_at updated_at"
)
COMMENT_COLUMNS = "id post_id author_id author_name body score created_at updated_at"

Row = Sequence[Any]


def fill(connection: Connection) -> None:
    """Write every row into an empty, migrated database."""
    random = Random(2026)
    with connection, connection.cursor() as cursor:
        _copy(cursor, User, "id username display_name role", _users())
        _copy(cursor, Tag, "id name", _tags())
        posts = _posts(random)
        _copy(cursor, Post, POST_COLUMNS, posts)
        _copy(cursor, PostTag, "post_id tag_id", _post_tags(random))
        _copy(cursor, Comment, COMMENT_COLUMNS, _comments(random, posts))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def remove_new_posts(connection: Connection) -> None:
    """Leave the database, which commits by itself, as `fill` has left it."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM post WHERE id > %s", [POSTS])
        _move_sequence(cursor, table_of(Post).name)
        cursor.execute("VACUUM ANALYZE post, post_tag")


def _users() -> Iterable[Row]:
    for number in range(1, USERS + 1):
        yield number, f"u{number}", f"User {number}", "AUTHOR"


def _tags() -> Iterable[Row]:
    """Their ids and their names are in the same order, so that it doesn't matter by
    which of the two a system orders them by default."""
    names = sorted(f"t{number}" for number in range(1, TAGS + 1))
    return list(enumerate(names, start=1))


def _posts(random: Random) -> list[Row]:
    return [_post(number, random) for number in range(1, POSTS + 1)]


def _post(number: int, random: Random) -> Row:
    busy = random.random() < BUSY_SHARE
    author = random.randint(1, BUSY_USERS if busy else USERS)
    at = _moment(timedelta(minutes=25) * number, random)
    title = f"Post {number} about {_words(random, 4)}"
    texts = (f"post-{number}", title, _words(random, 40), "PUBLISHED", at)
    numbers = (random.randint(-5, 500), random.randint(0, 100_000))
    return number, *texts, author, f"User {author}", *numbers, at, at


def _post_tags(random: Random) -> Iterable[Row]:
    for post in range(1, POSTS + 1):
        for tag in random.sample(range(1, TAGS + 1), random.choice((2, 3, 3, 5))):
            yield post, tag


def _comments(random: Random, posts: Sequence[Row]) -> Iterable[Row]:
    column = POST_COLUMNS.split().index("author_id")
    busy = [post[0] for post in posts if post[column] <= BUSY_USERS]
    about = busy * BUSY_COMMENTS
    about += random.choices(range(1, POSTS + 1), k=COMMENTS - len(about))
    random.shuffle(about)
    for number, post in enumerate(about, start=1):
        author = random.randint(1, USERS)
        at = _moment(timedelta(minutes=25) * POSTS + timedelta(minutes=number), random)
        body = _words(random, 8)
        score = random.randint(-2, 20)
        yield number, post, author, f"User {author}", body, score, at, at


def _moment(after: timedelta, random: Random) -> datetime:
    return START + after + timedelta(microseconds=random.randrange(60_000_000))


def _words(random: Random, count: int) -> str:
    return " ".join(random.choices(WORDS.split(), k=count))


def _copy(
    cursor: Cursor, model: type[SQLModel], columns: str, rows: Iterable[Row]
) -> None:
    table = table_of(model)
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    buffer.seek(0)
    names = SQL(", ").join(map(Identifier, columns.split()))
    target = SQL("{} ({})").format(Identifier(table.name), names)
    cursor.copy_expert(SQL("COPY {} FROM STDIN (FORMAT csv)").format(target), buffer)
    if "id" in columns.split():
        _move_sequence(cursor, table.name)


def _move_sequence(cursor: Cursor, table: str) -> None:
    """Rows that come with their ids do not move the sequence of ids."""
    statement = SQL("SELECT setval(pg_get_serial_sequence(%s, 'id'), max(id)) FROM {}")
    cursor.execute(statement.format(Identifier(table)), (f'"{table}"',))

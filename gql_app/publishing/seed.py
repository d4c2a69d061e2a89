"""A small community of our own making, so that a first run has something to show."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from importlib import resources
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from gql_app.publishing.base import table_of
from gql_app.publishing.bookmark import Bookmark
from gql_app.publishing.comment import Comment
from gql_app.publishing.excerpts import TextFormat
from gql_app.publishing.follow import Follow
from gql_app.publishing.post import Post, PostStatus
from gql_app.publishing.post_link import PostLink, PostLinkKind
from gql_app.publishing.post_tag import PostTag
from gql_app.publishing.profile import Profile
from gql_app.publishing.reaction import Reaction, ReactionKind
from gql_app.publishing.revision import Revision
from gql_app.publishing.slugs import slugify
from gql_app.publishing.tag import Tag
from gql_app.publishing.user import Role, User

_Entry = Mapping[str, Any]


def seed(engine: sa.Engine) -> bool:
    """Write the community of `seed.toml`, always the same; False, and nothing
    written, if the database has any accounts, posts or tags."""
    file = resources.files("gql_app.publishing") / "seed.toml"
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    with engine.begin() as connection:
        for model in (User, Post, Tag):
            if connection.scalar(sa.select(sa.exists(table_of(model).select()))):
                return False
        _Community(connection).write(content)
    return True


class _Community:
    """Writes one part after the other and remembers the ids that later ones need."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._users: dict[str, int] = {}
        self._names: dict[str, str] = {}
        self._tags: dict[str, int] = {}
        self._posts: dict[str, int] = {}

    def write(self, content: _Entry) -> None:
        for entry in content["user"]:
            self._write_user(entry)
        for entry in content["tag"]:
            self._tags[entry["name"]] = self._insert(Tag, **entry)
        for entry in content["post"]:
            self._write_post(entry)
        for entry in content["follow"]:
            self._write_follows(entry)
        for entry in content["link"]:
            self._write_link(entry)

    def _write_user(self, entry: _Entry) -> None:
        name = entry["username"]
        self._names[name] = entry["name"]
        self._users[name] = self._insert(
            User,
            username=name,
            display_name=entry["name"],
            role=Role[entry["role"]],
            created_at=entry["joined"],
        )
        about = {key: entry.get(key) for key in ("bio", "location", "website")}
        self._insert(Profile, user_id=self._users[name], **about)

    def _write_post(self, entry: _Entry) -> None:
        at: datetime = entry["at"]
        status = PostStatus[entry.get("status", "PUBLISHED")]
        readers = [
            (kind, n) for kind in ReactionKind for n in entry.get(kind.value, ())
        ]
        earlier = entry.get("revision", ())
        post_id = self._posts[entry["title"]] = self._insert(
            Post,
            slug=slugify(entry["title"]),
            title=entry["title"],
            body=entry["body"].strip(),
            format=TextFormat[entry.get("format", "MARKDOWN")],
            status=status,
            published_at=None if status is PostStatus.DRAFT else at,
            created_at=at,
            updated_at=at + timedelta(days=len(earlier)),
            deleted_at=at + timedelta(days=1) if entry.get("deleted") else None,
            version=len(earlier) + 1,
            score=len(readers),
            view_count=entry["views"],
            **self._author(entry),
        )
        for name in entry["tags"]:
            self._insert(PostTag, post_id=post_id, tag_id=self._tags[name])
        moments = _moments_after(at)
        self._write_comments({"post_id": post_id}, entry.get("comment", ()), moments)
        for kind, name in readers:
            sign = {"user_id": self._users[name], "kind": kind}
            self._insert(Reaction, post_id=post_id, created_at=next(moments), **sign)
        for name in entry.get("bookmarks", ()):
            keys = {"user_id": self._users[name], "post_id": post_id}
            self._insert(Bookmark, created_at=next(moments), **keys)
        for number, revision in enumerate(earlier, start=1):
            self._write_revision(entry, number, revision)

    def _write_comments(
        self, place: _Entry, entries: Iterable[_Entry], moments: Iterator[datetime]
    ) -> None:
        """Comments at a place, which is a post and perhaps a comment on it."""
        for entry in entries:
            at = next(moments)
            comment_id = self._insert(
                Comment,
                body=entry["body"].strip(),
                score=len(entry["body"]) % 9,
                created_at=at,
                updated_at=at,
                deleted_at=at + timedelta(hours=1) if entry.get("deleted") else None,
                **place,
                **self._author(entry),
            )
            if entry.get("pinned"):
                self._pin(place["post_id"], comment_id)
            below = {"post_id": place["post_id"], "parent_id": comment_id}
            self._write_comments(below, entry.get("reply", ()), moments)

    def _pin(self, post_id: int, comment_id: int) -> None:
        post = table_of(Post)
        pinned = {"pinned_comment_id": comment_id, "updated_at": post.c.updated_at}
        self._connection.execute(
            sa.update(post).where(post.c.id == post_id).values(pinned)
        )

    def _write_revision(self, post: _Entry, number: int, entry: _Entry) -> None:
        self._insert(
            Revision,
            post_id=self._posts[post["title"]],
            number=number,
            title=entry["title"],
            body=entry["body"].strip(),
            data={
                "slug": slugify(post["title"]),
                "status": PostStatus.PUBLISHED.name,
                "tags": post["tags"],
            },
            editor_id=self._users[post["author"]],
            created_at=post["at"] + timedelta(days=number),
        )

    def _write_follows(self, entry: _Entry) -> None:
        moments = _moments_after(entry["from"])
        for name in entry["users"]:
            ends = {
                "follower_id": self._users[entry["by"]],
                "followed_id": self._users[name],
            }
            self._insert(Follow, created_at=next(moments), **ends)

    def _write_link(self, entry: _Entry) -> None:
        self._insert(
            PostLink,
            post_id=self._posts[entry["from"]],
            target_id=self._posts[entry["to"]],
            kind=PostLinkKind[entry["kind"]],
            created_at=entry["at"],
        )

    def _author(self, entry: _Entry) -> dict[str, Any]:
        """By an account, or under the name of one that is gone."""
        name = entry.get("author")
        if name is None:
            return {"author_id": None, "author_name": entry["author_name"]}
        return {"author_id": self._users[name], "author_name": self._names[name]}

    def _insert(self, model: type[SQLModel], **values: Any) -> Any:
        """The first part of the new row's key."""
        statement = sa.insert(table_of(model)).values(values)
        key = self._connection.execute(statement).inserted_primary_key
        return key[0] if key else None


def _moments_after(at: datetime) -> Iterator[datetime]:
    """Regular, but not round: nobody answers on the hour."""
    return (at + number * timedelta(hours=3, minutes=11) for number in count(1))

"""What happens along with a write, in its transaction: slugs, names, history, counts."""

import secrets
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gql_app.engine.errors import BadUserInputError, NotFoundError
from gql_app.engine.hooks import Change, Hooks
from gql_app.publishing.base import table_of
from gql_app.publishing.comment import Comment
from gql_app.publishing.post import Post
from gql_app.publishing.post_tag import PostTag
from gql_app.publishing.revision import Revision
from gql_app.publishing.slugs import slugify
from gql_app.publishing.tag import Tag
from gql_app.publishing.user import User

DEEPEST_REPLY = 20

_COMMENT, _POST, _USER = table_of(Comment), table_of(Post), table_of(User)
_CONTENT = frozenset({"title", "body", "format"})
# What changes where a post is in its life, or how it is shown, is no edit.
_STATE = frozenset({"status", "published_at", "pinned_comment_id"})


def name_post(change: Change) -> None:
    """Give a new post its slug, for good, and the name of its author."""
    wanted = slugify(change.values["title"]) or "post"
    _wait_for(change.connection, wanted)
    author = sa.select(_USER.c.display_name).where(
        _USER.c.id == change.values["author_id"]
    )
    taken = sa.exists().where(_POST.c.slug == wanted)
    found = sa.select(author.scalar_subquery(), taken)
    name, exists = change.connection.execute(found).one()
    change.values["author_name"] = name
    change.values["slug"] = f"{wanted}-{secrets.token_hex(4)}" if exists else wanted


def keep_revision(change: Change) -> None:
    """Keep what the post is before an edit."""
    before, values = change.before, change.values
    assert before is not None
    _check_pinned(change, before)
    if values and values.keys() <= _STATE:
        values["updated_at"] = before["updated_at"]
        return
    # Without any values it is about its relations: the tags.
    if values and all(
        before[name] == values.get(name, before[name]) for name in _CONTENT
    ):
        return
    insert = _insert(change.connection, table_of(Revision)).values(
        post_id=before["id"],
        number=before["version"],
        title=before["title"],
        body=before["body"],
        format=before["format"],
        data=_data(change.connection, before),
        editor_id=change.viewer.claims.get("id"),
    )
    change.connection.execute(insert.on_conflict_do_nothing())


def name_comment(change: Change) -> None:
    """Give a new comment the name of its author, and check what it replies to."""
    author = sa.select(_USER.c.display_name).where(
        _USER.c.id == change.values["author_id"]
    )
    change.values["author_name"] = change.connection.scalar(author)
    parent_id = change.values.get("parent_id")
    if parent_id is not None:
        _check_parent(change, parent_id)


def count_reaction(change: Change) -> None:
    """One more point for the post."""
    _score(change, change.values["post_id"], 1)


def discount_reaction(change: Change) -> None:
    """One point less for the post."""
    assert change.before is not None
    _score(change, change.before["post_id"], -1)


def _wait_for(connection: sa.Connection, slug: str) -> None:
    """Of posts that want the same slug, one after the other looks whether it is free.
    SQLite has one writer at a time anyway."""
    if connection.dialect.name == "postgresql":
        key = sa.func.hashtextextended(slug, 0)
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


def _check_pinned(change: Change, post: Mapping[str, Any]) -> None:
    comment_id = change.values.get("pinned_comment_id")
    if comment_id is None:
        return
    own = sa.exists().where(
        _COMMENT.c.id == comment_id,
        _COMMENT.c.post_id == post["id"],
        _COMMENT.c.deleted_at.is_(None),
    )
    if not change.connection.scalar(sa.select(own)):
        raise NotFoundError("There is no such comment on the post.")


def _check_parent(change: Change, parent_id: int) -> None:
    """The parent is on the same post, and not too deep in its thread."""
    parent = sa.select(_COMMENT.c.id, _COMMENT.c.parent_id, _COMMENT.c.post_id)
    above = parent.where(_COMMENT.c.id == parent_id).cte("above", recursive=True)
    above = above.union_all(parent.where(_COMMENT.c.id == above.c.parent_id))
    known = change.connection.execute(
        sa.select(above.c.post_id).limit(DEEPEST_REPLY + 1)
    ).all()
    if not known or known[0][0] != change.values["post_id"]:
        raise NotFoundError("There is no such comment on the post.", path=("parentId",))
    if len(known) >= DEEPEST_REPLY:
        raise BadUserInputError(
            f"Replies go {DEEPEST_REPLY} deep: reply to a comment further up.",
            path=("parentId",),
        )


def _data(connection: sa.Connection, post: Mapping[str, Any]) -> dict[str, Any]:
    tag, link = table_of(Tag), table_of(PostTag)
    names = (
        sa.select(tag.c.name)
        .join(link, link.c.tag_id == tag.c.id)
        .where(link.c.post_id == post["id"])
        .order_by(tag.c.name)
    )
    return {
        "slug": post["slug"],
        "status": post["status"].name,
        "tags": list(connection.scalars(names)),
    }


def _score(change: Change, post_id: int, points: int) -> None:
    # In the database, so that no other reaction is lost; it is no edit, either.
    scoring = sa.update(_POST).where(_POST.c.id == post_id)
    change.connection.execute(
        scoring.values(score=_POST.c.score + points, updated_at=_POST.c.updated_at)
    )


def _insert(
    connection: sa.Connection, table: sa.Table
) -> postgresql.Insert | sqlite.Insert:
    on_sqlite = connection.dialect.name == "sqlite"
    return sqlite.insert(table) if on_sqlite else postgresql.insert(table)


post_hooks = Hooks(before_create=name_post, before_update=keep_revision)
comment_hooks = Hooks(before_create=name_comment)
reaction_hooks = Hooks(after_create=count_reaction, after_delete=discount_reaction)

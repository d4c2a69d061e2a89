"""What happens along with a write, in its transaction: slugs, history, counts."""

import secrets
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from gql_app.engine.errors import BadUserInputError, ConflictError, NotFoundError
from gql_app.engine.hooks import Change, Hooks
from gql_app.publishing.base import table_of
from gql_app.publishing.comment import Comment
from gql_app.publishing.post import Post, PostStatus
from gql_app.publishing.post_tag import PostTag
from gql_app.publishing.reaction import Reaction
from gql_app.publishing.revision import Revision
from gql_app.publishing.slugs import slugify
from gql_app.publishing.tag import Tag

DEEPEST_REPLY = 20

_COMMENT, _POST = table_of(Comment), table_of(Post)
_REACTION, _REVISION = table_of(Reaction), table_of(Revision)
# What changes where a post is in its life, or how it is shown, is no edit.
_STATE = frozenset({"status", "published_at", "pinned_comment_id"})


def name_post(change: Change) -> None:
    """Give a new post its slug, for good. If only some had an ending, it would tell that
    there is a post with the same title, which may be somebody's draft."""
    slug = slugify(change.values["title"]) or "post"
    change.values["slug"] = f"{slug}-{secrets.token_hex(4)}"


def check_state(change: Change) -> None:
    """Publishing and the like: only what makes sense, and no edit."""
    before, values = change.before, change.values
    assert before is not None
    if not values or not values.keys() <= _STATE:
        return
    _check_pinned(change, before)
    if before["published_at"] is not None and "published_at" in values:
        values["published_at"] = before["published_at"]  # the first time counts
    if values.get("status") is PostStatus.ARCHIVED and before["published_at"] is None:
        raise ConflictError("A draft can't be archived.")
    if all(before[name] == value for name, value in values.items()):
        values.clear()
    else:
        values["updated_at"] = before["updated_at"]


def keep_revision(change: Change) -> None:
    """Keep what the post was before an edit; its tags are changed later."""
    before, after = change.before, change.after
    assert before is not None
    assert after is not None
    edited = not change.values or not change.values.keys() <= _STATE | {"updated_at"}
    if not edited or before["version"] == after["version"]:
        return
    tags = change.connection.scalars(_TAGS, {"post": before["id"]})
    revision = {
        "post_id": before["id"],
        "number": before["version"],
        "title": before["title"],
        "body": before["body"],
        "format": before["format"],
        "data": {
            "slug": before["slug"],
            "status": before["status"].name,
            "tags": list(tags),
        },
        "editor_id": change.viewer.claims.get("id"),
    }
    change.connection.execute(sa.insert(_REVISION), revision)


def check_thread(change: Change) -> None:
    """A reply is to a comment on the same post, not too deep in its thread."""
    parent_id = change.values.get("parent_id")
    if parent_id is None:
        return
    known = change.connection.scalars(_THREAD, {"comment": parent_id}).all()
    if not known or known[0] != change.values["post_id"]:
        raise NotFoundError("There is no such comment on the post.", path=("parentId",))
    if len(known) >= DEEPEST_REPLY:
        raise BadUserInputError(
            f"Replies go {DEEPEST_REPLY} deep: reply to a comment further up.",
            path=("parentId",),
        )


def check_followed(change: Change) -> None:
    """One follows others."""
    if change.values["followed_id"] == change.values["follower_id"]:
        raise BadUserInputError("Nobody follows themselves.")


def count_reaction(change: Change) -> None:
    """One more point for the post."""
    scored = {"post": change.values["post_id"], "points": 1}
    change.connection.execute(_SCORE, scored)


def discount_reaction(change: Change) -> None:
    """One point less for the post."""
    assert change.before is not None
    scored = {"post": change.before["post_id"], "points": -1}
    change.connection.execute(_SCORE, scored)


def discount_reactions_of(change: Change) -> None:
    """What a deleted account's reactions counted goes with them."""
    assert change.before is not None
    discount_reactions(change.connection, change.before["id"])


def discount_reactions(connection: sa.Connection, user_id: int) -> None:
    """Take from posts the points that the user's reactions gave them."""
    connection.execute(_LOCK_LIKED, {"user": user_id})
    connection.execute(_DISCOUNT, {"user": user_id})


def _check_pinned(change: Change, post: Mapping[str, Any]) -> None:
    comment_id = change.values.get("pinned_comment_id")
    named = {"comment": comment_id, "post": post["id"]}
    if comment_id is not None and not change.connection.scalar(_IS_ON_POST, named):
        raise NotFoundError("There is no such comment on the post.")


# Statements are made once: making one takes longer than running it.

_IS_ON_POST = sa.select(
    sa.exists().where(
        _COMMENT.c.id == sa.bindparam("comment"),
        _COMMENT.c.post_id == sa.bindparam("post"),
        _COMMENT.c.deleted_at.is_(None),
    )
)


def _tags() -> sa.Select[Any]:
    tag, link = table_of(Tag), table_of(PostTag)
    joined = sa.select(tag.c.name).join(link, link.c.tag_id == tag.c.id)
    return joined.where(link.c.post_id == sa.bindparam("post")).order_by(tag.c.name)


_TAGS = _tags()


def _thread() -> sa.Select[Any]:
    """The posts of a comment and of those above it, itself first."""
    comment = sa.select(
        _COMMENT.c.post_id, _COMMENT.c.parent_id, sa.literal(1).label("height")
    )
    thread = comment.where(_COMMENT.c.id == sa.bindparam("comment"))
    above = thread.cte("above", recursive=True)
    parent = sa.select(_COMMENT.c.post_id, _COMMENT.c.parent_id, above.c.height + 1)
    parent = parent.where(
        _COMMENT.c.id == above.c.parent_id, above.c.height < DEEPEST_REPLY
    )
    above = above.union_all(parent)
    return sa.select(above.c.post_id).order_by(above.c.height)


_THREAD = _thread()

# In the database, so that no other reaction is lost; it is no edit, either.
_SCORE = (
    sa.update(_POST)
    .where(_POST.c.id == sa.bindparam("post"))
    .values(score=_POST.c.score + sa.bindparam("points"), updated_at=_POST.c.updated_at)
)

_OWN = _REACTION.c.user_id == sa.bindparam("user")
_LIKED = sa.select(_POST.c.id).where(
    _POST.c.id.in_(sa.select(_REACTION.c.post_id).where(_OWN))
)
# In one order, so that two accounts can be deleted at once.
_LOCK_LIKED = _LIKED.order_by(_POST.c.id).with_for_update(key_share=True)
_POINTS = (
    sa.select(sa.func.count())
    .select_from(_REACTION)
    .where(_OWN, _REACTION.c.post_id == _POST.c.id)
    .scalar_subquery()
)
_DISCOUNT = (
    sa.update(_POST)
    .where(_POST.c.id.in_(_LIKED))
    .values(score=_POST.c.score - _POINTS, updated_at=_POST.c.updated_at)
)

user_hooks = Hooks(before_delete=discount_reactions_of)
post_hooks = Hooks(
    before_create=name_post, before_update=check_state, after_update=keep_revision
)
comment_hooks = Hooks(before_create=check_thread)
follow_hooks = Hooks(before_create=check_followed)
reaction_hooks = Hooks(after_create=count_reaction, after_delete=discount_reaction)

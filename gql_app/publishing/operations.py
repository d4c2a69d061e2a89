"""The domain's own mutations: the life of posts, reactions, bookmarks, follows.

They choose what is written; who may write it is for the policies to say, and what
happens along with it for the hooks.
"""

from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any, TypeAlias

import strawberry
from sqlmodel import SQLModel
from strawberry.tools import create_type
from strawberry.types.field import StrawberryField

from gql_app.engine.errors import NotFoundError, Path
from gql_app.engine.names import pascal
from gql_app.engine.sdl import Value, optional
from gql_app.engine.writing.context import WritingContext
from gql_app.engine.writing.create import check_created, insert_missing
from gql_app.engine.writing.delete import delete_rows
from gql_app.engine.writing.drafts import Draft, Key, Reference
from gql_app.engine.writing.nested import settle
from gql_app.engine.writing.parsing import InputReader
from gql_app.engine.writing.problems import ProblemsError
from gql_app.engine.writing.references import check_references
from gql_app.engine.writing.update import Chosen, check_updated, update_row
from gql_app.engine.writing.verbs import Written
from gql_app.engine.writing.writer import Writer
from gql_app.publishing import api
from gql_app.publishing.base import utc_now
from gql_app.publishing.bookmark import Bookmark
from gql_app.publishing.comment import Comment
from gql_app.publishing.follow import Follow
from gql_app.publishing.handwritten import (
    entity_of,
    mutation,
    payload_type,
    row_field,
)
from gql_app.publishing.post import Post, PostStatus
from gql_app.publishing.reaction import Reaction, ReactionKind
from gql_app.publishing.user import User

Info: TypeAlias = strawberry.Info[WritingContext]

_ARGUMENTS: Mapping[str, Value] = {
    "id": Value(strawberry.ID, "The post."),
    "post_id": Value(strawberry.ID, "The post."),
    "comment_id": Value(strawberry.ID, "One of the comments on it."),
    "user_id": Value(strawberry.ID, "The user."),
    "kind": Value(ReactionKind, "The sign to react with."),
    "expected_version": Value(
        optional(int), "The version that the change is meant for; no other is changed."
    ),
}


async def publish_post(
    info: Info, id: str, expected_version: Any = strawberry.UNSET
) -> Written:
    """Let everyone read a post."""
    values = {"status": PostStatus.PUBLISHED, "published_at": utc_now()}
    return await info.context.write(_change, ("id", id), values, expected_version)


async def unpublish_post(
    info: Info, id: str, expected_version: Any = strawberry.UNSET
) -> Written:
    """Make a post a draft again."""
    values = {"status": PostStatus.DRAFT}
    return await info.context.write(_change, ("id", id), values, expected_version)


async def archive_post(
    info: Info, id: str, expected_version: Any = strawberry.UNSET
) -> Written:
    """Let a published post take no more comments."""
    values = {"status": PostStatus.ARCHIVED}
    return await info.context.write(_change, ("id", id), values, expected_version)


async def pin_comment(info: Info, post_id: str, comment_id: str) -> Written:
    """Show a comment before all others."""
    return await info.context.write(_pin, ("postId", post_id), comment_id)


async def unpin_comment(info: Info, post_id: str) -> Written:
    """Show no comment before the others."""
    values = {"pinned_comment_id": None}
    return await info.context.write(_change, ("postId", post_id), values)


async def react(info: Info, post_id: str, kind: ReactionKind) -> Written:
    """React to a post; doing it twice is as doing it once."""
    more = {"kind": kind}
    return await info.context.write(_join, Reaction, ("postId", post_id), more)


async def unreact(info: Info, post_id: str, kind: ReactionKind) -> Written:
    """Take a reaction to a post back, if there is one."""
    more = {"kind": kind}
    return await info.context.write(_leave, Reaction, ("postId", post_id), more)


async def bookmark(info: Info, post_id: str) -> Written:
    """Bookmark a post; doing it twice is as doing it once."""
    return await info.context.write(_join, Bookmark, ("postId", post_id))


async def unbookmark(info: Info, post_id: str) -> Written:
    """Remove a bookmark, if there is one."""
    return await info.context.write(_leave, Bookmark, ("postId", post_id))


async def follow(info: Info, user_id: str) -> Written:
    """Follow a user; doing it twice is as doing it once."""
    return await info.context.write(_join, Follow, ("userId", user_id))


async def unfollow(info: Info, user_id: str) -> Written:
    """Follow a user no longer."""
    return await info.context.write(_leave, Follow, ("userId", user_id))


_OF_POSTS = (
    *(publish_post, unpublish_post, archive_post, pin_comment, unpin_comment),
    *(react, unreact, bookmark, unbookmark),
)
_OF_USERS = (follow, unfollow)


def publishing_mutations() -> type:
    """The fields, to be added to Mutation."""
    fields = [_field(one, Post) for one in _OF_POSTS]
    fields += [_field(one, User) for one in _OF_USERS]
    return create_type("PublishingMutations", fields)


def _field(resolver: Callable[..., Any], model: type[SQLModel]) -> StrawberryField:
    entity = entity_of(api, model)
    row = row_field(entity, api.type_of(model), "The row as it is now.")
    payload = payload_type(
        f"{pascal(resolver.__name__)}Payload", {entity.root_field: row}
    )
    names = [name for name in signature(resolver).parameters if name != "info"]
    arguments = {name: _ARGUMENTS[name] for name in names}
    return mutation(resolver, payload, resolver.__doc__ or "", arguments)


def _change(
    writer: Writer,
    post: tuple[str, str],
    values: dict[str, Any],
    expected_version: Any = strawberry.UNSET,
) -> Written:
    """Set columns of a post."""
    reference = _named(writer, Post, *post)
    expected = None if expected_version is strawberry.UNSET else expected_version
    row = Chosen(reference.key, reference.path, expected)
    draft = Draft(reference.entity, reference.path, values, frozenset())
    update_row(writer, row, draft)
    check_updated(writer, reference.entity, [row])
    return Written([row.key])


def _pin(writer: Writer, post: tuple[str, str], comment_id: str) -> Written:
    comment = _named(writer, Comment, "commentId", comment_id)
    check_references(writer, [comment])
    return _change(writer, post, {"pinned_comment_id": comment.key[0]})


def _join(
    writer: Writer,
    model: type[SQLModel],
    end: tuple[str, str],
    more: Mapping[str, Any] | None = None,
) -> Written:
    """Make a row between the viewer and what is named, unless it is there."""
    reference, draft = _link(writer, model, end, more or {})
    settle(writer, [draft])
    key = draft.entity.key
    (made,) = insert_missing(writer, [draft], key)
    if made is not None:
        check_created(writer, [draft], [_key_of(draft)])
    return Written([reference.key])


def _leave(
    writer: Writer,
    model: type[SQLModel],
    end: tuple[str, str],
    more: Mapping[str, Any] | None = None,
) -> Written:
    """Delete the row between the viewer and what is named, if it is there."""
    reference, draft = _link(writer, model, end, more or {})
    check_references(writer, [reference])
    writer.preset(draft.entity, draft.values)
    try:
        delete_rows(writer, draft.entity, [Chosen(_key_of(draft), draft.path)])
    except ProblemsError as problems:
        if not all(isinstance(one, NotFoundError) for one in problems.errors):
            raise
    return Written([reference.key])


def _link(
    writer: Writer, model: type[SQLModel], end: tuple[str, str], more: Mapping[str, Any]
) -> tuple[Reference, Draft]:
    """What is named, and the row between it and the viewer."""
    entity = entity_of(api, model)
    column = "followed_id" if model is Follow else "post_id"
    reference = _named(writer, User if model is Follow else Post, *end)
    values = {column: reference.key[0], **more}
    draft = Draft(entity, reference.path, values, frozenset(), [reference])
    return reference, draft


def _named(
    writer: Writer, model: type[SQLModel], argument: str, global_id: str
) -> Reference:
    path: Path = (argument,)
    reader = InputReader(writer.scope, writer.limits)
    reference = reader.reference(entity_of(api, model), global_id, path)
    reader.check()
    assert reference is not None
    return reference


def _key_of(draft: Draft) -> Key:
    return tuple(draft.values.get(column.name) for column in draft.entity.key)

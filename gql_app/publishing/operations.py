"""The domain's own mutations: the life of posts, reactions, bookmarks, follows.

They choose what is written; who may write it is for the policies to say, and what
happens along with it for the hooks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import strawberry
from sqlmodel import SQLModel

from gql_app.engine.errors import NotFoundError
from gql_app.engine.sdl import Field, Value, declare, define_type, optional
from gql_app.engine.writing.create import check_created, insert_missing
from gql_app.engine.writing.delete import delete_rows
from gql_app.engine.writing.drafts import Draft, Key, Reference
from gql_app.engine.writing.mutations import WriteField
from gql_app.engine.writing.nested import settle
from gql_app.engine.writing.parsing import InputReader
from gql_app.engine.writing.problems import ProblemsError
from gql_app.engine.writing.references import check_references
from gql_app.engine.writing.update import Chosen, check_updated, update_row
from gql_app.engine.writing.verbs import Arguments, Written
from gql_app.engine.writing.writer import Writer
from gql_app.publishing import api
from gql_app.publishing.base import utc_now
from gql_app.publishing.bookmark import Bookmark
from gql_app.publishing.comment import Comment
from gql_app.publishing.follow import Follow
from gql_app.publishing.handwritten import entity_of, payload_type, row_field
from gql_app.publishing.post import Post, PostStatus
from gql_app.publishing.reaction import Reaction, ReactionKind
from gql_app.publishing.user import User

_ID = Value(strawberry.ID, "The post.")
_ARGUMENTS: Mapping[str, Value] = {
    "id": _ID,
    "postId": _ID,
    "commentId": Value(strawberry.ID, "One of the comments on it."),
    "userId": Value(strawberry.ID, "The user."),
    "kind": Value(ReactionKind, "The sign to react with."),
    "expectedVersion": Value(
        optional(int), "The version that the change is meant for; no other is changed."
    ),
}


def _publish(writer: Writer, given: Arguments) -> Written:
    values = {"status": PostStatus.PUBLISHED, "published_at": utc_now()}
    return _change(writer, given, "id", values)


def _unpublish(writer: Writer, given: Arguments) -> Written:
    return _change(writer, given, "id", {"status": PostStatus.DRAFT})


def _archive(writer: Writer, given: Arguments) -> Written:
    return _change(writer, given, "id", {"status": PostStatus.ARCHIVED})


def _pin(writer: Writer, given: Arguments) -> Written:
    comment = _named(writer, Comment, given, "commentId")
    check_references(writer, [comment])
    return _change(writer, given, "postId", {"pinned_comment_id": comment.key[0]})


def _unpin(writer: Writer, given: Arguments) -> Written:
    return _change(writer, given, "postId", {"pinned_comment_id": None})


@dataclass(frozen=True, slots=True)
class _Joining:
    """Makes or unmakes rows of a table between viewers and the rows of another one."""

    link: type[SQLModel]
    to: type[SQLModel]
    column: str
    argument: str

    def join(self, writer: Writer, given: Arguments) -> Written:
        """Make the row between the viewer and what is named, unless it is there."""
        reference, draft = self._between(writer, given)
        settle(writer, [draft])
        (made,) = insert_missing(writer, [draft], draft.entity.key)
        if made is not None:
            check_created(writer, [draft], [_key_of(draft)])
        return Written([reference.key])

    def leave(self, writer: Writer, given: Arguments) -> Written:
        """Delete that row, if it is there."""
        reference, draft = self._between(writer, given)
        check_references(writer, [reference])
        writer.preset(draft.entity, draft.values)
        try:
            delete_rows(writer, draft.entity, [Chosen(_key_of(draft), draft.path)])
        except ProblemsError as problems:
            if not all(isinstance(one, NotFoundError) for one in problems.errors):
                raise
        return Written([reference.key])

    def _between(self, writer: Writer, given: Arguments) -> tuple[Reference, Draft]:
        """What is named, and the row between it and the viewer."""
        reference = _named(writer, self.to, given, self.argument)
        values = {self.column: reference.key[0]}
        values |= {name: value for name, value in given.items() if name == "kind"}
        entity = entity_of(api, self.link)
        draft = Draft(entity, reference.path, values, frozenset(), [reference])
        return reference, draft


_REACTING = _Joining(Reaction, Post, "post_id", "postId")
_BOOKMARKING = _Joining(Bookmark, Post, "post_id", "postId")
_FOLLOWING = _Joining(Follow, User, "followed_id", "userId")

Work = Callable[[Writer, Arguments], Written]
_OF_POSTS: Sequence[tuple[str, Work, Sequence[str], str]] = (
    (
        *("publishPost", _publish, ("id", "expectedVersion")),
        "Let everyone read a post.",
    ),
    (
        *("unpublishPost", _unpublish, ("id", "expectedVersion")),
        "Make a post a draft again.",
    ),
    (
        *("archivePost", _archive, ("id", "expectedVersion")),
        "Let a published post take no more comments.",
    ),
    (
        *("pinComment", _pin, ("postId", "commentId")),
        "Show a comment before all others.",
    ),
    (
        *("unpinComment", _unpin, ("postId",)),
        "Show no comment before the others.",
    ),
    (
        *("react", _REACTING.join, ("postId", "kind")),
        "React to a post; doing it twice is as doing it once.",
    ),
    (
        *("unreact", _REACTING.leave, ("postId", "kind")),
        "Take a reaction to a post back, if there is one.",
    ),
    (
        *("bookmark", _BOOKMARKING.join, ("postId",)),
        "Bookmark a post; doing it twice is as doing it once.",
    ),
    (
        *("unbookmark", _BOOKMARKING.leave, ("postId",)),
        "Remove a bookmark, if there is one.",
    ),
)
_OF_USERS: Sequence[tuple[str, Work, Sequence[str], str]] = (
    (
        *("follow", _FOLLOWING.join, ("userId",)),
        "Follow a user; doing it twice is as doing it once.",
    ),
    (
        *("unfollow", _FOLLOWING.leave, ("userId",)),
        "Follow a user no longer.",
    ),
)


def publishing_mutations() -> type:
    """The fields, to be added to Mutation."""
    fields = {
        name: _field(model, name, work, (arguments, description))
        for model, some in ((Post, _OF_POSTS), (User, _OF_USERS))
        for name, work, arguments, description in some
    }
    return define_type(declare("PublishingMutations"), fields, "What members do.")


def _field(
    model: type[SQLModel], name: str, work: Work, about: tuple[Sequence[str], str]
) -> Field:
    arguments, description = about
    entity = entity_of(api, model)
    row = row_field(entity, api.type_of(model), "The row as it is now.")
    payload = payload_type(
        f"{name[0].upper()}{name[1:]}Payload", {entity.root_field: row}
    )
    given = {argument: _ARGUMENTS[argument] for argument in arguments}
    return Field(payload, description, WriteField(work, name), given)


def _change(
    writer: Writer, given: Arguments, argument: str, values: dict[str, Any]
) -> Written:
    """Set columns of the post that the argument names."""
    reference = _named(writer, Post, given, argument)
    row = Chosen(reference.key, reference.path, given.get("expectedVersion"))
    draft = Draft(reference.entity, reference.path, values, frozenset())
    update_row(writer, row, draft)
    check_updated(writer, reference.entity, [row])
    return Written([row.key])


def _named(
    writer: Writer, model: type[SQLModel], given: Arguments, argument: str
) -> Reference:
    reader = InputReader(writer.scope, writer.limits)
    entity = entity_of(api, model)
    reference = reader.reference(entity, given[argument], (argument,))
    reader.check()
    assert reference is not None
    return reference


def _key_of(draft: Draft) -> Key:
    return tuple(draft.values.get(column.name) for column in draft.entity.key)

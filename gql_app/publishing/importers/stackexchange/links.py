"""Favourites in Votes.xml -> bookmarks; PostLinks.xml -> post links."""

from typing import Any

from gql_app.publishing.bookmark import Bookmark
from gql_app.publishing.importers.stackexchange.batch import Batch
from gql_app.publishing.importers.stackexchange.errors import DroppedError
from gql_app.publishing.importers.stackexchange.rows import Row
from gql_app.publishing.post import Post
from gql_app.publishing.post_link import PostLink, PostLinkKind
from gql_app.publishing.user import User

_FAVOURITE = "5"
_VOTES = {
    "1": "accepted answer, kept as the pinned comment",
    "2": "up vote, anonymous: the score has it",
    "3": "down vote, anonymous: the score has it",
    "4": "flag as offensive",
    "6": "close vote",
    "7": "reopen vote",
    "8": "bounty start",
    "9": "bounty close",
    "10": "deletion",
    "11": "undeletion",
    "12": "flag as spam",
    "15": "moderator review",
    "16": "approved edit suggestion",
}
_LINKS = {"1": PostLinkKind.RELATED, "3": PostLinkKind.DUPLICATE}


def write_bookmarks(batch: Batch) -> None:
    """Votes that are favourites, of questions and by users that are there."""
    votes = [row for row in batch.rows if row.get("VoteTypeId") == _FAVOURITE]
    users = batch.find(
        User, (batch.user_source(row.get("UserId")) for row in votes), "id"
    )
    posts = batch.find(
        Post, (batch.question_source(row.get("PostId")) for row in votes), "id"
    )

    def bookmark(row: Row) -> dict[str, Any]:
        kind = row.text("VoteTypeId")
        if kind != _FAVOURITE:
            raise DroppedError(f"vote: {_VOTES.get(kind, f'of type {kind}')}")
        user = users.get(batch.user_source(row.get("UserId")))
        post = posts.get(batch.question_source(row.get("PostId")))
        if user is None or post is None:
            missing = "by a user" if user is None else "of a post"
            raise DroppedError(f"favourite {missing} that is not there")
        return {
            "user_id": user.id,
            "post_id": post.id,
            "created_at": row.moment("CreationDate"),
        }

    batch.insert(Bookmark, batch.keep(batch.rows, bookmark), key=("user_id", "post_id"))


def write_post_links(batch: Batch) -> None:
    """Links whose two ends are questions that are there."""
    ends = {row.get(name) for row in batch.rows for name in ("PostId", "RelatedPostId")}
    posts = batch.find(Post, map(batch.question_source, ends), "id")

    def link(row: Row) -> dict[str, Any]:
        kind = _LINKS.get(row.text("LinkTypeId"))
        if kind is None:
            raise DroppedError(f"link of type {row.get('LinkTypeId')}")
        post = posts.get(batch.question_source(row.get("PostId")))
        target = posts.get(batch.question_source(row.get("RelatedPostId")))
        if post is None or target is None:
            raise DroppedError("link with an end that is not there")
        if post is target:
            raise DroppedError("link of a post to itself")
        return {
            "post_id": post.id,
            "target_id": target.id,
            "kind": kind,
            "created_at": row.moment("CreationDate"),
        }

    links = batch.keep(batch.rows, link)
    batch.insert(PostLink, links, key=("post_id", "target_id", "kind"))

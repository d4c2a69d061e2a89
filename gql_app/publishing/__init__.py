"""A publishing community: the domain that this application serves.

Every entity has a file of its own with its table, its read, create and update models
and its policy. Here they come together.
"""

from gql_app.engine.api import Api
from gql_app.publishing import (
    bookmark,
    comment,
    follow,
    hooks,
    post,
    post_link,
    profile,
    reaction,
    revision,
    tag,
    user,
)
from gql_app.publishing.accounts.attempts import Attempts
from gql_app.publishing.bookmark import Bookmark, BookmarkRead
from gql_app.publishing.comment import (
    Comment,
    CommentCreate,
    CommentRead,
    CommentUpdate,
)
from gql_app.publishing.excerpts import excerpt, reading_minutes
from gql_app.publishing.follow import Follow, FollowRead
from gql_app.publishing.idempotency_key import KEPT
from gql_app.publishing.post import Post, PostCreate, PostRead, PostUpdate
from gql_app.publishing.post_link import PostLink, PostLinkCreate, PostLinkRead
from gql_app.publishing.profile import Profile, ProfileRead, ProfileUpdate
from gql_app.publishing.reaction import Reaction, ReactionRead
from gql_app.publishing.refresh_token import RefreshToken
from gql_app.publishing.revision import Revision, RevisionRead
from gql_app.publishing.tag import Tag, TagCreate, TagRead, TagUpdate
from gql_app.publishing.user import User, UserRead, UserUpdate

# Beside the API, the tables that it doesn't serve.
__all__ = ["KEPT", "Attempts", "RefreshToken", "api"]

api = Api()
api.add(
    User,
    read=UserRead,
    update=UserUpdate,
    policy=user.policy,
    order_by=("username",),
    hooks=hooks.user_hooks,
)
api.add(
    Profile,
    read=ProfileRead,
    update=ProfileUpdate,
    policy=profile.policy,
)
api.add(
    Post,
    read=PostRead,
    create=PostCreate,
    update=PostUpdate,
    policy=post.policy,
    order_by=("-created_at",),
    computed=(excerpt, reading_minutes),
    nested=("tags",),
    hooks=hooks.post_hooks,
)
api.add(
    Comment,
    read=CommentRead,
    create=CommentCreate,
    update=CommentUpdate,
    policy=comment.policy,
    order_by=("created_at",),
    computed=(excerpt,),
    hooks=hooks.comment_hooks,
)
api.add(
    Tag,
    read=TagRead,
    create=TagCreate,
    update=TagUpdate,
    policy=tag.policy,
    order_by=("name",),
)
api.add(
    Reaction,
    read=ReactionRead,
    policy=reaction.policy,
    order_by=("-created_at",),
    hooks=hooks.reaction_hooks,
)
api.add(
    Bookmark,
    read=BookmarkRead,
    policy=bookmark.policy,
    order_by=("-created_at",),
)
api.add(
    Follow,
    read=FollowRead,
    policy=follow.policy,
    order_by=("-created_at",),
    hooks=hooks.follow_hooks,
)
api.add(
    PostLink,
    read=PostLinkRead,
    create=PostLinkCreate,
    policy=post_link.policy,
    order_by=("created_at",),
)
api.add(
    Revision,
    read=RevisionRead,
    policy=revision.policy,
    order_by=("-created_at",),
)

"""Who may do what: the one table that the permission matrix is checked against.

Rows are known by the labels that `world.py` gives them. What hangs on a post, such as a
comment, has the label of the post.
"""

from collections.abc import Mapping
from typing import TypeAlias

Cases: TypeAlias = Mapping[str, str]
"""For each label, the viewers who may."""

NOBODY = ""
MEMBERS = "reader outsider author editor admin"
ALL = f"anonymous {MEMBERS}"
AUTHORS = "outsider author editor admin"
EDITORS = "editor admin"
OWNER = f"author {EDITORS}"
USERS = ("reader", "outsider", "author", "editor", "admin")

# The author has written all posts but one: a draft of somebody who only reads now.
POSTS: Cases = {
    "published": ALL,
    "archived": ALL,
    "draft": OWNER,
    "demoted": f"reader {EDITORS}",
    "deleted": NOBODY,
}
EDITED_POSTS: Cases = {**POSTS, "published": OWNER, "archived": OWNER}
# Who only reads now may take down what they have written, and no more.
WRITTEN_POSTS: Cases = {**EDITED_POSTS, "demoted": EDITORS}
JOINED_POSTS: Cases = {**POSTS, "published": MEMBERS, "archived": MEMBERS}
# The reader has left a comment, a reaction and a bookmark on each post.
READERS_OWN: Cases = {
    "published": "reader",
    "archived": "reader",
    "draft": NOBODY,
    "demoted": "reader",
    "deleted": NOBODY,
}
COMMENTS: Cases = {
    "published": f"reader {EDITORS}",
    "archived": f"reader {EDITORS}",
    "draft": EDITORS,
    "demoted": f"reader {EDITORS}",
    "deleted": NOBODY,
    "erased": NOBODY,
    "reply": f"outsider {EDITORS}",
}
LINKS: Cases = {**WRITTEN_POSTS, "to_draft": OWNER, "to_deleted": NOBODY}
ERASED_COMMENT: Cases = {**dict.fromkeys(COMMENTS, NOBODY), "erased": COMMENTS["draft"]}
OWN_USER: Cases = {
    name: "admin" if name == "admin" else f"{name} admin" for name in USERS
}

READ: Mapping[str, Cases] = {
    "User": dict.fromkeys(USERS, ALL),
    "Profile": dict.fromkeys(USERS, ALL),
    "Tag": {"sql": ALL, "unused": ALL},
    "Follow": {"reader": ALL},
    "Post": POSTS,
    "Comment": {**POSTS, "erased": NOBODY, "reply": ALL},
    "Reaction": POSTS,
    "Bookmark": POSTS,
    "PostLink": {**POSTS, "to_draft": OWNER, "to_deleted": NOBODY},
    "Revision": {**POSTS, "published": OWNER, "archived": OWNER},
}
"""The rows of each entity and who sees them."""

READERS: Mapping[str, Cases] = {"User.email": OWN_USER}
"""The columns that not everybody may read, and in which rows who may."""

WRITE: Mapping[str, tuple[str, Cases]] = {
    # The rows, or those that the new row belongs to, and who may.
    "createPost": ("User", {"author": AUTHORS}),
    "createPosts": ("User", {"author": AUTHORS}),
    "updatePost": ("Post", WRITTEN_POSTS),
    "updatePosts": ("Post", WRITTEN_POSTS),
    "deletePost": ("Post", EDITED_POSTS),
    "deletePosts": ("Post", EDITED_POSTS),
    "restorePost": ("Post", {**dict.fromkeys(POSTS, NOBODY), "deleted": EDITORS}),
    "purgePost": ("Post", {**dict.fromkeys(POSTS, NOBODY), "deleted": "admin"}),
    "publishPost": ("Post", WRITTEN_POSTS),
    "unpublishPost": ("Post", WRITTEN_POSTS),
    "archivePost": ("Post", WRITTEN_POSTS),
    "pinComment": ("Post", WRITTEN_POSTS),
    "unpinComment": ("Post", WRITTEN_POSTS),
    "react": ("Post", JOINED_POSTS),
    "unreact": ("Post", JOINED_POSTS),
    "bookmark": ("Post", JOINED_POSTS),
    "unbookmark": ("Post", JOINED_POSTS),
    "createComment": ("Post", {**dict.fromkeys(POSTS, NOBODY), "published": MEMBERS}),
    "createComments": ("Post", {**dict.fromkeys(POSTS, NOBODY), "published": MEMBERS}),
    "updateComment": ("Comment", COMMENTS),
    "updateComments": ("Comment", COMMENTS),
    "deleteComment": ("Comment", COMMENTS),
    "deleteComments": ("Comment", COMMENTS),
    "restoreComment": ("Comment", {**ERASED_COMMENT, "erased": EDITORS}),
    "purgeComment": ("Comment", {**ERASED_COMMENT, "erased": "admin"}),
    "createPostLink": ("Post", WRITTEN_POSTS),
    "createPostLinks": ("Post", WRITTEN_POSTS),
    "deletePostLink": ("PostLink", LINKS),
    "deletePostLinks": ("PostLink", LINKS),
    "deleteReaction": ("Reaction", READERS_OWN),
    "deleteReactions": ("Reaction", READERS_OWN),
    "deleteBookmark": ("Bookmark", READERS_OWN),
    "deleteBookmarks": ("Bookmark", READERS_OWN),
    "follow": ("User", {"author": MEMBERS.replace("author ", "")}),
    "unfollow": ("User", {"author": MEMBERS}),
    "deleteFollow": ("Follow", {"reader": "reader"}),
    "deleteFollows": ("Follow", {"reader": "reader"}),
    "createTag": ("User", {"author": AUTHORS}),
    "createTags": ("User", {"author": AUTHORS}),
    "upsertTag": ("User", {"author": AUTHORS}),
    "updateTag": ("Tag", {"sql": EDITORS, "unused": EDITORS}),
    "updateTags": ("Tag", {"sql": EDITORS, "unused": EDITORS}),
    "deleteTag": ("Tag", {"sql": EDITORS, "unused": EDITORS}),
    "deleteTags": ("Tag", {"sql": EDITORS, "unused": EDITORS}),
    "updateUser": ("User", OWN_USER),
    "updateUsers": ("User", OWN_USER),
    "deleteUser": ("User", dict.fromkeys(USERS, "admin")),
    "deleteUsers": ("User", dict.fromkeys(USERS, "admin")),
    "updateProfile": ("Profile", OWN_USER),
    "updateProfiles": ("Profile", OWN_USER),
}
"""Each mutation, and on which rows who may use it."""

ACCOUNTS = {
    *("register", "login", "refresh", "logout"),
    *("changePassword", "changeEmail", "deleteAccount"),
}
"""Mutations that work on nobody's rows but those of whoever has the password."""

FOR_ADMINS = {("UpdateUserInput", "role"), ("UpdateUserInput", "email")}
"""Fields of inputs that admins alone may send."""


def who(cases: Cases, label: str) -> set[str]:
    """The viewers who may."""
    return set(cases[label].split())

"""A small world with rows of every entity, seen and unseen, known by labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from gql_app.engine import ANONYMOUS, Database, Viewer
from gql_app.engine.entity import Column, Entity, Relation
from gql_app.publishing import api
from gql_app.publishing.base import table_of
from gql_app.publishing.bookmark import Bookmark
from gql_app.publishing.follow import Follow
from gql_app.publishing.post import Post, PostStatus
from gql_app.publishing.post_link import PostLink, PostLinkKind
from gql_app.publishing.post_tag import PostTag
from gql_app.publishing.profile import Profile
from gql_app.publishing.reaction import Reaction, ReactionKind
from gql_app.publishing.revision import Revision
from gql_app.publishing.tag import Tag
from gql_app.publishing.user import Role, User
from tests.permissions.expected import POSTS, READ, READERS, USERS, who
from tests.publishing.rows import create_comment, create_post, create_user, insert

Key = tuple[Any, ...]
ENTITIES = {entity.name: entity for entity in api.entities}
START = datetime(2026, 1, 1, tzinfo=UTC)
ROLES = {**{role.value: role for role in Role}, "outsider": Role.AUTHOR}
IDS = {name: place for place, name in enumerate(USERS, 1)}
VIEWERS: Mapping[str, Viewer] = {
    "anonymous": ANONYMOUS,
    **{name: Viewer(ROLES[name].value, {"id": IDS[name]}) for name in USERS},
}
MISSING = 987_654


@dataclass(frozen=True)
class World:
    """The database, and its rows: the keys by entity and label."""

    database: Database
    keys: Mapping[str, Mapping[str, Key]]

    def id(self, entity: str, label: str) -> str:
        return ENTITIES[entity].encode_key(self.keys[entity][label])

    def ids(self, entity: str, viewer: str | None = None) -> set[str]:
        """The global ids of all rows, or of those that the viewer sees."""
        return {
            self.id(entity, label)
            for label in self.keys[entity]
            if viewer is None or viewer in who(READ[entity], label)
        }

    def table(self, table: sa.Table) -> list[dict[str, Any]]:
        """What is in the table, by the columns' keys."""
        with self.database.engine.connect() as connection:
            found = connection.execute(sa.select(table).order_by(*table.primary_key))
            keys = table.columns.keys()
            return [dict(zip(keys, row, strict=True)) for row in found]

    def everything(self) -> Any:
        """All rows of all tables."""
        tables = table_of(User).metadata.sorted_tables
        return {table.name: self.table(table) for table in tables}


def create_world(database: Database) -> World:
    """Rows of each entity in an empty database."""
    engine = database.engine
    for name in USERS:
        label = {"username": name, "display_name": name.title(), "role": ROLES[name]}
        own = {"source": f"u:{name}", "email": f"{name}@example.org"}
        key = create_user(engine, **label, **own, reputation=IDS[name])
        assert key == IDS[name]
        insert(engine, Profile, id=key, user_id=key, bio=f"bio of {name}")
    tags = {name: insert(engine, Tag, name=name) for name in ("sql", "unused")}
    insert(engine, Follow, follower_id=IDS["reader"], followed_id=IDS["author"])
    posts = _posts(engine, tags["sql"])
    keys: dict[str, dict[str, Key]] = {
        "User": {name: (IDS[name],) for name in USERS},
        "Profile": {name: (IDS[name],) for name in USERS},
        "Tag": {name: (key,) for name, key in tags.items()},
        "Follow": {"reader": (IDS["reader"], IDS["author"])},
        "Post": {label: (key,) for label, key in posts.items()},
        "Comment": _comments(engine, posts),
        "PostLink": _links(engine, posts),
        **_on_posts(engine, posts),
    }
    return World(database, keys)


def _posts(engine: sa.Engine, tag: int) -> dict[str, int]:
    special: dict[str, dict[str, Any]] = {
        "archived": {"status": PostStatus.ARCHIVED},
        "draft": {"status": PostStatus.DRAFT},
        "demoted": {"status": PostStatus.DRAFT, "author_id": IDS["reader"]},
        "deleted": {"deleted_at": START},
    }
    posts = {}
    for place, label in enumerate(POSTS):
        values = {
            "slug": label,
            "title": f"{label} title",
            "body": f"{label} body",
            "author_id": IDS["author"],
            "author_name": f"{label} name",
            "source": f"p:{label}",
            "license": f"{label} licence",
            "version": 2,
            "score": place,
            "view_count": place,
            "created_at": START + timedelta(days=place),
            **special.get(label, {}),
        }
        posts[label] = create_post(engine, **values)
        insert(engine, PostTag, post_id=posts[label], tag_id=tag)
    return posts


def _comments(engine: sa.Engine, posts: Mapping[str, int]) -> dict[str, Key]:
    reader: dict[str, Any] = {"author_id": IDS["reader"]}
    keys = {}
    for label, post in posts.items():
        values = {"body": f"{label} words", "source": f"c:{label}", **reader}
        keys[label] = create_comment(engine, post, **values)
    post = posts["published"]
    keys["erased"] = create_comment(
        *(engine, post), body="erased words", deleted_at=START, source="c:x", **reader
    )
    keys["reply"] = create_comment(
        engine, post, parent_id=keys["erased"], author_id=IDS["outsider"]
    )
    pinned = {**{label: keys[label] for label in posts}, "published": keys["erased"]}
    for label, post in posts.items():
        pinning = sa.update(table_of(Post)).where(table_of(Post).c.id == post)
        with engine.begin() as connection:
            connection.execute(pinning.values(pinned_comment_id=pinned[label]))
    return {label: (key,) for label, key in keys.items()}


def _links(engine: sa.Engine, posts: Mapping[str, int]) -> dict[str, Key]:
    ends = {label: (label, "published") for label in posts}
    ends |= {"published": ("published", "archived")}
    ends |= {"to_draft": ("published", "draft"), "to_deleted": ("published", "deleted")}
    keys: dict[str, Key] = {}
    for label, (post, target) in ends.items():
        insert(engine, PostLink, post_id=posts[post], target_id=posts[target])
        keys[label] = (posts[post], posts[target], PostLinkKind.RELATED)
    return keys


def _on_posts(engine: sa.Engine, posts: Mapping[str, int]) -> dict[str, dict[str, Key]]:
    keys: dict[str, dict[str, Key]] = {"Reaction": {}, "Bookmark": {}, "Revision": {}}
    reader = IDS["reader"]
    for label, post in posts.items():
        mark = {"user_id": reader, "post_id": post}
        insert(engine, Reaction, kind=ReactionKind.LIKE, **mark)
        insert(engine, Bookmark, **mark)
        old = {"number": 1, "title": f"old {label}", "body": f"old {label} body"}
        revision = insert(engine, Revision, post_id=post, **old)
        keys["Reaction"][label] = (reader, post, ReactionKind.LIKE)
        keys["Bookmark"][label] = (reader, post)
        keys["Revision"][label] = (revision,)
    return keys


def shows(entity: Entity, column: Column, label: str, viewer: str) -> bool:
    """Whether the viewer may read the column, if the viewer sees the row at all."""
    cases = READERS.get(f"{entity.name}.{column.name}")
    return cases is None or viewer in who(cases, label)


def missing(entity: Entity) -> str:
    """A global id as those of the entity, of a row that was never there."""
    samples = {PostLinkKind: PostLinkKind.RELATED, ReactionKind: ReactionKind.LIKE}
    return entity.encode_key(
        [samples.get(column.source.type.python_type, MISSING) for column in entity.key]
    )


def pairs(world: World, relation: Relation, viewer: str) -> set[tuple[str, str]]:
    """The ids at both ends, where the viewer sees both, and what links them."""
    near, far = (
        _visible(world, entity, viewer) for entity in (relation.source, relation.target)
    )
    link = relation.link
    links = set()
    if link is not None:
        links = {
            tuple(row[column.key] for column in (*link.near, *link.far))
            for row in world.table(link.table)
        }
    found = set()
    for here, one in near.items():
        local = tuple(one[column.name] for column in relation.local)
        for there, other in far.items():
            remote = tuple(other[column.name] for column in relation.remote)
            met = local == remote and None not in local
            if met if link is None else (*local, *remote) in links:
                found.add((here, there))
    return found


def _visible(world: World, entity: Entity, viewer: str) -> dict[str, dict[str, Any]]:
    """The rows that the viewer sees, by id."""
    rows = {
        entity.encode_key([row[column.name] for column in entity.key]): row
        for row in world.table(entity.table)
    }
    return {one: rows[one] for one in world.ids(entity.name, viewer)}

"""The small community that a first run shows."""

import sqlalchemy as sa
from sqlmodel import SQLModel

from gql_app.publishing.base import table_of
from gql_app.publishing.bookmark import Bookmark
from gql_app.publishing.comment import Comment
from gql_app.publishing.follow import Follow
from gql_app.publishing.post import Post
from gql_app.publishing.post_link import PostLink
from gql_app.publishing.reaction import Reaction
from gql_app.publishing.revision import Revision
from gql_app.publishing.seed import seed
from gql_app.publishing.tag import Tag
from gql_app.publishing.user import User
from tests.publishing.rows import count_rows, insert, read


def test_an_empty_database_is_seeded(engine: sa.Engine) -> None:
    assert seed(engine)

    counted = {model.__name__: count_rows(engine, model) for model in (User, Post, Tag)}
    assert counted == {"User": 8, "Post": 25, "Tag": 9}
    for model in (Comment, Reaction, Bookmark, Follow, PostLink, Revision):
        assert count_rows(engine, model) > 0


def test_seeding_again_changes_nothing(engine: sa.Engine) -> None:
    seed(engine)
    before = _everything(engine)

    assert not seed(engine)

    assert _everything(engine) == before


def test_one_tag_is_enough_to_leave_a_database_alone(engine: sa.Engine) -> None:
    insert(engine, Tag, name="tea")

    assert not seed(engine)

    assert count_rows(engine, User) == 0


def test_the_seed_is_always_the_same(engine: sa.Engine) -> None:
    seed(engine)
    posts = table_of(Post)
    first = _everything(engine)
    with engine.begin() as connection:
        for table in reversed(SQLModel.metadata.sorted_tables):
            unpinned = sa.update(posts).values(pinned_comment_id=None)
            connection.execute(unpinned)
            connection.execute(sa.delete(table))

    seed(engine)

    assert _everything(engine) == first


def test_pinned_comments_belong_to_their_posts(engine: sa.Engine) -> None:
    seed(engine)
    post, comment = table_of(Post), table_of(Comment)
    pins = sa.select(post.c.id, comment.c.post_id).join_from(
        post, comment, post.c.pinned_comment_id == comment.c.id
    )

    found = read(engine, pins)

    assert len(found) == 5
    assert all(pinner == commented for pinner, commented in found)


def _everything(engine: sa.Engine) -> list[list[tuple[object, ...]]]:
    """All rows of all tables, without the keys that the database counts up."""
    numbers = {"id", "user_id", "post_id", "tag_id", "author_id", "parent_id"}
    numbers |= {"pinned_comment_id", "target_id", "follower_id", "followed_id"}
    numbers |= {"editor_id"}
    rows = []
    for table in SQLModel.metadata.sorted_tables:
        columns = [column for column in table.columns if column.name not in numbers]
        if columns:
            rows.append(sorted(read(engine, sa.select(*columns)), key=repr))
    return rows

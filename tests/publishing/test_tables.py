"""What the database itself guarantees, whoever writes."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import SQLModel

from gql_app.engine.database import Database
from gql_app.migrations import configuration
from gql_app.publishing import api
from gql_app.publishing.base import table_of
from gql_app.publishing.bookmark import Bookmark
from gql_app.publishing.comment import Comment
from gql_app.publishing.follow import Follow
from gql_app.publishing.post import Post, PostStatus
from gql_app.publishing.post_link import PostLink, PostLinkKind
from gql_app.publishing.post_tag import PostTag
from gql_app.publishing.profile import Profile
from gql_app.publishing.reaction import Reaction, ReactionKind
from gql_app.publishing.revision import Revision
from gql_app.publishing.tag import Tag
from gql_app.publishing.user import User
from tests.publishing.rows import (
    count_rows,
    create_comment,
    create_post,
    create_user,
    insert,
    read,
)

post, comment, user = table_of(Post), table_of(Comment), table_of(User)
TABLES = {entity.table.name: entity for entity in api.entities}


def test_rows_written_by_plain_sql_get_their_defaults(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO post (slug, title, body) VALUES ('a', 'A', 'Text')"
        )

    [row] = read(engine, sa.select(post.c.status, post.c.version, post.c.score))
    assert row == (PostStatus.DRAFT, 1, 0)


def test_default_moments_equal_themselves_when_sent_back(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO tag (name) VALUES ('tea')")
        connection.exec_driver_sql(
            "INSERT INTO post (slug, title, body) VALUES ('a', 'A', 'Text')"
        )
    [(moment,)] = read(engine, sa.select(post.c.created_at))

    found = read(engine, sa.select(post.c.slug).where(post.c.created_at == moment))

    assert found == [("a",)]


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (User, {"username": "Ada", "display_name": "Ada"}),
        (User, {"username": "a", "display_name": "Ada"}),
        (User, {"username": "ada", "display_name": ""}),
        (Tag, {"name": "Tea"}),
        (Tag, {"name": ""}),
        (Post, {"slug": "", "title": "A", "body": "b"}),
        (Post, {"slug": "a", "title": "A" * 251, "body": "b"}),
        (Post, {"slug": "a", "title": "A", "body": ""}),
        (
            Post,
            {"slug": "a", "title": "A", "body": "b", "status": PostStatus.PUBLISHED},
        ),
    ],
)
def test_values_that_make_no_sense_are_refused(
    engine: sa.Engine, model: type[SQLModel], values: dict[str, Any]
) -> None:
    with pytest.raises((IntegrityError, DataError)):
        insert(engine, model, **values)


def test_an_unknown_enum_member_is_refused(engine: sa.Engine) -> None:
    create_post(engine)

    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.exec_driver_sql("UPDATE post SET status = 'published'")


def test_nobody_follows_themselves(engine: sa.Engine) -> None:
    ada = create_user(engine)

    with pytest.raises(IntegrityError):
        insert(engine, Follow, follower_id=ada, followed_id=ada)


def test_no_post_links_to_itself(engine: sa.Engine) -> None:
    one = create_post(engine)

    with pytest.raises(IntegrityError):
        insert(engine, PostLink, post_id=one, target_id=one)


def test_two_posts_are_linked_once_for_each_reason(engine: sa.Engine) -> None:
    ends = {"post_id": create_post(engine), "target_id": create_post(engine)}
    for kind in PostLinkKind:
        insert(engine, PostLink, kind=kind, **ends)

    with pytest.raises(IntegrityError):
        insert(engine, PostLink, kind=PostLinkKind.RELATED, **ends)


def test_deleting_an_account_leaves_its_texts_with_the_name(engine: sa.Engine) -> None:
    ada = create_user(engine)
    written = {"author_id": ada, "author_name": "Ada"}
    one = create_post(engine, **written)
    create_comment(engine, one, **written)
    insert(engine, Profile, user_id=ada)
    insert(engine, Bookmark, user_id=ada, post_id=one)
    insert(engine, Reaction, user_id=ada, post_id=one, kind=ReactionKind.LIKE)
    insert(engine, Revision, post_id=one, number=1, title="A", body="a", editor_id=ada)

    with engine.begin() as connection:
        connection.execute(sa.delete(user))

    for table in (post, comment):
        columns = sa.select(table.c.author_id, table.c.author_name)
        assert read(engine, columns) == [(None, "Ada")]
    assert read(engine, sa.select(table_of(Revision).c.editor_id)) == [(None,)]
    for model in (Profile, Bookmark, Reaction):
        assert count_rows(engine, model) == 0


def test_purging_a_post_takes_along_what_hangs_on_it(engine: sa.Engine) -> None:
    ada, one, other = create_user(engine), create_post(engine), create_post(engine)
    top = create_comment(engine, one)
    create_comment(engine, one, parent_id=top)
    insert(engine, PostTag, post_id=one, tag_id=insert(engine, Tag, name="tea"))
    insert(engine, PostLink, post_id=other, target_id=one)
    insert(engine, Bookmark, user_id=ada, post_id=one)
    with engine.begin() as connection:
        pin = sa.update(post).where(post.c.id == one)
        connection.execute(pin.values(pinned_comment_id=top))

    with engine.begin() as connection:
        connection.execute(sa.delete(post).where(post.c.id == one))

    for model in (Comment, PostTag, PostLink, Bookmark):
        assert count_rows(engine, model) == 0
    assert read(engine, sa.select(post.c.id)) == [(other,)]


def test_purging_a_pinned_comment_unpins_it(engine: sa.Engine) -> None:
    one = create_post(engine)
    top = create_comment(engine, one)
    with engine.begin() as connection:
        connection.execute(sa.update(post).values(pinned_comment_id=top))

    with engine.begin() as connection:
        connection.execute(sa.delete(comment))

    assert read(engine, sa.select(post.c.pinned_comment_id)) == [(None,)]


def test_an_update_moves_updated_at_unless_told_otherwise(engine: sa.Engine) -> None:
    create_post(engine)
    [(before,)] = read(engine, sa.select(post.c.updated_at))

    with engine.begin() as connection:
        counted = {"view_count": 1, "updated_at": post.c.updated_at}
        connection.execute(sa.update(post).values(counted))
    [(counted_at,)] = read(engine, sa.select(post.c.updated_at))
    with engine.begin() as connection:
        connection.execute(sa.update(post).values(title="Other"))
    [(edited_at,)] = read(engine, sa.select(post.c.updated_at))

    assert counted_at == before
    assert edited_at > before


@pytest.mark.parametrize("name", sorted(SQLModel.metadata.tables))
def test_foreign_keys_are_indexed(name: str) -> None:
    table = SQLModel.metadata.tables[name]
    served = {columns[0] for columns in _indexed(table)}

    assert {column.name for column in table.columns if column.foreign_keys} <= served


@pytest.mark.parametrize("name", sorted(TABLES))
def test_default_orders_are_indexed(name: str) -> None:
    """For a list of all rows, and for the rows of each parent."""
    entity = TABLES[name]
    order = [term.column.source.name for term in entity.order]
    parents = [
        relation.remote[0].source.name
        for other in api.entities
        for relation in other.relations.values()
        if relation.many and relation.link is None and relation.target is entity
    ]
    indexes = _indexed(entity.table)

    for start in [[], *([parent] for parent in parents)]:
        wanted = [*start, *order]
        assert any(columns[: len(wanted)] == wanted for columns in indexes)


def test_migrations_make_what_the_models_say(
    migrated_url: str, shape_of: Callable[[sa.Engine], object]
) -> None:
    """Names, defaults and CHECK constraints, which Alembic doesn't compare."""
    database = Database(migrated_url)
    migrated = shape_of(database.engine)
    with database.engine.begin() as connection:
        SQLModel.metadata.drop_all(connection)
        SQLModel.metadata.create_all(connection)

    created = shape_of(database.engine)
    database.close()

    assert migrated == created


def test_a_downgrade_also_takes_tables_with_rows(
    migrated_url: str, engine: sa.Engine
) -> None:
    """Posts and comments refer to each other, so that neither can simply go first."""
    one = create_post(engine, author_id=create_user(engine))
    top = create_comment(engine, one)
    create_comment(engine, one, parent_id=top)
    with engine.begin() as connection:
        connection.execute(sa.update(post).values(pinned_comment_id=top))

    command.downgrade(configuration(migrated_url), "base")

    assert sa.inspect(engine).get_table_names() == ["alembic_version"]


@pytest.fixture
def shape_of() -> Callable[[sa.Engine], object]:
    def shape(engine: sa.Engine) -> object:
        found = sa.inspect(engine)
        names = set(found.get_table_names()) & set(SQLModel.metadata.tables)
        return {name: _table_shape(found, name) for name in names}

    return shape


def _table_shape(found: sa.Inspector, name: str) -> dict[str, object]:
    return {
        "columns": {
            column["name"]: (
                str(column["type"]),
                getattr(column["type"], "collation", None),
                column["nullable"],
                column["default"],
            )
            for column in found.get_columns(name)
        },
        "key": found.get_pk_constraint(name),
        "foreign": _sorted(found.get_foreign_keys(name)),
        "unique": _sorted(found.get_unique_constraints(name)),
        "checks": _sorted(found.get_check_constraints(name)),
        "indexes": _sorted(found.get_indexes(name)),
    }


def _sorted(items: Any) -> list[Any]:
    return sorted(items, key=lambda item: str(item["name"]))


def _indexed(table: sa.Table) -> list[list[str]]:
    unique = [
        item for item in table.constraints if isinstance(item, sa.UniqueConstraint)
    ]
    groups = [table.primary_key.columns, *(item.columns for item in unique)]
    groups += [index.columns for index in table.indexes]
    return [[column.name for column in group] for group in groups]

"""Imports that are repeated, stopped, or come after others."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from gql_app.publishing.base import table_of
from gql_app.publishing.importers.stackexchange import import_dump
from gql_app.publishing.post import Post
from gql_app.publishing.tag import Tag
from gql_app.publishing.user import User
from tests.publishing.importers.dump import SITE, answer, question, row, write_dump
from tests.publishing.rows import count_rows, create_user, insert, read

STEPS = (
    "Users",
    "Tags",
    "Questions",
    "Answers",
    "Comments",
    "Accepted answers",
    "Bookmarks",
    "Links",
)


class StoppedError(Exception):
    """Somebody pulled the plug."""


def test_a_second_import_changes_nothing(engine: sa.Engine, tmp_path: Path) -> None:
    dump = write_dump(tmp_path)
    first = import_dump(engine, dump)
    before = _rows(engine)

    again = import_dump(engine, dump)

    assert _rows(engine) == before
    assert +again.new == {}
    assert again.known == first.new + first.known
    assert (again.partial, again.dropped) == (first.partial, first.dropped)


@pytest.mark.parametrize("last", STEPS)
def test_a_stopped_import_is_completed_by_the_next(
    engine: sa.Engine, tmp_path: Path, last: str
) -> None:
    dump = write_dump(tmp_path)

    def stop(step: str, done: int, total: int) -> None:
        if step == last:
            raise StoppedError

    with pytest.raises(StoppedError):
        import_dump(engine, dump, progress=stop)
    import_dump(engine, dump)
    resumed = _natural(engine)
    _clear(engine)
    import_dump(engine, dump)

    assert resumed == _natural(engine)


def test_what_people_changed_since_is_left_alone(
    engine: sa.Engine, tmp_path: Path
) -> None:
    dump = write_dump(tmp_path)
    import_dump(engine, dump)
    post, tag, link = (
        table_of(Post),
        table_of(Tag),
        SQLModel.metadata.tables["post_tag"],
    )
    with engine.begin() as connection:
        connection.execute(sa.update(post).values(title="Edited", body="Edited"))
        connection.execute(sa.update(tag).values(description="Edited"))
        connection.execute(sa.delete(link))
    before = _rows(engine)

    import_dump(engine, dump)

    assert _rows(engine) == before


def test_names_in_use_are_left_to_their_owners(
    engine: sa.Engine, tmp_path: Path
) -> None:
    create_user(engine, username="ana-lima")
    create_user(engine, username="ana-lima-1")
    insert(engine, Tag, name="green")

    import_dump(engine, write_dump(tmp_path))

    user = table_of(User)
    imported = sa.select(user.c.username).where(user.c.display_name == "Ana Lima")
    found = read(engine, imported.order_by(user.c.id))
    assert found == [("ana-lima-1-2",), ("ana-lima-2",)]
    assert count_rows(engine, Tag) == 3


def test_two_sites_live_side_by_side(engine: sa.Engine, tmp_path: Path) -> None:
    dump = write_dump(tmp_path)
    import_dump(engine, dump)

    report = import_dump(engine, dump, site="Coffee.example.org")

    assert report.site == "coffee.example.org"
    assert (report.new["user"], report.new["post"], report.new["tag"]) == (6, 4, 0)


def test_more_rows_than_a_batch_are_all_written(
    engine: sa.Engine, tmp_path: Path
) -> None:
    numbers = range(1, 1204)
    dump = write_dump(
        tmp_path,
        Users=[row(n, DisplayName=f"Name {n % 7}") for n in numbers],
        Posts=[
            *(question(n, f"Title {n % 5}", OwnerUserId=n) for n in numbers),
            *(answer(n + 5000, n, OwnerUserId=n) for n in numbers),
        ],
    )
    steps: dict[str, list[int]] = {}

    def watch(step: str, done: int, total: int) -> None:
        steps.setdefault(step, []).append(done)
        assert done <= total

    report = import_dump(engine, dump, progress=watch)

    assert (report.new["user"], report.new["post"]) == (1203, 1203)
    assert tuple(steps) == STEPS
    assert steps["Users"] == [500, 1000, 1203]
    post = table_of(Post)
    slugs = read(engine, sa.select(post.c.slug).order_by(post.c.id).limit(7))
    assert [slug for (slug,) in slugs][-2:] == ["title-1-6", "title-2-7"]


def test_the_name_of_the_folder_is_the_site(engine: sa.Engine, tmp_path: Path) -> None:
    report = import_dump(engine, write_dump(tmp_path) / ".." / SITE)

    assert report.site == SITE


def _rows(engine: sa.Engine) -> dict[str, list[tuple[object, ...]]]:
    tables = SQLModel.metadata.sorted_tables
    return {
        table.name: sorted(read(engine, sa.select(table)), key=repr) for table in tables
    }


def _natural(engine: sa.Engine) -> dict[str, list[tuple[object, ...]]]:
    """Names instead of keys: these may differ from one import to the next."""
    tables = SQLModel.metadata.tables
    user, post, comment = tables["user"], tables["post"], tables["comment"]
    pinned, parent = comment.alias(), comment.alias()
    texts = (post.c.title, post.c.body, post.c.status, post.c.score, post.c.updated_at)
    posts = sa.select(
        post.c.source, post.c.slug, *texts, user.c.source, pinned.c.source
    )
    comments = sa.select(
        comment.c.source, comment.c.body, post.c.source, parent.c.source
    )
    pins = pinned.c.id == post.c.pinned_comment_id
    replies = parent.c.id == comment.c.parent_id
    found = {
        "user": sa.select(user.c.source, user.c.username, user.c.display_name),
        "post": posts.select_from(post.outerjoin(user).outerjoin(pinned, pins)),
        "comment": comments.select_from(
            comment.join(post, post.c.id == comment.c.post_id).outerjoin(
                parent, replies
            )
        ),
        "tag": sa.select(tables["tag"].c.name, tables["tag"].c.description),
    }
    named = {
        name: sorted(read(engine, query), key=repr) for name, query in found.items()
    }
    links = ("profile", "post_tag", "bookmark", "post_link")
    counts = {name: [(len(read(engine, sa.select(tables[name]))),)] for name in links}
    return {**named, **counts}


def _clear(engine: sa.Engine) -> None:
    post = table_of(Post)
    with engine.begin() as connection:
        connection.execute(sa.update(post).values(pinned_comment_id=None))
        for name in ("comment", "post", "tag", "user"):
            connection.execute(sa.delete(SQLModel.metadata.tables[name]))

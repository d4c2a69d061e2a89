"""Deleting for good and softly; restore and purge."""

import pytest

from gql_app.engine import Database, Limits
from tests.writing import models as m
from tests.writing.desk import Desk, gid, problem, problems
from tests.writing.magazine import magazine
from tests.writing.models import BOB, EDITOR

SHOWN = {"title": "One", "slug": "one", "status": "PUBLISHED"}
ARTICLE = gid("Article", 1)


def delete(field: str, key: str) -> str:
    return f'{field}(id: "{key}")'


def test_delete_marks_rows_where_they_are_kept(desk: Desk) -> None:
    desk.create("Article", SHOWN)
    ((changed,),) = desk.rows(m.Article, "changed_at")

    payload = desk.mutate(delete("deleteArticle", ARTICLE), "deletedId")

    assert payload == {"deletedId": ARTICLE, "errors": []}
    ((deleted, version, after),) = desk.rows(
        m.Article, "deleted_at", "version", "changed_at"
    )
    assert deleted is not None
    assert (version, after) == (2, changed)
    assert len(desk.statements) == 1


def test_deleted_rows_are_gone_for_every_mutation(desk: Desk) -> None:
    desk.create("Article", SHOWN)
    desk.mutate(delete("deleteArticle", ARTICLE))

    again = desk.mutate(delete("deleteArticle", ARTICLE))
    update = desk.update("Article", 1, {"title": "Two"})

    assert problems(again) == problems(update) == [problem("NotFoundError", "id")]


def test_restore_brings_a_row_back(desk: Desk) -> None:
    desk.create("Article", SHOWN)
    desk.mutate(delete("deleteArticle", ARTICLE))

    by_other = desk.mutate(delete("restoreArticle", ARTICLE), "", BOB)
    payload = desk.mutate(delete("restoreArticle", ARTICLE), "article { title }")

    assert problems(by_other) == [problem("NotFoundError", "id")]
    assert payload == {"article": {"title": "One"}, "errors": []}


def test_purge_deletes_deleted_rows_only(desk: Desk) -> None:
    desk.create("Article", SHOWN)

    early = desk.mutate(delete("purgeArticle", ARTICLE), "", EDITOR)
    desk.mutate(delete("deleteArticle", ARTICLE))
    by_author = desk.mutate(delete("purgeArticle", ARTICLE))
    done = desk.mutate(delete("purgeArticle", ARTICLE), "deletedId", EDITOR)

    assert problems(early) == [problem("NotFoundError", "id")]
    assert problems(by_author) == [problem("ForbiddenError", "id")]
    assert done["deletedId"] == ARTICLE
    assert desk.rows(m.Article) == []


def test_delete_of_a_row_that_others_need_is_a_conflict(desk: Desk) -> None:
    desk.create("Article", SHOWN)

    payload = desk.mutate(delete("deleteAuthor", gid("Author", 1)), "", EDITOR)
    free = desk.mutate(delete("deleteAuthor", gid("Author", 2)), "deletedId", EDITOR)

    assert problems(payload) == [problem("ConflictError", "id")]
    assert free["deletedId"] == gid("Author", 2)


def test_delete_of_others_is_forbidden(desk: Desk) -> None:
    desk.create("Article", SHOWN)

    payload = desk.mutate(delete("deleteArticle", ARTICLE), "deletedId", BOB)

    assert payload["deletedId"] is None
    assert problems(payload) == [problem("ForbiddenError", "id")]


def test_delete_with_an_old_version_is_a_conflict(desk: Desk) -> None:
    desk.create("Article", SHOWN)
    field = f'deleteArticle(id: "{ARTICLE}", expectedVersion: %d)'

    late = desk.mutate(field % 7, "deletedId")
    kept = desk.rows(m.Article, "deleted_at")
    done = desk.mutate(field % 1, "deletedId")

    assert problems(late) == [problem("ConflictError", "id")]
    assert kept == [(None,)]
    assert done["deletedId"] == ARTICLE


def test_delete_many_by_filter(desk: Desk) -> None:
    for place in range(3):
        desk.create("Article", {"title": f"T{place}", "slug": f"s{place}"})
    desk.create("Article", {"title": "T9", "slug": "s9"}, "", BOB)

    payload = desk.mutate(
        'deleteArticles(where: {title: {startsWith: "T"}}, atMost: 5)',
        "deletedIds affectedCount",
    )

    assert payload["affectedCount"] == 3
    assert payload["deletedIds"] == [gid("Article", key) for key in (1, 2, 3)]
    assert len(desk.statements) == 2


@pytest.mark.parametrize(("most", "errors"), [(0, 0), (2, 0), (3, 1), (-1, 1)])
def test_at_most_may_not_be_more_than_can_be_written(
    database: Database, most: int, errors: int
) -> None:
    desk = Desk(magazine(), database, Limits(written_rows=2))

    payload = desk.mutate(f"deleteArticles(where: {{}}, atMost: {most})")

    assert problems(payload) == [problem("ValidationError", "atMost")] * errors


def test_delete_calls_hooks(desk: Desk) -> None:
    desk.create("Letter", {"subject": "hello", "authorId": gid("Author", 1)})

    desk.mutate(delete("deleteLetter", gid("Letter", 1)))

    assert desk.rows(m.Log, "text") == [("created hello",), ("deleted hello",)]

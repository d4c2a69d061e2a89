"""Updating single rows, and rows by filter."""

from typing import Any

import pytest

from gql_app.engine import Viewer
from tests.writing import models as m
from tests.writing.desk import Desk, gid, problem, problems
from tests.writing.models import ADA, BOB, EDITOR

SHOWN = {"title": "One", "slug": "one", "status": "PUBLISHED"}


@pytest.fixture(autouse=True)
def article(desk: Desk) -> None:
    desk.create("Article", SHOWN)


def test_update_changes_what_is_sent(desk: Desk) -> None:
    payload = desk.update(
        "Article", 1, {"title": "Two"}, "article { title slug version }"
    )

    assert payload["article"] == {"title": "Two", "slug": "one", "version": 2}
    update, _ = desk.statements
    assert update.startswith("UPDATE article SET")


def test_update_stamps_the_row(desk: Desk) -> None:
    ((before,),) = desk.rows(m.Article, "changed_at")

    desk.update("Article", 1, {"title": "Two"})

    ((after,),) = desk.rows(m.Article, "changed_at")
    assert after > before


def test_update_with_nothing_changes_nothing(desk: Desk) -> None:
    payload = desk.update("Article", 1, {}, "article { version }")

    assert payload == {"article": {"version": 1}, "errors": []}


def test_update_refuses_null_where_there_must_be_a_value(desk: Desk) -> None:
    payload = desk.update("Article", 1, {"title": None})

    assert problems(payload) == [problem("ValidationError", "input", "title")]


def test_update_of_others_is_forbidden(desk: Desk) -> None:
    payload = desk.update("Article", 1, {"title": "Mine"}, "article { id }", BOB)

    assert problems(payload) == [problem("ForbiddenError", "id")]


def test_update_of_unreadable_rows_is_as_of_missing_ones(desk: Desk) -> None:
    desk.update("Article", 1, {"status": "DRAFT"})

    hidden = desk.update("Article", 1, {"title": "Mine"}, "", BOB)
    missing = desk.update("Article", 99, {"title": "Mine"}, "", BOB)

    assert hidden == missing
    assert problems(hidden) == [problem("NotFoundError", "id")]


def test_update_may_not_move_a_row_out_of_reach(desk: Desk) -> None:
    payload = desk.update("Article", 1, {"authorId": gid("Author", 2)})
    by_editor = desk.update("Article", 1, {"authorId": gid("Author", 2)}, "", EDITOR)

    assert problems(payload) == [problem("ForbiddenError", "input")]
    assert by_editor["errors"] == []


def test_update_may_not_move_a_row_to_where_a_query_forbids_it(desk: Desk) -> None:
    desk.create("Article", {**SHOWN, "slug": "b"}, "", BOB)
    note = {"articleId": gid("Article", 1), "number": 1, "body": "Hm"}
    desk.create("Note", note)

    payload = desk.update("Note", 1, {"articleId": gid("Article", 2)})

    assert problems(payload) == [problem("ForbiddenError", "id")]
    assert desk.rows(m.Note, "article_id") == [(1,)]


def test_update_of_guarded_columns_is_for_their_writers(desk: Desk) -> None:
    payload = desk.update("Article", 1, {"rating": 5})
    by_editor = desk.update("Article", 1, {"rating": 5}, "article { rating }", EDITOR)

    assert problems(payload) == [problem("ForbiddenError", "input", "rating")]
    assert by_editor["article"] == {"rating": 5}


@pytest.mark.parametrize(
    ("field", "kind", "path"),
    [
        ("createArticle(input: $given)", "CreateArticleInput!", ("input",)),
        ("createArticles(inputs: $given)", "[CreateArticleInput!]!", ("inputs", "1")),
        (
            "upsertArticle(onConflict: SLUG, input: $given)",
            "CreateArticleInput!",
            ("input",),
        ),
        (
            "updateArticles(where: {}, atMost: 9, set: $given)",
            "SetArticleInput!",
            ("set",),
        ),
    ],
)
def test_guarded_columns_are_guarded_in_every_input(
    desk: Desk, field: str, kind: str, path: tuple[str, ...]
) -> None:
    rated = {"title": "Two", "slug": "one", "rating": 5}
    given: Any = [{"title": "A", "slug": "a"}, rated] if "[" in kind else rated

    payload = desk.mutate(field, "", given=(kind, given))

    assert problems(payload) == [problem("ForbiddenError", *path, "rating")]
    assert desk.rows(m.Article, "title", "rating") == [("One", None)]


def test_update_with_an_old_version_shows_the_row(desk: Desk) -> None:
    desk.update("Article", 1, {"title": "Newer"})

    payload = desk.mutate(
        f'updateArticle(id: "{gid("Article", 1)}", expectedVersion: 1, input: $input)',
        "article { title } e: errors { ... on ConflictError "
        "{ path current { id ... on Article { title version author { name } } } } }",
        input=("UpdateArticleInput!", {"title": "Late"}),
    )

    current = payload["e"][0]["current"]
    assert payload["article"] is None
    assert current["title"] == "Newer"
    assert (current["version"], current["author"]) == (2, {"name": "ada"})


def test_update_many_stops_at_most(desk: Desk) -> None:
    for place in range(3):
        desk.create("Article", {"title": f"T{place}", "slug": f"s{place}"})
    field = 'updateArticles(where: {title: {startsWith: "T"}}, atMost: %d, set: $set)'
    given = ("SetArticleInput!", {"status": "PUBLISHED"})

    refused = desk.mutate(field % 2, "affectedCount", set=given)
    done = desk.mutate(field % 3, "affectedCount articles { title }", set=given)

    assert problems(refused) == [problem("ValidationError", "atMost")]
    assert refused["errors"][0]["code"] == "LIMIT_EXCEEDED"
    assert done["affectedCount"] == 3
    assert [one["title"] for one in done["articles"]] == ["T0", "T1", "T2"]


def test_update_many_leaves_the_rows_of_others(desk: Desk) -> None:
    desk.create("Article", {**SHOWN, "slug": "b"}, "", BOB)

    payload = desk.mutate(
        "updateArticles(where: {}, atMost: 10, set: $set)",
        "affectedCount",
        set=("SetArticleInput!", {"status": "DRAFT"}),
    )

    assert payload["affectedCount"] == 1
    assert len(desk.statements) == 2
    statuses = [status for (status,) in desk.rows(m.Article, "status")]
    assert statuses == [m.Status.DRAFT, m.Status.PUBLISHED]


def set_all(desk: Desk, name: str, kind: str, given: Any, viewer: Viewer = ADA) -> Any:
    """The payload of giving all rows these values."""
    field = f"update{name}s(where: {{}}, atMost: 9, set: $given)"
    return desk.mutate(field, "affectedCount", viewer, given=(kind, given))


def test_update_many_may_not_move_rows_out_of_reach(desk: Desk) -> None:
    desk.create("Article", {**SHOWN, "title": "Two", "slug": "two"})

    payload = set_all(
        desk, "Article", "SetArticleInput!", {"authorId": gid("Author", 2)}
    )

    assert problems(payload) == [problem("ForbiddenError", "where")]
    assert desk.rows(m.Article, "author_id") == [(1,), (1,)]


def test_update_many_may_not_move_rows_to_where_a_query_forbids_it(desk: Desk) -> None:
    desk.create("Article", {**SHOWN, "slug": "b"}, "", BOB)
    for number in (1, 2):
        note = {"articleId": gid("Article", 1), "number": number, "body": "Hm"}
        desk.create("Note", note)

    payload = set_all(
        desk, "Note", "UpdateNoteInput!", {"articleId": gid("Article", 2)}
    )

    assert problems(payload) == [problem("ForbiddenError", "where")]
    assert desk.rows(m.Note, "article_id") == [(1,), (1,)]


def test_update_many_tells_what_breaks_a_constraint(desk: Desk) -> None:
    desk.create("Article", {**SHOWN, "title": "Two", "slug": "two"})

    payload = set_all(desk, "Article", "SetArticleInput!", {"rating": 9}, EDITOR)

    assert problems(payload) == [problem("ValidationError", "set", "rating")]
    assert desk.rows(m.Article, "rating") == [(None,), (None,)]


def test_update_calls_hooks_with_the_row_before_and_after(desk: Desk) -> None:
    desk.create("Letter", {"subject": "hello", "authorId": gid("Author", 1)})

    desk.update("Letter", 1, {"subject": "bye"})

    assert desk.rows(m.Log, "text") == [("created hello",), ("updated bye",)]


def test_upsert_creates_then_updates(desk: Desk) -> None:
    field = "upsertArticle(onConflict: SLUG, input: $input)"
    kind = "CreateArticleInput!"
    returns = "created article { title version }"

    new = desk.mutate(field, returns, input=(kind, {"title": "A", "slug": "a"}))
    old = desk.mutate(field, returns, input=(kind, {"title": "B", "slug": "a"}))

    assert (new["created"], new["article"]) == (True, {"title": "A", "version": 1})
    assert (old["created"], old["article"]) == (False, {"title": "B", "version": 2})


def test_upsert_of_a_hidden_row_says_what_the_constraint_says(desk: Desk) -> None:
    desk.update("Article", 1, {"status": "DRAFT"})

    payload = desk.mutate(
        "upsertArticle(onConflict: SLUG, input: $input)",
        "created",
        BOB,
        input=("CreateArticleInput!", {"title": "B", "slug": "one"}),
    )

    assert problems(payload) == [problem("UniqueViolationError", "input", "slug")]


def test_upsert_keeps_to_rules_on_other_rows(desk: Desk) -> None:
    note = {"articleId": gid("Article", 1), "number": 1, "body": "Hm"}

    payload = desk.mutate(
        "upsertNote(onConflict: ARTICLE_ID_NUMBER, input: $input)",
        "created",
        BOB,
        input=("CreateNoteInput!", note),
    )

    assert problems(payload) == [problem("ForbiddenError", "input")]
    assert desk.rows(m.Note) == []


def test_writers_of_the_row_read_it_back(desk: Desk) -> None:
    payload = desk.update("Article", 1, {"title": "New"}, "article { title }", ADA)

    assert payload["article"] == {"title": "New"}

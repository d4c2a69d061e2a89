"""What clients can send wrong: each time a typed error that says where."""

from typing import Any

import pytest

from gql_app.engine import Viewer
from tests.writing import models as m
from tests.writing.desk import Desk, gid, problem, problems
from tests.writing.models import ADA, BOB, EDITOR

FINE: dict[str, Any] = {"title": "One", "slug": "one"}

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"title": ""}, "title"),
    ({"title": "x" * 41}, "title"),
    ({"title": "a\x00b"}, "title"),
    ({"slug": "x" * 21}, "slug"),
    ({"slug": "\ud800"}, "slug"),
    ({"price": "123456789.00"}, "price"),
    ({"price": "1.001"}, "price"),
    ({"extra": {"a": ["b\x00"]}}, "extra"),
    ({"extra": {"\x00": 1}}, "extra"),
    ({"labels": {"add": ["nonsense"]}}, "labels.add.0"),
    ({"labels": {"add": [gid("Author", 1)]}}, "labels.add.0"),
    ({"labels": {"create": [{"name": "not a name"}]}}, "labels.create.0.name"),
]


@pytest.mark.parametrize(("wrong", "place"), WRONG)
def test_values_are_checked_before_the_first_statement(
    desk: Desk, wrong: dict[str, Any], place: str
) -> None:
    payload = desk.create("Article", {**FINE, **wrong})

    assert problems(payload) == [problem("ValidationError", "input", *place.split("."))]
    assert desk.statements == []


def test_rules_over_several_fields_lead_to_the_input(desk: Desk) -> None:
    payload = desk.create(
        "Article", {"title": "LOUD", "slug": "x", "status": "PUBLISHED"}
    )

    assert problems(payload) == [problem("ValidationError", "input")]
    assert payload["errors"][0]["message"] == "Published titles don't shout."


@pytest.mark.parametrize(
    "key", ["", "nonsense", gid("Author", 1), gid("Article", 2**63), gid("Article")]
)
def test_ids_that_are_none_have_a_path(desk: Desk, key: str) -> None:
    payload = desk.mutate(f'deleteArticle(id: "{key}")')

    assert problems(payload) == [problem("ValidationError", "id")]


@pytest.mark.parametrize(
    ("column", "value", "kind", "viewer"),
    [
        ("slug", "one", "UniqueViolationError", ADA),
        ("title", "One", "UniqueViolationError", ADA),
        ("rating", 9, "ValidationError", EDITOR),
        ("authorId", gid("Author", 99), "NotFoundError", EDITOR),
    ],
)
def test_constraints_lead_to_their_column(
    desk: Desk, column: str, value: Any, kind: str, viewer: Viewer
) -> None:
    desk.create("Article", FINE)
    desk.create("Article", {"title": "Two", "slug": "two"})

    payload = desk.update("Article", 2, {column: value}, "", viewer)

    assert problems(payload) == [problem(kind, "input", column)]


def test_constraints_of_creating_lead_to_their_column(desk: Desk) -> None:
    desk.create("Article", FINE)

    slug = desk.create("Article", {**FINE, "title": "New"})
    both = desk.create("Article", {**FINE, "slug": "new"})
    rating = desk.create(
        "Article",
        {**FINE, "slug": "r", "title": "R", "rating": -1},
        "",
        Viewer("editor", {"id": 2}),
    )

    assert problems(slug) == [problem("UniqueViolationError", "input", "slug")]
    assert problems(both) == [problem("UniqueViolationError", "input", "title")]
    assert problems(rating) == [problem("ValidationError", "input", "rating")]


def test_a_foreign_key_that_nothing_answers_to(desk: Desk) -> None:
    payload = desk.create("Letter", {"subject": "x", "authorId": gid("Author", 9)})

    assert problems(payload) == [problem("NotFoundError", "input", "authorId")]


def test_errors_say_nothing_of_the_database(desk: Desk) -> None:
    desk.create("Article", FINE)

    payload = desk.create("Article", {**FINE, "title": "New"})

    (error,) = payload["errors"]
    assert error["message"] == "Another article has this slug already."
    assert error["code"] == "CONFLICT"


def test_ten_thousand_rows_are_too_many(desk: Desk) -> None:
    given = [{"name": f"n{place}"} for place in range(10_000)]

    payload = desk.mutate(
        "createLabels(inputs: $inputs)", inputs=("[CreateLabelInput!]!", given)
    )

    assert [one["code"] for one in payload["errors"]] == ["LIMIT_EXCEEDED"]
    assert desk.statements == []


def test_bytes_and_floats_survive_in_bulk(desk: Desk) -> None:
    weights = [0.1, 1e300, -0.0, 3.141592653589793]
    given = [
        {"subject": "x", "authorId": gid("Author", 1), "weight": one, "raw": "/+8="}
        for one in weights
    ]

    payload = desk.mutate(
        "createLetters(inputs: $inputs)",
        "letters { weight raw }",
        inputs=("[CreateLetterInput!]!", given),
    )

    assert payload["letters"] == [{"weight": one, "raw": "/+8="} for one in weights]


@pytest.mark.parametrize(
    "field",
    [
        'updateArticle(id: "{0}", input: {{title: "X"}})',
        'deleteArticle(id: "{0}")',
        'restoreArticle(id: "{0}")',
        'purgeArticle(id: "{0}")',
        'createNote(input: {{articleId: "{0}", number: 1, body: "x"}})',
        "upsertNote(onConflict: ARTICLE_ID_NUMBER, "
        'input: {{articleId: "{0}", number: 1, body: "x"}})',
    ],
)
def test_an_outsider_learns_nothing_of_a_draft(desk: Desk, field: str) -> None:
    desk.create("Article", FINE)

    hidden = desk.mutate(field.format(gid("Article", 1)), "", BOB)
    missing = desk.mutate(field.format(gid("Article", 99)), "", BOB)

    assert hidden == missing
    assert hidden["errors"] != []
    assert desk.rows(m.Article, "title", "deleted_at") == [("One", None)]


def test_an_outsider_changes_nothing_by_filter(desk: Desk) -> None:
    desk.create("Article", FINE)
    where = '(where: {slug: {eq: "one"}}, atMost: 9'

    update = desk.mutate(
        f'updateArticles{where}, set: {{title: "X"}})', "affectedCount", BOB
    )
    delete = desk.mutate(f"deleteArticles{where})", "affectedCount", BOB)

    assert update["affectedCount"] == delete["affectedCount"] == 0
    assert desk.rows(m.Article, "title", "deleted_at") == [("One", None)]

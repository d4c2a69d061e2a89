"""Writing rows together with what is at the ends of their relations."""

from typing import Any

import pytest

from gql_app.engine import Database, Limits, Viewer
from tests.writing import models as m
from tests.writing.desk import Desk, gid, problem, problems
from tests.writing.magazine import magazine
from tests.writing.models import BOB, EDITOR

ARTICLE: dict[str, Any] = {"title": "One", "slug": "one", "status": "PUBLISHED"}
LABELS = "article { labels(orderBy: {name: ASC}) { nodes { name } } }"


def names(payload: Any) -> list[str]:
    return [node["name"] for node in payload["article"]["labels"]["nodes"]]


def test_create_with_labels_that_exist(desk: Desk) -> None:
    labels = {"add": [gid("Label", 1), gid("Label", 2)]}

    payload = desk.create("Article", {**ARTICLE, "labels": labels}, LABELS)

    assert names(payload) == ["python", "sql"]
    insert, link, _, _ = desk.statements
    assert insert.startswith("INSERT INTO article ")
    assert link.startswith("INSERT INTO articlelabel ")


def test_create_with_labels_by_name(desk: Desk) -> None:
    labels = {"connectOrCreate": [{"name": "SQL"}, {"name": "new"}, {"name": "new"}]}

    payload = desk.create("Article", {**ARTICLE, "labels": labels}, LABELS)

    assert names(payload) == ["new", "sql"]
    assert [name for (name,) in desk.rows(m.Label, "name")] == [
        *("sql", "python", "hidden", "new")
    ]


def test_labels_by_name_that_exist_take_one_statement(desk: Desk) -> None:
    labels = {"connectOrCreate": [{"name": "sql"}, {"name": "python"}]}

    desk.create("Article", {**ARTICLE, "labels": labels}, LABELS)

    heads = [" ".join(one.split()[:3]) for one in desk.statements]
    assert heads[:2] == ["INSERT INTO article", "INSERT INTO articlelabel"]
    assert len(heads) == 4


def test_labels_by_name_are_linked_whether_they_exist_or_not(desk: Desk) -> None:
    known = {"connectOrCreate": [{"name": "sql"}, {"name": "SQL"}]}
    mixed = {"connectOrCreate": [{"name": "sql"}, {"name": "new"}, {"name": "new"}]}
    doubly = {"add": [gid("Label", 1)], "connectOrCreate": [{"name": "sql"}]}

    found = [
        names(
            desk.create("Article", {"title": key, "slug": key, "labels": one}, LABELS)
        )
        for key, one in (("a", known), ("b", mixed), ("c", doubly))
    ]

    assert found == [["sql"], ["new", "sql"], ["sql"]]


def test_a_hidden_label_is_taken_but_not_shown(desk: Desk) -> None:
    labels = {"connectOrCreate": [{"name": "hidden"}]}

    payload = desk.create("Article", {**ARTICLE, "labels": labels})
    by_id = desk.create("Article", {**ARTICLE, "labels": {"add": [gid("Label", 3)]}})

    path = ("input", "labels", "connectOrCreate", "0", "name")
    assert problems(payload) == [problem("UniqueViolationError", *path)]
    assert problems(by_id) == [problem("NotFoundError", "input", "labels", "add", "0")]
    assert desk.rows(m.Article) == []


def test_set_replaces_all_but_what_is_hidden(desk: Desk) -> None:
    desk.create("Article", {**ARTICLE, "labels": {"add": [gid("Label", 1)]}})
    desk.update("Article", 1, {"labels": {"add": [gid("Label", 3)]}}, "", EDITOR)

    payload = desk.update("Article", 1, {"labels": {"set": [gid("Label", 2)]}}, LABELS)

    assert names(payload) == ["python"]
    assert desk.rows(m.ArticleLabel, "label_id") == [(2,), (3,)]


def test_set_nothing_and_connect_gives_exactly_these(desk: Desk) -> None:
    desk.create("Article", {**ARTICLE, "labels": {"add": [gid("Label", 1)]}})
    labels = {"set": [], "connectOrCreate": [{"name": "python"}]}

    payload = desk.update("Article", 1, {"labels": labels}, f"{LABELS}")
    again = desk.update("Article", 1, {"labels": {"remove": [gid("Label", 2)]}}, LABELS)

    assert names(payload) == ["python"]
    assert names(again) == []


def test_a_change_of_links_counts_as_a_version(desk: Desk) -> None:
    desk.create("Article", ARTICLE)

    desk.update("Article", 1, {"labels": {"add": [gid("Label", 1)]}})

    assert desk.rows(m.Article, "version") == [(2,)]


def test_children_with_required_keys_are_created_with_their_parent(desk: Desk) -> None:
    notes = {"create": [{"number": place, "body": f"N{place}"} for place in (1, 2, 3)]}

    payload = desk.create(
        "Article",
        {**ARTICLE, "notes": notes},
        "article { notes { nodes { number body article { title } } } }",
    )

    found = payload["article"]["notes"]["nodes"]
    assert [one["body"] for one in found] == ["N1", "N2", "N3"]
    inserts = [one for one in desk.statements if one.startswith("INSERT INTO note")]
    assert len(inserts) == 1


def test_paths_lead_into_nested_lists(desk: Desk) -> None:
    notes = {"create": [{"number": 1, "body": "fine"}, {"number": 2, "body": " "}]}
    labels = {"add": [gid("Author", 1)], "create": [{"name": "no spaces"}]}

    payload = desk.create(
        "Article", {**ARTICLE, "title": "", "notes": notes, "labels": labels}
    )

    assert sorted(problems(payload), key=str) == sorted(
        [
            problem("ValidationError", "input", "title"),
            problem("ValidationError", "input", "notes", "create", "1", "body"),
            problem("ValidationError", "input", "labels", "add", "0"),
            problem("ValidationError", "input", "labels", "create", "0", "name"),
        ],
        key=str,
    )
    assert desk.statements == []


def test_constraints_in_nested_lists_have_paths(desk: Desk) -> None:
    notes = {"create": [{"number": 1, "body": "a"}, {"number": 1, "body": "b"}]}

    payload = desk.create("Article", {**ARTICLE, "notes": notes})

    path = ("input", "notes", "create", "1", "number")
    assert problems(payload) == [problem("UniqueViolationError", *path)]
    assert desk.rows(m.Article) == []


def test_children_can_be_taken_over_if_both_may_be_changed(desk: Desk) -> None:
    note = {"create": [{"number": 1, "body": "a"}]}
    desk.create("Article", {**ARTICLE, "notes": note}, "", BOB)
    desk.create("Article", {**ARTICLE, "slug": "two"})
    taken = {"notes": {"add": [gid("Note", 1)]}}

    refused = desk.update("Article", 2, taken)
    done = desk.update("Article", 2, taken, "article { notes { totalCount } }", EDITOR)

    path = ("input", "notes", "add", "0")
    assert problems(refused) == [problem("ForbiddenError", *path)]
    assert done["article"]["notes"]["totalCount"] == 1


def test_links_with_columns(desk: Desk) -> None:
    desk.create("Article", ARTICLE)
    desk.create("Article", {**ARTICLE, "title": "Two", "slug": "two"})
    contents = {
        "add": [{"id": gid("Article", 1), "page": 3}],
        "create": [
            {"node": {"title": "Ed", "slug": "ed", "status": "PUBLISHED"}, "page": 1}
        ],
    }
    returns = "issue { contents { edges { page node { title } } } }"

    payload = desk.create(
        "Issue",
        {"number": 7, "contents": contents},
        returns,
        Viewer("editor", {"id": 2}),
    )

    edges = payload["issue"]["contents"]["edges"]
    assert [(edge["page"], edge["node"]["title"]) for edge in edges] == [
        (3, "One"),
        (1, "Ed"),
    ]


def test_columns_of_links_are_validated(desk: Desk) -> None:
    contents = {"add": [{"id": gid("Article", 1), "page": 0}]}

    payload = desk.create("Issue", {"number": 7, "contents": contents}, "", EDITOR)

    path = ("input", "contents", "add", "0", "page")
    assert problems(payload) == [problem("ValidationError", *path)]


def test_links_have_policies(desk: Desk) -> None:
    desk.create("Article", ARTICLE)
    contents = {"add": [{"id": gid("Article", 1), "page": 1}]}

    payload = desk.create("Issue", {"number": 7, "contents": contents})

    path = ("input", "contents", "add", "0", "id")
    assert problems(payload) == [problem("ForbiddenError", *path)]
    assert desk.rows(m.Issue) == []


def test_a_parent_with_a_required_key_is_connected_or_created(desk: Desk) -> None:
    connected = {"subject": "hi", "author": {"connect": gid("Author", 2)}}
    created = {"subject": "ho", "author": {"create": {"name": "eve"}}}
    returns = "letter { author { name } }"

    one = desk.create("Letter", connected, returns)
    two = desk.create("Letter", created, returns, EDITOR)
    neither = desk.create("Letter", {"subject": "no"}, returns)

    assert one["letter"] == {"author": {"name": "bob"}}
    assert two["letter"] == {"author": {"name": "eve"}}
    assert problems(neither) == [problem("ValidationError", "input", "authorId")]


def test_a_parent_may_not_be_created_by_everyone(desk: Desk) -> None:
    letter = {"subject": "ho", "author": {"create": {"name": "eve"}}}

    payload = desk.create("Letter", letter)

    assert problems(payload) == [problem("ForbiddenError", "input", "author", "create")]


def test_children_with_optional_keys_can_be_removed(desk: Desk) -> None:
    author = {"connect": gid("Author", 1)}
    replies = {"create": [{"subject": f"re{n}", "author": author} for n in (1, 2)]}
    letter = {"subject": "hi", "author": author, "replies": replies}
    desk.create("Letter", letter)

    desk.update("Letter", 1, {"replies": {"set": [gid("Letter", 3)]}})
    kept = desk.rows(m.Letter, "answers_id")
    desk.update("Letter", 1, {"replies": {"remove": [gid("Letter", 3)]}})

    assert kept == [(None,), (None,), (1,)]
    assert desk.rows(m.Letter, "answers_id") == [(None,)] * 3


@pytest.mark.parametrize("limits", [Limits(written_rows=3), Limits(write_depth=1)])
def test_size_is_limited(database: Database, limits: Limits) -> None:
    desk = Desk(magazine(), database, limits)
    notes = {"create": [{"number": n, "body": "n"} for n in range(5)]}

    payload = desk.create("Article", {**ARTICLE, "notes": notes})

    assert [one["code"] for one in payload["errors"]] == ["LIMIT_EXCEEDED"]
    assert payload["errors"][0]["path"][:3] == ["input", "notes", "create"]


@pytest.mark.parametrize(("labels", "codes"), [(1, []), (2, ["LIMIT_EXCEEDED"])])
def test_links_count_as_rows_that_are_written(
    database: Database, labels: int, codes: list[str]
) -> None:
    desk = Desk(magazine(), database, Limits(written_rows=2))
    keys = [gid("Label", number) for number in (1, 2)]

    payload = desk.create("Article", {**ARTICLE, "labels": {"add": keys[:labels]}})

    assert [one["code"] for one in payload["errors"]] == codes


def test_problems_are_limited(database: Database) -> None:
    desk = Desk(magazine(), database, Limits(errors=3))
    inputs = ("[CreateLabelInput!]!", [{"name": "no spaces"}] * 4)

    payload = desk.mutate("createLabels(inputs: $inputs)", "", inputs=inputs)

    assert len(payload["errors"]) == 3

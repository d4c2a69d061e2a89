"""Creating single rows."""

from tests.writing import models as m
from tests.writing.desk import ANONYMOUS, Desk, gid, problem, problems
from tests.writing.models import ADA, BOB


def test_create_gives_the_row_back(desk: Desk) -> None:
    payload = desk.create(
        "Article",
        {"title": " One ", "slug": "one", "price": "12.50", "extra": {"a": [1]}},
        "article { id title slug status price extra version author { name } }",
    )

    assert payload == {
        "article": {
            "id": gid("Article", 1),
            "title": "One",
            "slug": "one",
            "status": "DRAFT",
            "price": "12.5",
            "extra": {"a": [1]},
            "version": 1,
            "author": {"name": "ada"},
        },
        "errors": [],
    }


def test_create_takes_one_statement_and_one_per_level(desk: Desk) -> None:
    desk.create("Article", {"title": "One", "slug": "one"}, "article { title }")

    insert, select = desk.statements
    assert insert.startswith("INSERT INTO article")
    assert select.startswith("SELECT")


def test_create_needs_no_query_without_a_selection(desk: Desk) -> None:
    desk.create("Article", {"title": "One", "slug": "one"})

    assert len(desk.statements) == 1


def test_create_writes_what_clients_and_models_say(desk: Desk) -> None:
    desk.create("Article", {"title": "One", "slug": "one", "status": "PUBLISHED"})

    columns = ("title", "slug", "status", "author_id", "version", "deleted_at")
    assert desk.rows(m.Article, *columns) == [
        ("One", "one", m.Status.PUBLISHED, 1, 1, None)
    ]


def test_create_in_an_own_name_only(desk: Desk) -> None:
    payload = desk.create("Author", {"name": "eve"}, "author { name }")

    assert payload["author"] is None
    assert problems(payload) == [problem("ForbiddenError", "input")]
    assert desk.statements == []


def test_create_by_nobody_needs_a_sign_in(desk: Desk) -> None:
    letter = {"subject": "Hi", "authorId": gid("Author", 1)}

    payload = desk.create("Letter", letter, "letter { id }", ANONYMOUS)

    assert payload["letter"] is None
    assert problems(payload) == [problem("ForbiddenError", "input")]


def test_create_checks_rules_on_other_rows(desk: Desk) -> None:
    desk.create("Article", {"title": "Ah", "slug": "a", "status": "PUBLISHED"})
    note = {"articleId": gid("Article", 1), "number": 1, "body": "Hm"}

    refused = desk.create("Note", note, "note { body }", BOB)
    made = desk.create("Note", note, "note { body article { title } }", ADA)

    assert problems(refused) == [problem("ForbiddenError", "input")]
    assert made == {"note": {"body": "Hm", "article": {"title": "Ah"}}, "errors": []}


def test_create_refers_only_to_readable_rows(desk: Desk) -> None:
    desk.create("Article", {"title": "A", "slug": "a"})
    note = {"articleId": gid("Article", 1), "number": 1, "body": "Hm"}
    unknown = {**note, "articleId": gid("Article", 99)}

    hidden = desk.create("Note", note, "", BOB)
    missing = desk.create("Note", unknown, "", BOB)

    assert hidden == missing  # nothing tells the one from the other
    assert problems(hidden) == [problem("NotFoundError", "input", "articleId")]


def test_create_calls_hooks_in_the_transaction(desk: Desk) -> None:
    letter = {"subject": "hello", "authorId": gid("Author", 1), "loud": True}

    payload = desk.create("Letter", letter, "letter { subject }")

    assert payload["letter"] == {"subject": "HELLO"}
    assert desk.rows(m.Log, "text") == [("created HELLO",)]


def test_create_gives_the_errors_of_hooks(desk: Desk) -> None:
    letter = {"subject": "spam", "authorId": gid("Author", 1), "loud": True}

    payload = desk.create("Letter", letter)

    assert problems(payload) == [problem("ValidationError", "input", "subject")]
    assert payload["errors"][0]["message"] == "No spam, please."
    assert desk.rows(m.Letter) == []


def test_create_many_is_one_statement(desk: Desk) -> None:
    given = [{"title": f"T{place}", "slug": f"s{place}"} for place in range(20)]

    payload = desk.mutate(
        "createArticles(inputs: $inputs)",
        "articles { title }",
        inputs=("[CreateArticleInput!]!", given),
    )

    assert [one["title"] for one in payload["articles"]] == [
        one["title"] for one in given
    ]
    price_is_scaled_on_sqlite = 20 if "INSERT INTO article" in desk.statements[1] else 1
    assert len(desk.statements) == price_is_scaled_on_sqlite + 1


def test_create_many_names_the_row_that_is_wrong(desk: Desk) -> None:
    given = [{"name": "red"}, {"name": "sql"}, {"name": "blue"}]

    payload = desk.mutate(
        "createLabels(inputs: $inputs)",
        "labels { name }",
        inputs=("[CreateLabelInput!]!", given),
    )

    assert payload["labels"] is None
    assert problems(payload) == [problem("UniqueViolationError", "inputs", "1", "name")]
    assert len(desk.rows(m.Label)) == 3

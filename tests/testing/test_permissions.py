"""The permission matrix: complete, and every difference shown."""

from dataclasses import replace
from typing import Any

import pytest

from gql_app.testing import Client, Permissions, global_id
from tests.testing.shelf import VIEWERS

BOOK = global_id("Book", 1)
NEW = {"title": "Ubik", "authorId": global_id("Author", 1), "year": 1969}
ATTEMPTS: dict[str, dict[str, Any]] = {
    "createBook": {"input": NEW},
    "createBooks": {"inputs": [NEW]},
    "updateBook": {"id": BOOK, "input": {"title": "New", "year": 1816}},
    "updateBook (hidden)": {"id": global_id("Book", 6), "input": {"title": "New"}},
    "updateBooks": {"where": {}, "set": {"title": "New"}, "atMost": 9},
    "deleteBook": {"id": global_id("Book", 2)},
    "deleteBooks": {"where": {"id": {"eq": global_id("Book", 2)}}, "atMost": 1},
}
PERMISSIONS = Permissions(VIEWERS, ATTEMPTS, unattempted={"updateBooks.year"})

ALL = "anonymous reader editor"
EXPECTED = {
    **dict.fromkeys(["Author 1", "Author 2", "Author.*"], ALL),
    **dict.fromkeys([f"Book {number}" for number in (1, 2, 3, 4, 5, 7)], ALL),
    "Book 6": "editor",
    "Book.*": ALL,
    "Copy 1 SOFT": "reader",
    "Copy.*": "reader",
    "Reservation": "reader editor",
    "Reservation.secret": "~reader editor",
    "createBook": "editor",
    "createBook.year": "",
    "createBooks": "",
    "updateBook.title": "editor",
    "updateBook.year": "",
    "updateBook.title (hidden)": "editor",
    "updateBooks.title": "editor",
    "deleteBook": "editor",
    "deleteBooks": "editor",
}


def test_table_is_what_policies_say(gql: Client) -> None:
    table = PERMISSIONS.table(gql)

    fields = {key: who for key, who in table.items() if key[0].isupper() and "." in key}
    rest = {key: who for key, who in EXPECTED.items() if not key.endswith("*")}
    assert table == {**rest, **fields}
    assert fields["Book.title"] == fields["Book.viewerCanUpdate"] == ALL
    assert fields["Copy.shape"] == "reader"
    PERMISSIONS.check(gql, EXPECTED)


def differences(gql: Client, expected: dict[str, str]) -> list[str]:
    """What is said of them, without the heading."""
    with pytest.raises(AssertionError) as failed:
        PERMISSIONS.check(gql, expected)
    return str(failed.value).splitlines()[1:]


def test_each_difference_is_shown(gql: Client) -> None:
    expected = {**EXPECTED, "Book 6": "", "createBook": "editor reader"}

    found = differences(gql, expected)

    assert found == [
        '  "Book 6": expected "", found "editor"',
        '  "createBook": expected "editor reader", found "editor"',
    ]


def test_what_is_forgotten_is_shown_as_it_is(gql: Client) -> None:
    forgotten = ("Copy.*", "Author 2", "updateBook.year")
    expected = {key: who for key, who in EXPECTED.items() if key not in forgotten}

    found = differences(gql, expected)

    assert found == [
        '  not expected at all: "Author 2": "anonymous reader editor",',
        '  not expected at all: "Copy.bookId": "reader",',
        '  not expected at all: "Copy.id": "reader",',
        '  not expected at all: "Copy.shape": "reader",',
        '  not expected at all: "updateBook.year": "",',
    ]


def test_what_is_no_longer_there_is_shown(gql: Client) -> None:
    expected = {**EXPECTED, "Book.subtitle": ALL, "Book 9": "editor", "Book 8": ""}

    found = differences(gql, expected)

    assert found == [
        f'  expected, but not there: "Book.subtitle": "{ALL}",',
        '  expected, but not there: "Book 9": "editor",',
    ]


def test_one_field_may_differ_from_the_others(gql: Client) -> None:
    found = differences(gql, {**EXPECTED, "Book.year": "editor"})

    assert found == [f'  "Book.year": expected "editor", found "{ALL}"']


def test_viewers_must_be_known(gql: Client) -> None:
    with pytest.raises(ValueError, match="Not among the viewers: publisher"):
        PERMISSIONS.check(gql, {**EXPECTED, "Book 6": "editor ~publisher"})


def test_mutations_and_fields_of_inputs_must_be_attempted(gql: Client) -> None:
    attempts = {**ATTEMPTS, "updateBooks": {**ATTEMPTS["updateBooks"], "set": {}}}
    del attempts["createBooks"]

    with pytest.raises(AssertionError) as failed:
        replace(PERMISSIONS, attempts=attempts).check(gql, EXPECTED)

    expected = "There are no attempts at createBooks, updateBooks.title."
    assert str(failed.value) == expected


def test_attempts_must_be_at_mutations(gql: Client) -> None:
    attempts = {**ATTEMPTS, "createBok (again)": {}}

    with pytest.raises(ValueError, match="Not mutations: createBok"):
        replace(PERMISSIONS, attempts=attempts).check(gql, EXPECTED)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({}, "input must have the fields of CreateBookInput."),
        ({"input": [NEW]}, "input must have the fields of CreateBookInput."),
        ({"input": {**NEW, "pages": 9}}, "there is no input.pages."),
        ({"input": NEW, "inputs": [NEW]}, "there is no inputs."),
    ],
    ids=["none", "a list", "unknown field", "unknown argument"],
)
def test_variables_of_attempts_must_be_those_of_the_mutation(
    gql: Client, variables: dict[str, Any], message: str
) -> None:
    attempts = {**ATTEMPTS, "createBook (again)": variables}

    with pytest.raises(ValueError, match=rf"^createBook \(again\): {message}$"):
        replace(PERMISSIONS, attempts=attempts).check(gql, EXPECTED)


def test_attempts_that_are_wrong_fail(gql: Client) -> None:
    attempts = {**ATTEMPTS, "createBook": {"input": {**NEW, "title": ""}}}

    with pytest.raises(
        AssertionError, match="createBook, attempted by anonymous, fails: "
    ):
        replace(PERMISSIONS, attempts=attempts).check(gql, EXPECTED)


def test_attempts_change_nothing(gql: Client) -> None:
    query = "{ books { nodes { id title year } } }"
    before = gql.execute(query)

    PERMISSIONS.check(gql, EXPECTED)

    assert gql.execute(query) == before

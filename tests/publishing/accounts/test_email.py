"""Changing one's e-mail address doesn't tell who has which, more than registering does."""

import pytest

from gql_app.engine import ANONYMOUS, Viewer
from gql_app.testing import Answer, global_id
from tests.publishing.accounts.conftest import (
    PASSWORD,
    RULES,
    People,
    calling_from,
    refused,
)
from tests.publishing.people import ERRORS

CHANGE_EMAIL = f"""mutation ($input: ChangeEmailInput!) {{
  changeEmail(input: $input) {{ user {{ username }} {ERRORS} }} }}"""
UPDATE = f"""mutation ($id: ID!, $input: UpdateUserInput!) %s {{
  updateUser(id: $id, input: $input) {{ user {{ username }} {ERRORS} }} }}"""
BEN = {"username": "ben", "displayName": "Ben", "email": "ben@example.org"}


@pytest.fixture
def ada(people: People) -> Viewer:
    people.register()
    people.register(**BEN)
    return Viewer("reader", {"id": 1})


def change(
    people: People, viewer: Viewer, email: str, password: str = PASSWORD
) -> Answer:
    given = {"email": email, "currentPassword": password}
    return people.client.answer(CHANGE_EMAIL, viewer, input=given)


def test_address_is_changed(people: People, ada: Viewer) -> None:
    answer = change(people, ada, "Ada@Example.com")

    assert answer.data["changeEmail"] == {"user": {"username": "ada"}, "errors": []}
    assert people.login("ada@example.com")["errors"] == []


def test_taken_address_is_refused(people: People, ada: Viewer) -> None:
    payload = change(people, ada, "ben@example.org").data["changeEmail"]

    assert refused(payload) == ("CONFLICT", ["input", "email"])


def test_what_is_no_address_is_refused_in_words(people: People, ada: Viewer) -> None:
    payload = change(people, ada, "ada at example.org").data["changeEmail"]

    assert refused(payload) == ("BAD_USER_INPUT", ["input", "email"])
    assert payload["errors"][0]["message"] == "This is not an e-mail address."


def test_password_is_asked_for(people: People, ada: Viewer) -> None:
    payload = change(people, ada, "new@example.org", "wrong horse").data

    assert refused(payload["changeEmail"]) == (
        "BAD_USER_INPUT",
        ["input", "currentPassword"],
    )


def test_nobody_has_to_sign_in(people: People) -> None:
    payload = change(people, ANONYMOUS, "new@example.org").data["changeEmail"]

    assert refused(payload) == ("UNAUTHENTICATED", None)


def test_attempts_count_as_those_to_register(people: People, ada: Viewer) -> None:
    with calling_from("192.0.2.1"):
        tried = [
            change(people, ada, f"a{number}@example.org")
            for number in range(RULES.registrations + 1)
        ]
        registered = people.client.answer(
            "mutation ($input: RegisterInput!) { register(input: $input) "
            "{ errors { code } } }",
            input={**BEN, "password": PASSWORD},
        )

    assert [one.codes for one in tried[:-1]] == [[]] * RULES.registrations
    assert tried[-1].codes == registered.codes == ["RATE_LIMITED"]


def test_attempts_without_an_address_count_for_the_account(
    people: People, ada: Viewer
) -> None:
    tried = [
        change(people, ada, "ben@example.org")
        for _ in range(RULES.account_attempts + 1)
    ]

    assert tried[-1].codes == ["RATE_LIMITED"]


@pytest.mark.parametrize("directive", ["", "@dryRun"])
@pytest.mark.parametrize("email", ["ben@example.org", "free@example.org"])
def test_update_does_not_tell_either(
    people: People, ada: Viewer, email: str, directive: str
) -> None:
    given = {"id": global_id("User", 1), "input": {"email": email}}

    payload = people.client.field(UPDATE % directive, ada, **given)

    assert refused(payload) == ("FORBIDDEN", ["input", "email"])


def test_admins_set_addresses(people: People, ada: Viewer) -> None:
    given = {"id": global_id("User", 2), "input": {"email": "new@example.org"}}

    payload = people.client.field(UPDATE % "", Viewer("admin", {"id": 1}), **given)

    assert payload["errors"] == []

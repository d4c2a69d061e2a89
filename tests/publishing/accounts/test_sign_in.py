"""People sign up, in and out, and nobody else does it for them."""

import asyncio
import json
from typing import Any

import pytest
import sqlalchemy as sa
import strawberry
from sqlalchemy import Engine

from gql_app.app import create_schema
from gql_app.engine import ANONYMOUS, Database, Executor, Request, Viewer
from gql_app.engine.writing import idempotency
from gql_app.publishing.accounts.accounts import Accounts
from gql_app.publishing.accounts.passwords import Passwords
from gql_app.publishing.accounts.tokens import AccessTokens
from gql_app.publishing.base import table_of
from gql_app.publishing.user import User
from gql_app.testing import Call, Client
from tests.publishing.accounts.conftest import (
    ADA,
    CHANGE_PASSWORD,
    LOGIN,
    PASSWORD,
    REGISTER,
    CountingHasher,
    People,
    refused,
)
from tests.publishing.rows import create_user, read

NEW_PASSWORD = "battery staple"


def test_register_makes_a_reader_who_is_signed_in(
    people: People, tokens: AccessTokens, engine: Engine
) -> None:
    registered = people.register(email="Ada@Example.org")

    assert registered["user"]["username"] == "ada"
    assert registered["errors"] == []
    header = f"Bearer {registered['tokens']['accessToken']}"
    assert tokens.viewer(header) == Viewer("reader", {"id": 1})
    user = table_of(User)
    [(email, password_hash)] = read(
        engine, sa.select(user.c.email, user.c.password_hash)
    )
    assert email == "ada@example.org"
    assert password_hash.startswith("$argon2id$")


@pytest.mark.parametrize("name", ["ada", "ADA", "ada@example.org", " Ada@Example.ORG "])
def test_login_takes_the_username_or_the_address(people: People, name: str) -> None:
    people.register()

    signed_in = people.login(name)

    assert signed_in["user"] == {"username": "ada"}
    assert signed_in["tokens"]["accessToken"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"username": "ada", "email": "b@example.org"}, "username"),
        ({"username": "bob", "email": "ADA@example.org"}, "email"),
    ],
)
def test_register_refuses_what_is_taken(
    people: People, given: dict[str, str], field: str
) -> None:
    people.register()

    again = people.register(**given)

    assert refused(again) == ("CONFLICT", ["input", field])
    assert again["errors"][0]["__typename"] == "UniqueViolationError"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "Ada Lovelace"),
        ("username", "a\x00b"),
        ("displayName", ""),
        ("displayName", "\ud800"),
        ("email", "ada"),
        ("email", "a\x00@example.org"),
        ("password", "short"),
        ("password", "x" * 129),
        ("password", "\x00" * 12),
    ],
)
def test_register_refuses_what_makes_no_sense(
    people: People, field: str, value: str
) -> None:
    registered = people.register(**{field: value})

    assert refused(registered) == ("BAD_USER_INPUT", ["input", field])


def test_register_says_all_that_is_wrong(people: People) -> None:
    registered = people.register(username="", displayName="", password="")

    paths = [error["path"] for error in registered["errors"]]
    assert paths == [
        ["input", field] for field in ("username", "displayName", "password")
    ]


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("ada", "wrong horse"),
        ("nobody", PASSWORD),
        ("nobody@example.org", PASSWORD),
        ("imported", PASSWORD),
        ("imported", ""),
        ("%", PASSWORD),
    ],
)
def test_login_refuses_always_alike_and_after_as_much_work(
    people: People, engine: Engine, hasher: CountingHasher, name: str, password: str
) -> None:
    people.register()
    create_user(engine, username="imported")
    before = hasher.computed

    signed_in = people.login(name, password)

    assert refused(signed_in) == ("UNAUTHENTICATED", None)
    assert signed_in["errors"][0]["message"] == "The name or the password is wrong."
    assert hasher.computed - before == 1


def test_login_renews_a_hash_of_other_parameters(
    people: People, database: Database, tokens: AccessTokens, engine: Engine
) -> None:
    people.register()
    dearer = CountingHasher(time_cost=2)
    accounts = Accounts(database, tokens, Passwords(dearer))
    wanted = sa.select(table_of(User).c.password_hash)
    [(before,)] = read(engine, wanted)

    executor = Executor(create_schema(lambda: accounts), database, masked=False)
    People(Client(executor)).login()
    accounts.close()

    [(after,)] = read(engine, wanted)
    assert dearer.check_needs_rehash(before)
    assert not dearer.check_needs_rehash(after)
    assert people.login()["tokens"]


def test_changed_password_ends_all_sign_ins(
    people: People, tokens: AccessTokens
) -> None:
    first = people.register()["tokens"]
    other = people.login()["tokens"]["refreshToken"]
    ada = tokens.viewer(f"Bearer {first['accessToken']}")

    changed = people.change_password(ada, PASSWORD, NEW_PASSWORD)

    assert people.refresh(changed["tokens"]["refreshToken"])["tokens"]
    for token in (first["refreshToken"], other):
        assert refused(people.refresh(token)) == ("UNAUTHENTICATED", None)
    assert refused(people.login()) == ("UNAUTHENTICATED", None)
    assert people.login(password=NEW_PASSWORD)["tokens"]


@pytest.mark.parametrize(
    ("viewer", "current", "new", "expected"),
    [
        (ANONYMOUS, PASSWORD, NEW_PASSWORD, ("UNAUTHENTICATED", None)),
        (
            *(Viewer("reader", {"id": 1}), "wrong", NEW_PASSWORD),
            ("BAD_USER_INPUT", ["input", "currentPassword"]),
        ),
        (
            *(Viewer("reader", {"id": 99}), PASSWORD, NEW_PASSWORD),
            ("BAD_USER_INPUT", ["input", "currentPassword"]),
        ),
        (
            *(Viewer("reader", {"id": 1}), PASSWORD, "short"),
            ("BAD_USER_INPUT", ["input", "newPassword"]),
        ),
    ],
)
def test_password_is_changed_by_who_knows_it_alone(
    people: People, viewer: Viewer, current: str, new: str, expected: Any
) -> None:
    token = people.register()["tokens"]["refreshToken"]

    changed = people.change_password(viewer, current, new)

    assert refused(changed) == expected
    assert people.refresh(token)["tokens"]
    assert people.login()["tokens"]


def test_viewer_is_oneself_with_the_address(people: People) -> None:
    people.register()
    query = "{ viewer { email user { username profile { bio } } } }"

    found = people.client.field(query, Viewer("reader", {"id": 1}))

    assert found == {
        "email": "ada@example.org",
        "user": {"username": "ada", "profile": {"bio": None}},
    }


@pytest.mark.parametrize("viewer", [ANONYMOUS, Viewer("reader", {"id": 99})])
def test_viewer_is_null_for_nobody(people: People, viewer: Viewer) -> None:
    people.register()

    assert people.client.field("{ viewer { email } }", viewer) is None


@pytest.mark.parametrize(
    "fields",
    [
        "a: login(input: $input) { errors { code } } b: login(input: $input) "
        "{ errors { code } }",
        "...Two",
        "login(input: $input) { errors { code } } deleteTag(id: 1) { errors { code } }",
    ],
)
def test_login_is_alone_in_its_operation(
    people: People, hasher: CountingHasher, fields: str
) -> None:
    fragment = """fragment Two on Mutation {
      a: login(input: $input) { errors { code } }
      b: login(input: $input) { errors { code } } }"""
    query = f"mutation ($input: LoginInput!) {{ {fields} }}"
    query += fragment if "Two" in fields else ""
    people.register()
    before = hasher.computed
    given = {"username": "ada", "password": PASSWORD}

    answer = people.client.execute(query, input=given)

    assert "BAD_USER_INPUT" in str(answer)
    assert hasher.computed == before


def test_register_can_not_be_tried_out(people: People, engine: Engine) -> None:
    query = REGISTER.replace("{", "@dryRun {", 1)
    given = {**ADA, "password": PASSWORD}

    payload = people.client.field(query, input=given)

    assert refused(payload) == ("BAD_USER_INPUT", None)
    assert read(engine, sa.select(table_of(User))) == []


def test_simultaneous_sign_ins_all_succeed(people: People, client: Client) -> None:
    people.register()
    given = {"username": "ada", "password": PASSWORD}

    answers = client.together([Call(LOGIN, ANONYMOUS, {"input": given})] * 4)

    assert all(answer.data["login"]["tokens"] for answer in answers)


def test_password_changed_meanwhile_lets_nobody_in(
    people: People, client: Client
) -> None:
    people.register()
    ada = Viewer("reader", {"id": 1})
    change = {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}
    login = {"username": "ada", "password": PASSWORD}

    answers = client.together(
        [
            Call(LOGIN, ANONYMOUS, {"input": login}),
            Call(CHANGE_PASSWORD, ada, {"input": change}),
            Call(LOGIN, ANONYMOUS, {"input": login}),
        ]
    )

    signed_in = [answers[place].data["login"]["tokens"] for place in (0, 2)]
    assert answers[1].data["changePassword"]["tokens"]
    for tokens in filter(None, signed_in):
        assert refused(people.refresh(tokens["refreshToken"]))


def test_tokens_are_not_kept_for_an_idempotency_key(
    people: People, database: Database, schema_with_accounts: strawberry.Schema
) -> None:
    people.register()
    kept = idempotency.table(sa.MetaData())
    kept.metadata.create_all(database.engine)
    executor = Executor(schema_with_accounts, database, kept=kept)
    given = {"input": {"username": "ada", "password": PASSWORD}}

    request = Request(LOGIN, None, given, idempotency_key="key")
    answer = json.loads(asyncio.run(executor.execute(request)).body)

    assert refused(answer["data"]["login"]) == ("BAD_USER_INPUT", None)
    assert read(database.engine, sa.select(kept)) == []

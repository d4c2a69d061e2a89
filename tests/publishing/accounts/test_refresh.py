"""Sign-ins go on with refresh tokens, each of which is used once."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from gql_app.publishing.accounts.tokens import AccessTokens
from gql_app.publishing.base import table_of, utc_now
from gql_app.publishing.refresh_token import RefreshToken
from gql_app.publishing.user import User
from tests.publishing.accounts.conftest import (
    People,
    refused,
)
from tests.publishing.rows import read

NEW_PASSWORD = "battery staple"


def test_refresh_gives_new_tokens_that_end_at_the_same_time(people: People) -> None:
    first = people.register()["tokens"]

    second = people.refresh(first["refreshToken"])["tokens"]

    assert second["refreshToken"] != first["refreshToken"]
    assert second["accessToken"] != first["accessToken"]
    assert second["refreshExpiresAt"] == first["refreshExpiresAt"]


def test_refresh_has_the_role_of_now(
    people: People, tokens: AccessTokens, engine: Engine
) -> None:
    first = people.register()["tokens"]
    with engine.begin() as connection:
        connection.execute(sa.update(table_of(User)).values(role="EDITOR"))

    second = people.refresh(first["refreshToken"])["tokens"]

    assert tokens.viewer(f"Bearer {second['accessToken']}").role == "editor"


def test_second_use_of_a_token_ends_the_sign_in(people: People) -> None:
    first = people.register()["tokens"]["refreshToken"]
    other = people.login()["tokens"]["refreshToken"]
    second = people.refresh(first)["tokens"]["refreshToken"]

    again = people.refresh(first)

    assert refused(again) == ("UNAUTHENTICATED", None)
    assert refused(people.refresh(second)) == ("UNAUTHENTICATED", None)
    assert people.refresh(other)["tokens"]  # another sign-in, which goes on


def test_of_two_uses_at_once_one_wins_and_the_sign_in_ends(people: People) -> None:
    token = people.register()["tokens"]["refreshToken"]

    payloads = people.refresh_together(*[token] * 4)

    won = [payload["tokens"] for payload in payloads if payload["tokens"]]
    assert len(won) == 1
    assert refused(people.refresh(won[0]["refreshToken"])) == ("UNAUTHENTICATED", None)


def test_token_made_while_its_family_ended_is_of_no_use(
    people: People, engine: Engine
) -> None:
    first = people.register()["tokens"]["refreshToken"]
    second = people.refresh(first)["tokens"]["refreshToken"]
    table = table_of(RefreshToken)
    with engine.begin() as connection:
        used = table.c.used_at.is_not(None)
        connection.execute(sa.update(table).where(used).values(revoked_at=utc_now()))

    payload = people.refresh(second)

    assert refused(payload) == ("UNAUTHENTICATED", None)


def test_expired_token_is_refused(people: People, engine: Engine) -> None:
    token = people.register()["tokens"]["refreshToken"]
    table = table_of(RefreshToken)
    with engine.begin() as connection:
        past = utc_now() - timedelta(seconds=1)
        connection.execute(sa.update(table).values(expires_at=past))

    payload = people.refresh(token)

    assert refused(payload) == ("UNAUTHENTICATED", None)


@pytest.mark.parametrize("how", ["register", "login", "refresh"])
def test_expired_tokens_of_anybody_go_as_others_come(
    people: People, engine: Engine, how: str
) -> None:
    people.register()
    going_on = people.register(username="ben", email="ben@example.org")["tokens"]
    table = table_of(RefreshToken)
    with engine.begin() as connection:
        past = utc_now() - timedelta(seconds=1)
        adas = table.c.user_id == 1
        connection.execute(sa.update(table).where(adas).values(expires_at=past))

    if how == "register":
        people.register(username="cy", email="cy@example.org")
    elif how == "login":
        people.login("ben")
    else:
        people.refresh(going_on["refreshToken"])

    users = read(engine, sa.select(table.c.user_id))
    assert len(users) == 2
    assert (1,) not in users


@pytest.mark.parametrize("token", ["x", "' OR 1=1 --", "\u00e9"])
def test_unknown_token_is_refused(people: People, token: str) -> None:
    assert refused(people.refresh(token)) == ("UNAUTHENTICATED", None)
    assert people.logout(token) == {"ended": False, "errors": []}


def test_tokens_are_not_in_the_database(people: People, engine: Engine) -> None:
    token = people.register()["tokens"]["refreshToken"]

    [row] = read(engine, sa.select(table_of(RefreshToken)))

    assert token not in map(str, row)


def test_logout_ends_this_sign_in_alone(people: People) -> None:
    first = people.register()["tokens"]["refreshToken"]
    other = people.login()["tokens"]["refreshToken"]
    second = people.refresh(first)["tokens"]["refreshToken"]

    ended = people.logout(second)

    assert ended == {"ended": True, "errors": []}
    assert refused(people.refresh(second)) == ("UNAUTHENTICATED", None)
    assert people.refresh(other)["tokens"]
    assert people.logout(second) == {"ended": False, "errors": []}

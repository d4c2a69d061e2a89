"""Guessing is slowed down, by account and by address; those who know are let in."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from gql_app.engine import ANONYMOUS, Viewer
from gql_app.publishing.accounts.attempts import Attempts, network
from gql_app.publishing.base import table_of, utc_now
from gql_app.testing import Answer, Call
from tests.publishing.accounts.conftest import (
    ADA,
    CHANGE_PASSWORD,
    LOGIN,
    PASSWORD,
    REGISTER,
    RULES,
    CountingHasher,
    People,
    calling_from,
    refused,
)
from tests.publishing.rows import read

HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"


def attempt(people: People, username: str, address: str, password: str) -> Answer:
    given = {"username": username, "password": password}
    with calling_from(address):
        return people.client.answer(LOGIN, input=given)


def fail(people: People, times: int, username: str) -> None:
    for _ in range(times):
        answer = attempt(people, username, HERE, "wrong")
        assert refused(answer.data["login"]) == ("UNAUTHENTICATED", None)


def test_account_is_closed_to_guesses_from_everywhere(
    people: People, hasher: CountingHasher
) -> None:
    people.register()
    fail(people, RULES.account_attempts, "ada")
    before = hasher.computed

    answer = attempt(people, "ADA ", ELSEWHERE, PASSWORD)

    [error] = answer.errors
    assert error["extensions"]["code"] == "RATE_LIMITED"
    assert 0 < error["extensions"]["retryAfter"] <= RULES.period.total_seconds()
    assert hasher.computed == before


def test_account_that_does_not_exist_is_closed_alike(people: People) -> None:
    fail(people, RULES.account_attempts, "nobody")

    answer = attempt(people, "nobody", ELSEWHERE, PASSWORD)

    assert answer.codes == ["RATE_LIMITED"]


def test_address_is_stopped_and_can_not_close_more_accounts(people: People) -> None:
    people.register()
    for number in range(RULES.address_attempts):
        fail(people, 1, f"user{number}")

    for _ in range(RULES.account_attempts + 1):
        answer = attempt(people, "ada", HERE, PASSWORD)
        assert answer.codes == ["RATE_LIMITED"]

    with calling_from(ELSEWHERE):
        assert people.login()["tokens"]


def test_good_sign_ins_are_not_counted(people: People) -> None:
    people.register()

    with calling_from(HERE):
        for _ in range(RULES.address_attempts + 1):
            assert people.login()["tokens"]


def test_sign_ins_go_on_while_the_account_is_closed(people: People) -> None:
    token = people.register()["tokens"]["refreshToken"]
    fail(people, RULES.account_attempts, "ada")

    assert people.refresh(token)["tokens"]


def test_account_opens_again_after_a_while(people: People, engine: Engine) -> None:
    people.register()
    fail(people, RULES.account_attempts, "ada")
    with engine.begin() as connection:
        past = utc_now() - timedelta(seconds=1)
        connection.execute(sa.update(table_of(Attempts)).values(ends_at=past))

    assert people.login()["tokens"]


def test_guesses_at_once_are_all_counted(
    people: People, hasher: CountingHasher
) -> None:
    people.register()
    before = hasher.computed
    given = {"username": "ada", "password": "wrong"}

    with calling_from(HERE):
        answers = people.client.together(
            [Call(LOGIN, ANONYMOUS, {"input": given})] * 12
        )

    tried = [answer for answer in answers if not answer.errors]
    assert len(tried) == RULES.account_attempts
    assert hasher.computed - before == RULES.account_attempts


def test_registrations_from_an_address_are_limited(people: People) -> None:
    with calling_from(HERE):
        for number in range(RULES.registrations):
            people.register(username=f"user{number}", email=f"u{number}@example.org")

        given = {**ADA, "password": PASSWORD}
        answer = people.client.answer(REGISTER, input=given)

    assert answer.codes == ["RATE_LIMITED"]
    with calling_from(ELSEWHERE):
        assert people.register()["tokens"]


def test_current_password_can_not_be_guessed(people: People) -> None:
    people.register()
    ada = Viewer("reader", {"id": 1})
    given = {"currentPassword": "wrong", "newPassword": "battery staple"}
    for _ in range(RULES.account_attempts):
        people.client.field(CHANGE_PASSWORD, ada, input=given)

    given["currentPassword"] = PASSWORD
    answer = people.client.answer(CHANGE_PASSWORD, ada, input=given)

    assert answer.codes == ["RATE_LIMITED"]


def test_address_does_not_tell_whose_it_is_nor_is_it_closed_with_the_name(
    people: People,
) -> None:
    people.register()
    fail(people, RULES.account_attempts, "ada")

    wrong = attempt(people, ADA["email"], ELSEWHERE, "wrong")
    right = attempt(people, ADA["email"], ELSEWHERE, PASSWORD)

    assert refused(wrong.data["login"]) == ("UNAUTHENTICATED", None)
    assert right.data["login"]["tokens"]


@pytest.mark.parametrize("name", ["#1", "user:1"])
def test_name_that_looks_like_an_id_closes_nobodys_account(
    people: People, name: str
) -> None:
    people.register()
    fail(people, RULES.account_attempts, name)
    given = {"currentPassword": PASSWORD, "newPassword": "battery staple"}

    answer = people.client.answer(
        CHANGE_PASSWORD, Viewer("reader", {"id": 1}), input=given
    )

    assert answer.codes == []


@pytest.mark.parametrize(("name", "user_id"), [("Ada@Example.org", 1), ("ben", None)])
def test_failed_sign_in_is_logged_without_what_was_typed(
    people: People, caplog: pytest.LogCaptureFixture, name: str, user_id: int | None
) -> None:
    people.register()
    caplog.set_level("INFO")

    attempt(people, name, HERE, "wrong horse")

    [record] = [one for one in caplog.records if one.msg == "A sign-in failed."]
    told = vars(record)
    assert (told["user_id"], told["address"]) == (user_id, HERE)
    assert name.lower() not in str(told).lower()
    assert "wrong horse" not in str(told)


def test_wrong_current_password_is_logged(
    people: People, caplog: pytest.LogCaptureFixture
) -> None:
    people.register()
    caplog.set_level("INFO")

    people.change_password(Viewer("reader", {"id": 1}), "wrong horse", "battery staple")

    told = [vars(one) for one in caplog.records if "current password" in one.msg]
    assert [one["user_id"] for one in told] == [1]
    assert "wrong horse" not in str(told)


def test_counts_do_not_tell_who_tried_and_do_not_pile_up(
    people: People, engine: Engine
) -> None:
    for number in range(3):
        fail(people, 1, f"user{number}")
    rows = read(engine, sa.select(table_of(Attempts)))
    assert "192.0.2.1" not in str(rows)
    assert "user1" not in str(rows)
    with engine.begin() as connection:
        past = utc_now() - timedelta(seconds=1)
        connection.execute(sa.update(table_of(Attempts)).values(ends_at=past))

    fail(people, 1, "user0")

    assert len(read(engine, sa.select(table_of(Attempts)))) == 2


def test_network_is_what_one_customer_has() -> None:
    assert network("192.0.2.1") == "192.0.2.1"
    assert network("::ffff:192.0.2.1") == "192.0.2.1"
    assert network("2001:db8:1:2:3:4:5:6") == network("2001:db8:1:2::9")
    assert network("2001:db8:1:2::9") != network("2001:db8:1:3::9")
    assert network("testclient") == "testclient"

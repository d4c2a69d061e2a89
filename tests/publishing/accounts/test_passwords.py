"""Passwords are hashed with Argon2id, and compared in the same way."""

import pytest
from argon2 import PasswordHasher

from gql_app.publishing.accounts.passwords import Passwords
from tests.publishing.accounts.conftest import CountingHasher


@pytest.fixture
def passwords() -> Passwords:
    return Passwords(CountingHasher())


def test_hash_matches_its_password_alone(passwords: Passwords) -> None:
    stored = passwords.hash("correct horse")

    assert passwords.matches("correct horse", stored)
    assert not passwords.matches("wrong horse", stored)
    assert stored.startswith("$argon2id$")


def test_same_password_has_another_hash_each_time(passwords: Passwords) -> None:
    assert passwords.hash("correct horse") != passwords.hash("correct horse")


def test_letters_match_however_they_are_composed(passwords: Passwords) -> None:
    stored = passwords.hash("caf\u00e9 au lait")

    assert passwords.matches("cafe\u0301 au lait", stored)


@pytest.mark.parametrize("stored", [None, "", "$2b$12$abc", "$argon2id$v=19$broken"])
def test_nothing_matches_what_is_no_hash(
    passwords: Passwords, stored: str | None
) -> None:
    assert not passwords.matches("correct horse", stored)


def test_unknown_user_costs_one_hash_of_the_same_parameters() -> None:
    hasher = CountingHasher(time_cost=2)
    passwords = Passwords(hasher)

    passwords.matches("correct horse", None)

    made_up = passwords._nobodys
    assert hasher.computed == 1
    assert not hasher.check_needs_rehash(made_up)
    assert len(made_up) == len(hasher.hash("correct horse"))


def test_hash_with_other_parameters_is_outdated() -> None:
    cheap, dear = Passwords(CountingHasher(1)), Passwords(CountingHasher(2))

    stored = cheap.hash("correct horse")

    assert not cheap.outdated(stored)
    assert dear.outdated(stored)
    assert dear.matches("correct horse", stored)


def test_standard_cost_follows_the_recommendation() -> None:
    hasher = PasswordHasher()

    assert (hasher.memory_cost, hasher.time_cost) == (65536, 3)  # RFC 9106

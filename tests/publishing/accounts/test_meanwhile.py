"""What is compared with a password counts only as long as that is the password."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from gql_app.engine import Viewer
from gql_app.publishing.base import table_of
from gql_app.publishing.refresh_token import RefreshToken
from gql_app.publishing.user import User
from tests.publishing.accounts.conftest import (
    PASSWORD,
    CountingHasher,
    People,
    refused,
)
from tests.publishing.rows import count_rows, read

HASH = table_of(User).c.password_hash


class InterruptedHasher(CountingHasher):
    """Something happens after a password was compared, before anything comes of it."""

    meanwhile: Callable[[], None] | None = None

    def verify(self, hash: str | bytes, password: str | bytes) -> Any:
        found = super().verify(hash, password)
        if self.meanwhile is not None:
            self.meanwhile()
        return found


@pytest.fixture
def hasher() -> InterruptedHasher:
    return InterruptedHasher()


@pytest.fixture
def changing(people: People, hasher: InterruptedHasher, engine: Engine) -> People:
    """The password of Ada changes whenever it has been compared."""

    def change() -> None:
        with engine.begin() as connection:
            connection.execute(sa.update(User).values(password_hash="another"))

    people.register()
    hasher.meanwhile = change
    return people


def test_password_that_changes_meanwhile_lets_nobody_in(
    changing: People, engine: Engine
) -> None:
    payload = changing.login()

    assert refused(payload) == ("UNAUTHENTICATED", None)
    assert count_rows(engine, RefreshToken) == 1  # of registering


def test_password_that_changes_meanwhile_is_not_changed_again(
    changing: People, engine: Engine
) -> None:
    ada = Viewer("reader", {"id": 1})

    payload = changing.change_password(ada, PASSWORD, "battery staple")

    assert refused(payload) == ("UNAUTHENTICATED", None)
    assert read(engine, sa.select(HASH)) == [("another",)]

"""An account that was changed is answered for, though its payload can't be read."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from gql_app.engine import Database
from gql_app.publishing.accounts.accounts import Accounts, Session
from gql_app.publishing.accounts.inputs import Register
from gql_app.publishing.accounts.passwords import Passwords
from gql_app.publishing.accounts.tokens import AccessTokens
from gql_app.publishing.user import User
from gql_app.testing import Client
from tests.publishing.accounts.conftest import ADA, PASSWORD, REGISTER, CountingHasher
from tests.publishing.rows import count_rows


class StrandedAccounts(Accounts):
    """Once somebody has registered, no connection to the database is any good."""

    file: str
    _writing: sqlite3.Connection | None = None

    async def register(self, given: Register, address: str | None) -> Session:
        session = await super().register(given, address)
        sa.event.listen(sa.pool.Pool, "checkout", self._strand)
        return session

    def rescue(self) -> None:
        sa.event.remove(sa.pool.Pool, "checkout", self._strand)
        if self._writing is not None:
            self._writing.close()

    def _strand(self, connection: Any, *_: Any) -> None:
        if not isinstance(connection, sqlite3.Connection):
            connection.close()
            return
        connection.execute("PRAGMA busy_timeout = 0")
        if self._writing is None:  # another process writes, for as long as it takes
            other = sqlite3.connect(self.file, check_same_thread=False)
            other.isolation_level = None
            other.execute("BEGIN IMMEDIATE")
            self._writing = other


@pytest.fixture
def accounts(
    database: Database, tokens: AccessTokens, hasher: CountingHasher
) -> Iterator[StrandedAccounts]:
    accounts = StrandedAccounts(database, tokens, Passwords(hasher))
    accounts.file = str(database.engine.url.database)
    yield accounts
    accounts.close()


def test_tokens_are_given_with_an_error_for_the_user(
    client: Client, accounts: StrandedAccounts, engine: sa.Engine
) -> None:
    answer = client.answer(REGISTER, input={**ADA, "password": PASSWORD})
    accounts.rescue()

    payload = answer.body["data"]["register"]
    assert payload["tokens"]["refreshToken"]
    assert (payload["user"], payload["errors"]) == (None, [])
    (error,) = answer.errors
    assert error["path"] == ["register", "user"]
    assert error["extensions"]["code"] == "UNAVAILABLE"
    assert "nothing was written" not in error["message"]
    assert count_rows(engine, User) == 1

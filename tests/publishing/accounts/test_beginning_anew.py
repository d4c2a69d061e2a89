"""An operation that begins anew after its account was changed doesn't change it again."""

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
from tests.publishing.accounts.conftest import CountingHasher, People
from tests.publishing.rows import count_rows


class InterruptedAccounts(Accounts):
    """Once somebody has registered, the database connection after that fails."""

    engine: sa.Engine
    interrupted = 0

    async def register(self, given: Register, address: str | None) -> Session:
        session = await super().register(given, address)
        sa.event.listen(sa.pool.Pool, "checkout", self._interrupt, once=True)
        return session

    def _interrupt(self, connection: Any, *_: Any) -> None:
        self.interrupted += 1
        if not isinstance(connection, sqlite3.Connection):
            connection.close()
            return
        # Another process writes, until this connection has failed to.
        file = str(self.engine.url.database)
        other = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        connection.execute("PRAGMA busy_timeout = 0")
        done = other.close
        sa.event.listen(sa.pool.Pool, "checkin", lambda *_: done(), once=True)


@pytest.fixture
def accounts(
    database: Database, tokens: AccessTokens, hasher: CountingHasher
) -> Iterator[InterruptedAccounts]:
    accounts = InterruptedAccounts(database, tokens, Passwords(hasher))
    accounts.engine = database.engine
    yield accounts
    accounts.close()


def test_account_is_made_once_and_answered(
    people: People, accounts: InterruptedAccounts, engine: sa.Engine
) -> None:
    payload = people.register()

    assert accounts.interrupted == 1
    assert payload["errors"] == []
    assert payload["user"]["username"] == "ada"
    assert payload["tokens"]["accessToken"]
    assert count_rows(engine, User) == 1

"""Accounts whose hashes are cheap and counted, and what clients do with them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import strawberry
from argon2 import PasswordHasher

from gql_app.app import create_schema
from gql_app.engine import ANONYMOUS, Database, Executor, Viewer
from gql_app.publishing.accounts.accounts import Accounts, Rules
from gql_app.publishing.accounts.attempts import ADDRESS
from gql_app.publishing.accounts.passwords import Passwords
from gql_app.publishing.accounts.tokens import AccessTokens
from gql_app.testing import Call, Client

PASSWORD = "correct horse"
ADA = {"username": "ada", "displayName": "Ada", "email": "ada@example.org"}

_ERRORS = "errors { __typename code message path }"
_TOKENS = "tokens { accessToken accessExpiresAt refreshToken refreshExpiresAt }"
REGISTER = f"""mutation ($input: RegisterInput!) {{
  register(input: $input) {{ user {{ id username }} {_TOKENS} {_ERRORS} }} }}"""
LOGIN = f"""mutation ($input: LoginInput!) {{
  login(input: $input) {{ user {{ username }} {_TOKENS} {_ERRORS} }} }}"""
REFRESH = f"""mutation ($input: RefreshInput!) {{
  refresh(input: $input) {{ {_TOKENS} {_ERRORS} }} }}"""
LOGOUT = f"""mutation ($input: LogoutInput!) {{
  logout(input: $input) {{ ended {_ERRORS} }} }}"""
CHANGE_PASSWORD = f"""mutation ($input: ChangePasswordInput!) {{
  changePassword(input: $input) {{ user {{ username }} {_TOKENS} {_ERRORS} }} }}"""


@contextmanager
def calling_from(address: str) -> Iterator[None]:
    """What is asked meanwhile comes from that address."""
    token = ADDRESS.set(address)
    yield
    ADDRESS.reset(token)


class CountingHasher(PasswordHasher):
    """As cheap as can be, and counts what it computes."""

    def __init__(self, time_cost: int = 1) -> None:
        super().__init__(time_cost=time_cost, memory_cost=64, parallelism=1)
        self.computed = 0

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.computed += 1
        return super().hash(password, salt=salt)

    def verify(self, hash: str | bytes, password: str | bytes) -> Any:
        self.computed += 1
        return super().verify(hash, password)


class People:
    """What people do with their accounts; each returns the payload."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def register(self, **given: Any) -> Any:
        given = {**ADA, "password": PASSWORD, **given}
        return self.client.field(REGISTER, input=given)

    def login(self, username: str = "ada", password: str = PASSWORD) -> Any:
        given = {"username": username, "password": password}
        return self.client.field(LOGIN, input=given)

    def refresh(self, token: str) -> Any:
        return self.client.field(REFRESH, input={"refreshToken": token})

    def refresh_together(self, *tokens: str) -> list[Any]:
        calls = [
            Call(REFRESH, ANONYMOUS, {"input": {"refreshToken": token}})
            for token in tokens
        ]
        return [one.data["refresh"] for one in self.client.together(calls)]

    def logout(self, token: str) -> Any:
        return self.client.field(LOGOUT, input={"refreshToken": token})

    def change_password(self, viewer: Viewer, current: str, new: str) -> Any:
        given = {"currentPassword": current, "newPassword": new}
        return self.client.field(CHANGE_PASSWORD, viewer, input=given)


RULES = Rules(account_attempts=4, address_attempts=6, registrations=3)


@pytest.fixture
def hasher() -> CountingHasher:
    return CountingHasher()


@pytest.fixture
def tokens() -> AccessTokens:
    return AccessTokens(["a key that is used in tests alone"], timedelta(minutes=10))


@pytest.fixture
def accounts(
    database: Database, tokens: AccessTokens, hasher: CountingHasher
) -> Iterator[Accounts]:
    accounts = Accounts(database, tokens, Passwords(hasher), RULES)
    yield accounts
    accounts.close()


_CURRENT: list[Accounts] = []


@pytest.fixture(scope="session")
def schema_with_accounts() -> strawberry.Schema:
    """Made once; its accounts are those of the present test."""
    return create_schema(lambda: _CURRENT[-1])


@pytest.fixture
def client(
    accounts: Accounts, database: Database, schema_with_accounts: strawberry.Schema
) -> Iterator[Client]:
    _CURRENT.append(accounts)
    yield Client(Executor(schema_with_accounts, database, masked=False))
    _CURRENT.pop()


@pytest.fixture
def people(client: Client) -> People:
    return People(client)


def refused(payload: Any) -> tuple[Any, Any]:
    """The code and the path of the one error of a payload that has nothing else."""
    (error,) = payload["errors"]
    assert not any(value for name, value in payload.items() if name != "errors")
    return error["code"], error["path"]

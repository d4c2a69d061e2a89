"""Accounts: signing up, in and out, each in a transaction and a thread of its own."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from pydantic import SecretStr

from gql_app.engine.database import Database
from gql_app.engine.errors import (
    BadUserInputError,
    UnauthenticatedError,
    UnavailableError,
    UniqueViolationError,
)
from gql_app.engine.names import words
from gql_app.engine.writing.constraints import violation
from gql_app.publishing.accounts import attempts, credentials, sign_ins
from gql_app.publishing.accounts.attempts import Quota
from gql_app.publishing.accounts.inputs import (
    ChangeEmail,
    ChangePassword,
    DeleteAccount,
    Login,
    Logout,
    Refresh,
    Register,
)
from gql_app.publishing.accounts.passwords import Passwords
from gql_app.publishing.accounts.tokens import AccessToken, AccessTokens
from gql_app.publishing.base import utc_now
from gql_app.publishing.user import Role, User

Returned = TypeVar("Returned")

logger = logging.getLogger(__name__)

_MOST_WAITING = 50
_UNAVAILABLE = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)


@dataclass(frozen=True, slots=True)
class Rules:
    """How long a sign-in lasts, and how often one may try.

    Attempts are counted per `period`: those on one account, those from one address
    on any account, and new accounts from one address.
    """

    sign_in: timedelta = timedelta(days=30)
    period: timedelta = timedelta(minutes=15)
    account_attempts: int = 10
    address_attempts: int = 100
    registrations: int = 20


@dataclass(frozen=True, slots=True)
class Session:
    """A user who is signed in, with the tokens to prove it."""

    user_id: int
    access: AccessToken
    refresh: sign_ins.Issued


class Accounts:
    """Signs people up, in and out; lives as long as the application, and is closed.

    What is wrong is raised as an EngineError. These operations are no part of another
    transaction: that an attempt failed, or that a stolen token was found out, is to be
    kept whatever else happens.
    """

    def __init__(
        self,
        database: Database,
        tokens: AccessTokens,
        passwords: Passwords | None = None,
        rules: Rules | None = None,
    ) -> None:
        self._database = database
        self._tokens = tokens
        self._passwords = passwords or Passwords()
        self._rules = rules or Rules()
        # A password takes a core while it is hashed: some are left for other work, and
        # those who are signed in already don't have to wait behind those who aren't.
        self._hashing = ThreadPoolExecutor(2, "accounts-hashing")
        self._others = ThreadPoolExecutor(2, "accounts")
        self._waiting = 0

    def close(self) -> None:
        """Wait for what runs."""
        self._hashing.shutdown()
        self._others.shutdown()

    async def register(self, given: Register, address: str | None) -> Session:
        """A new account, signed in."""
        return await self._hash(self._register, given, address)

    async def login(self, given: Login, address: str | None) -> Session:
        """Begin a sign-in with a password."""
        return await self._hash(self._login, given, address)

    async def refresh(self, given: Refresh) -> Session:
        """Go on with a sign-in."""
        return await _run(self._others, self._refresh, given)

    async def logout(self, given: Logout) -> bool:
        """End a sign-in; False if it wasn't one, or had ended."""
        return await _run(self._others, self._logout, given)

    async def change_password(
        self, user_id: int, given: ChangePassword, address: str | None
    ) -> Session:
        """End every sign-in of the user, and begin a new one."""
        return await self._hash(self._change_password, user_id, given, address)

    async def change_email(
        self, user_id: int, given: ChangeEmail, address: str | None
    ) -> None:
        """Change the address that the user signs in with."""
        await self._hash(self._change_email, user_id, given, address)

    async def delete(
        self, user_id: int, given: DeleteAccount, address: str | None
    ) -> None:
        """Delete the account, with all that doesn't stay without its owner."""
        await self._hash(self._delete, user_id, given, address)

    async def _hash(self, work: Callable[..., Returned], *arguments: Any) -> Returned:
        if self._waiting >= _MOST_WAITING:
            raise UnavailableError("Too many people are signing in just now.")
        self._waiting += 1
        try:
            return await _run(self._hashing, work, *arguments)
        finally:
            self._waiting -= 1

    def _register(self, given: Register, address: str | None) -> Session:
        self._count(self._by_address("register", address, self._rules.registrations))
        password_hash = self._passwords.hash(given.password.get_secret_value())
        with self._database.engine.begin() as connection:
            try:
                user_id = credentials.add(connection, given, password_hash)
            except sa.exc.IntegrityError as error:
                raise self._taken(error) from None
            return self._begin(connection, user_id, Role.READER)

    def _login(self, given: Login, address: str | None) -> Session:
        name = given.username.strip().lower()
        quotas = self._quotas(f"name:{name}", address)
        self._count(quotas)
        with self._database.engine.connect() as connection:
            user_id, stored = credentials.find(connection, name)
        password = given.password.get_secret_value()
        matches = self._passwords.matches(password, stored)
        if user_id is None or stored is None or not matches:
            # Not the name: it may be an address, or a password in the wrong place.
            whose = {"user_id": user_id, "address": address}
            logger.info("A sign-in failed.", extra=whose)
            raise UnauthenticatedError("The name or the password is wrong.")
        renewed = stored
        if self._passwords.outdated(stored):
            renewed = self._passwords.hash(password)
        with self._database.engine.begin() as connection:
            role = credentials.lock(connection, user_id, stored)
            if renewed != stored:
                credentials.store(connection, user_id, password_hash=renewed)
            attempts.forgive(connection, quotas)
            return self._begin(connection, user_id, role)

    def _refresh(self, given: Refresh) -> Session:
        with self._database.engine.begin() as connection:
            issued = sign_ins.rotate(connection, given.refresh_token)
            if issued is not None:
                role = credentials.role(connection, issued.user_id)
                return self._session(issued, role)
        raise UnauthenticatedError("The refresh token is not valid: sign in again.")

    def _logout(self, given: Logout) -> bool:
        with self._database.engine.begin() as connection:
            return sign_ins.revoke_family(connection, given.refresh_token)

    def _change_password(
        self, user_id: int, given: ChangePassword, address: str | None
    ) -> Session:
        quotas = self._quotas(f"user:{user_id}", address)
        stored = self._confirmed(user_id, given.current_password, quotas)
        renewed = self._passwords.hash(given.new_password.get_secret_value())
        with self._database.engine.begin() as connection:
            role = credentials.lock(connection, user_id, stored)
            credentials.store(connection, user_id, password_hash=renewed)
            sign_ins.revoke_all(connection, user_id)
            attempts.forgive(connection, quotas)
            return self._begin(connection, user_id, role)

    def _change_email(
        self, user_id: int, given: ChangeEmail, address: str | None
    ) -> None:
        # That an address is taken can be found out here no more often than by
        # registering, so attempts that succeed are counted as well.
        quotas = self._by_address("register", address, self._rules.registrations)
        quotas += self._quotas(f"user:{user_id}", address)
        stored = self._confirmed(user_id, given.current_password, quotas)
        with self._database.engine.begin() as connection:
            credentials.lock(connection, user_id, stored)
            try:
                credentials.store(connection, user_id, email=given.email)
            except sa.exc.IntegrityError as error:
                raise self._taken(error) from None

    def _delete(self, user_id: int, given: DeleteAccount, address: str | None) -> None:
        quotas = self._quotas(f"user:{user_id}", address)
        stored = self._confirmed(user_id, given.current_password, quotas)
        with self._database.engine.begin() as connection:
            credentials.lock(connection, user_id, stored, deleting=True)
            credentials.delete(connection, user_id)
            attempts.forgive(connection, quotas)

    def _confirmed(
        self, user_id: int, given: SecretStr, quotas: Sequence[Quota]
    ) -> str:
        """The stored hash of the user's password, which is the one given; the attempt
        is counted."""
        self._count(quotas)
        with self._database.engine.connect() as connection:
            stored = credentials.stored_hash(connection, user_id)
        matches = self._passwords.matches(given.get_secret_value(), stored)
        if stored is None or not matches:
            logger.info("A current password was wrong.", extra={"user_id": user_id})
            raise BadUserInputError(
                "The current password is wrong.", path=("currentPassword",)
            )
        return stored

    def _begin(self, connection: sa.Connection, user_id: int, role: Role) -> Session:
        expires_at = utc_now() + self._rules.sign_in
        return self._session(
            sign_ins.begin_family(connection, user_id, expires_at), role
        )

    def _session(self, issued: sign_ins.Issued, role: Role) -> Session:
        return Session(issued.user_id, self._tokens.issue(issued.user_id, role), issued)

    def _taken(self, error: sa.exc.IntegrityError) -> Exception:
        assert isinstance(error.orig, Exception)
        sql = self._database.dialect.sql
        found = violation(error.orig, User.metadata, sql)
        if found.kind != "unique" or len(found.columns) != 1:
            return error
        name = found.columns[0].name
        what = words(name)
        return UniqueViolationError(f"There is a user with this {what}.", path=(name,))

    def _count(self, quotas: Sequence[Quota]) -> None:
        dialect = self._database.dialect
        with self._database.engine.begin() as connection:
            refused = attempts.count(connection, dialect, quotas)
        if refused is not None:
            raise refused

    def _quotas(self, account: str, address: str | None) -> list[Quota]:
        """The address first: who is stopped there can't lock others' accounts.

        An account's name and its e-mail address are counted apart. Counted together,
        the one would tell whose the other is; and whoever closes the name, which
        everybody knows, would keep its owner out, too.
        """
        rules = self._rules
        by_address = self._by_address("sign in", address, rules.address_attempts)
        return [*by_address, Quota(account, rules.account_attempts, rules.period)]

    def _by_address(self, what: str, address: str | None, most: int) -> list[Quota]:
        if address is None:  # a local socket has none
            return []
        origin = f"{what}:{attempts.network(address)}"
        return [Quota(origin, most, self._rules.period)]


async def _run(
    threads: ThreadPoolExecutor, work: Callable[..., Returned], *arguments: Any
) -> Returned:
    loop = asyncio.get_running_loop()
    try:
        return await loop.run_in_executor(threads, work, *arguments)
    except _UNAVAILABLE as error:
        raise UnavailableError("The database is not available.") from error

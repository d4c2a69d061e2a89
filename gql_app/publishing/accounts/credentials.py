"""Credentials: what accounts are signed in to with, as statements on a transaction's
connection."""

import sqlalchemy as sa

from gql_app.engine.errors import UnauthenticatedError
from gql_app.publishing import hooks
from gql_app.publishing.accounts.inputs import Register
from gql_app.publishing.base import table_of
from gql_app.publishing.profile import Profile
from gql_app.publishing.user import Role, User

_USER = table_of(User)


def add(connection: sa.Connection, given: Register, password_hash: str) -> int:
    """The id of a new account, which has an empty profile."""
    adding = sa.insert(_USER).values(
        username=given.username,
        display_name=given.display_name,
        email=given.email,
        password_hash=password_hash,
    )
    user_id: int = connection.execute(adding.returning(_USER.c.id)).scalar_one()
    connection.execute(sa.insert(table_of(Profile)).values(user_id=user_id))
    return user_id


def find(connection: sa.Connection, name: str) -> tuple[int | None, str | None]:
    """The id and the password's hash of the account with this username or address."""
    column = _USER.c.email if "@" in name else _USER.c.username
    wanted = sa.select(_USER.c.id, _USER.c.password_hash).where(column == name)
    user_id, stored = connection.execute(wanted).one_or_none() or (None, None)
    return user_id, stored


def stored_hash(connection: sa.Connection, user_id: int) -> str | None:
    """None if there is no such account, or nobody can sign in to it."""
    wanted = sa.select(_USER.c.password_hash).where(_USER.c.id == user_id)
    stored: str | None = connection.scalar(wanted)
    return stored


def role(connection: sa.Connection, user_id: int) -> Role:
    """The role of an account that is there."""
    wanted = sa.select(_USER.c.role).where(_USER.c.id == user_id)
    found: Role = connection.execute(wanted).scalar_one()
    return found


def lock(
    connection: sa.Connection, user_id: int, stored: str, *, deleting: bool = False
) -> Role:
    """The user's role, if the password hasn't changed since it was compared. It can't
    change any more before the transaction ends; UnauthenticatedError otherwise."""
    wanted = sa.select(_USER.c.role).where(
        _USER.c.id == user_id, _USER.c.password_hash == stored
    )
    # FOR NO KEY UPDATE: other transactions may still insert rows that refer to the user.
    # DELETE has to wait for those; waiting later, with other locks, could be a deadlock.
    locked = wanted.with_for_update(key_share=not deleting)
    found: Role | None = connection.execute(locked).scalar_one_or_none()
    if found is None:
        raise UnauthenticatedError("The account has just been changed.")
    return found


def store(connection: sa.Connection, user_id: int, **values: str) -> None:
    """Change columns of the account."""
    changing = sa.update(_USER).where(_USER.c.id == user_id)
    connection.execute(changing.values(values))


def delete(connection: sa.Connection, user_id: int) -> None:
    """Delete the account, as `deleteUser` does."""
    hooks.discount_reactions(connection, user_id)
    connection.execute(sa.delete(_USER).where(_USER.c.id == user_id))

"""Recovery: a new password from whoever has the database."""

import sqlalchemy as sa
from pydantic import SecretStr

from gql_app.engine.errors import BadUserInputError, NotFoundError
from gql_app.publishing.accounts import credentials, sign_ins
from gql_app.publishing.accounts.passwords import Passwords
from gql_app.publishing.user import long_enough


def set_password(
    engine: sa.Engine, passwords: Passwords, username: str, password: SecretStr
) -> None:
    """Give the account that password, and end all of its sign-ins.

    Raises NotFoundError if there is no such account, and BadUserInputError if the
    password isn't one that people may choose themselves.
    """
    try:
        new = long_enough(password).get_secret_value()
    except ValueError as error:
        raise BadUserInputError(str(error)) from None
    password_hash = passwords.hash(new)
    with engine.begin() as connection:
        user_id, _ = credentials.find(connection, username)
        if user_id is None:
            raise NotFoundError(f"There is no user {username!r}.")
        credentials.store(connection, user_id, password_hash=password_hash)
        sign_ins.revoke_all(connection, user_id)

"""Roles: given by whoever has the database, such as to the first admin."""

import sqlalchemy as sa

from gql_app.engine.errors import NotFoundError
from gql_app.publishing.base import table_of
from gql_app.publishing.user import Role, User


def give_role(engine: sa.Engine, username: str, role: Role) -> None:
    """Give the account that role. It counts once its access token is replaced.

    Raises NotFoundError if there is no such account.
    """
    user = table_of(User)
    giving = sa.update(user).where(user.c.username == username).values(role=role)
    with engine.begin() as connection:
        if not connection.execute(giving).rowcount:
            raise NotFoundError(f"There is no user {username!r}.")

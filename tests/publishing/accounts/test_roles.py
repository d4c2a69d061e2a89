"""The first admin gets that role from whoever has the database."""

import pytest
from sqlalchemy import Engine

from gql_app.engine.errors import NotFoundError
from gql_app.publishing.accounts.roles import give_role
from gql_app.publishing.accounts.tokens import AccessTokens
from gql_app.publishing.user import Role
from tests.publishing.accounts.conftest import People


def test_role_counts_from_the_next_token_on(
    people: People, tokens: AccessTokens, engine: Engine
) -> None:
    refresh = people.register()["tokens"]["refreshToken"]

    give_role(engine, "ada", Role.ADMIN)

    access = people.refresh(refresh)["tokens"]["accessToken"]
    assert tokens.viewer(f"Bearer {access}").role == "admin"


def test_unknown_user_gets_no_role(engine: Engine) -> None:
    with pytest.raises(NotFoundError, match="no user 'nobody'"):
        give_role(engine, "nobody", Role.ADMIN)

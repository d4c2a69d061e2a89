"""What people send to sign up, in and out: validated like every other input."""

from typing import Annotated

from pydantic import AfterValidator, SecretStr
from sqlmodel import Field, SQLModel

from gql_app.publishing.user import Email, Password, UserCreate


def _not_too_long(password: SecretStr) -> SecretStr:
    if len(password) > 128:
        raise ValueError("No password has more than 128 characters.")
    return password


# A password that is merely to be compared may be of any age; only its length counts.
GivenPassword = Annotated[SecretStr, AfterValidator(_not_too_long)]
Token = Annotated[str, Field(min_length=1, max_length=200)]


class Register(UserCreate):
    """A new account, and what one signs in to it with."""


class Login(SQLModel):
    """What an account is signed in to with."""

    username: str = Field(
        min_length=1, max_length=254, description="The username, or the e-mail address."
    )
    password: GivenPassword = Field(description="The password.")


class Refresh(SQLModel):
    """What a sign-in goes on with."""

    refresh_token: Token = Field(description="The newest one; it can be used once.")


class Logout(SQLModel):
    """Which sign-in to end."""

    refresh_token: Token = Field(description="Any one of the sign-in.")


class ChangePassword(SQLModel):
    """The password that was, and the one that is to be."""

    current_password: GivenPassword = Field(description="The password until now.")
    new_password: Password = Field(description="Ten characters or more.")


class DeleteAccount(SQLModel):
    """That it is really oneself who goes."""

    current_password: GivenPassword = Field(description="The password, once more.")


class ChangeEmail(SQLModel):
    """The address to sign in with from now on."""

    current_password: GivenPassword = Field(description="The password, once more.")
    email: Email = Field(description="For signing in; only admins are shown it, too.")

"""Input types: each has a name of its own, whatever the entities are called."""

import pytest
from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship, SQLModel

from gql_app.engine import Api, Policy, build_schema, everyone
from gql_app.engine.errors import ConfigurationError
from tests.engine.graph import definition


class Base(SQLModel, registry=registry()):
    """Keeps these tables apart from those of others."""


class User(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str
    profile: list["UserProfile"] = Relationship(back_populates="user")


class UserProfile(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    about: str
    user_id: int = Field(foreign_key="user.id")
    user: User | None = Relationship(back_populates="profile")


class Update(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    user_id: int | None = Field(default=None, foreign_key="user.id")
    user: User | None = Relationship()


class UserWrite(SQLModel):
    """Somebody."""

    name: str


class UserRead(UserWrite):
    """Somebody."""

    id: int


class ProfileWrite(SQLModel):
    """What somebody says of themselves."""

    about: str
    user_id: int


class ProfileRead(ProfileWrite):
    """What somebody says of themselves."""

    id: int


class UpdateWrite(SQLModel):
    """News of somebody."""

    user_id: int | None


ANYBODY = Policy(read=everyone, create=everyone, update=everyone)


@pytest.mark.parametrize("first", [User, UserProfile])
def test_a_nested_input_is_not_that_of_an_entity(first: type[SQLModel]) -> None:
    api = Api()
    models: list[tuple[type[SQLModel], type[SQLModel], type[SQLModel]]] = [
        (User, UserRead, UserWrite),
        (UserProfile, ProfileRead, ProfileWrite),
    ]
    for model, read, write in sorted(models, key=lambda one: one[0] is not first):
        nested = ("profile",) if model is User else ()
        api.add(model, read=read, create=write, policy=ANYBODY, nested=nested)

    schema = build_schema(api)

    whole = "input CreateUserProfileInput {\nabout: String!\nuserId: ID!\n}"
    assert definition(schema, "CreateUserProfileInput") == whole
    part = "input UserProfileCreateInput {\nabout: String!\n}"
    assert definition(schema, "UserProfileCreateInput") == part


def test_a_name_for_two_input_types_is_refused() -> None:
    api = Api()
    api.add(User, read=UserRead, update=UserWrite, policy=ANYBODY)
    api.add(
        Update, read=UpdateWrite, create=UpdateWrite, policy=ANYBODY, nested=("user",)
    )

    with pytest.raises(ConfigurationError, match="UpdateUserInput"):
        build_schema(api)

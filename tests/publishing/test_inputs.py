"""The create and update models accept what makes sense, and nothing else."""

from typing import Any

import pytest
from pydantic import ValidationError
from sqlmodel import SQLModel

from gql_app.publishing.comment import CommentCreate
from gql_app.publishing.excerpts import TextFormat
from gql_app.publishing.post import PostCreate, PostUpdate
from gql_app.publishing.profile import ProfileUpdate
from gql_app.publishing.tag import TagCreate
from gql_app.publishing.user import UserCreate, UserUpdate

ACCOUNT = {
    "username": "ada.l",
    "display_name": "Ada",
    "email": "ada@example.org",
    "password": "correct horse",
}


def test_texts_are_trimmed() -> None:
    post = PostCreate(title="  A title\n", body="Text")

    assert post.title == "A title"


def test_addresses_and_tags_become_lower_case() -> None:
    user = UserCreate.model_validate({**ACCOUNT, "email": "Ada@Example.ORG"})
    tag = TagCreate(name="Sourdough")

    assert (user.email, tag.name) == ("ada@example.org", "sourdough")


def test_a_password_is_not_shown() -> None:
    user = UserCreate.model_validate(ACCOUNT)

    assert "correct horse" not in repr(user)


def test_an_update_tells_absent_from_null() -> None:
    update = PostUpdate.model_validate({"title": "Other"})

    assert update.model_dump(exclude_unset=True) == {"title": "Other"}


def test_a_format_is_named_by_its_value() -> None:
    post = PostCreate.model_validate({"title": "A", "body": "b", "format": "html"})

    assert post.format is TextFormat.HTML


@pytest.mark.parametrize(
    ("model", "field", "value", "expected"),
    [
        (
            *(UserCreate, "username", "Ada L"),
            "A username has lower-case letters and digits, and single . _ - between "
            "them.",
        ),
        (UserCreate, "email", "ada", "This is not an e-mail address."),
        (
            TagCreate,
            "name",
            "two words",
            "A tag has letters, digits and _ . + # - only.",
        ),
        (
            *(ProfileUpdate, "website", "example.org"),
            "A website's address begins with http:// or https://.",
        ),
    ],
)
def test_people_are_told_what_is_wanted(
    model: type[SQLModel], field: str, value: str, expected: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate({**ACCOUNT, "name": "tea", field: value})

    [error] = caught.value.errors()
    assert error["msg"] == f"Value error, {expected}"


@pytest.mark.parametrize(
    ("model", "field", "value"),
    [
        (UserCreate, "username", "Ada"),
        (UserCreate, "username", "a"),
        (UserCreate, "username", "-ada"),
        (UserCreate, "username", "ada\n."),
        (UserCreate, "username", "a" * 41),
        (UserCreate, "display_name", "   "),
        (UserCreate, "email", "ada"),
        (UserCreate, "email", "ada@example"),
        (UserCreate, "email", "a da@example.org"),
        (UserCreate, "password", "short"),
        (UserUpdate, "email", "@example.org"),
        (PostCreate, "title", ""),
        (PostCreate, "title", "A" * 251),
        (PostCreate, "body", ""),
        (PostCreate, "format", "latex"),
        (CommentCreate, "body", " \n "),
        (TagCreate, "name", "two words"),
        (TagCreate, "name", ""),
        (ProfileUpdate, "website", "javascript:alert(1)"),
        (ProfileUpdate, "website", "https://"),
        (ProfileUpdate, "bio", "a" * 4001),
    ],
)
def test_what_makes_no_sense_is_refused(
    model: type[SQLModel], field: str, value: Any
) -> None:
    values = {"title": "A", "body": "b", "name": "tea", "post_id": 1, **ACCOUNT}

    with pytest.raises(ValidationError) as caught:
        model.model_validate({**values, field: value})

    assert [error["loc"] for error in caught.value.errors()] == [(field,)]

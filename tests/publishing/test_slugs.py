"""Names for addresses."""

import pytest
import sqlalchemy as sa

from gql_app.publishing.base import table_of
from gql_app.publishing.slugs import Wish, slugify, unused_names
from gql_app.publishing.user import User
from tests.publishing.rows import create_user


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("What is a citra hop?", "what-is-a-citra-hop"),
        ("Don't panic", "dont-panic"),
        ("Tomáš Novák", "tomas-novak"),
        ("Smørrebrød & Łódź", "smorrebrod-lodz"),
        ("  --  ", ""),
        ("Джон", ""),
    ],
)
def test_slugify_keeps_latin_words(text: str, slug: str) -> None:
    assert slugify(text) == slug


def test_a_long_slug_ends_after_a_word() -> None:
    assert slugify("bread and butter", longest=12) == "bread-and"
    assert slugify("bread and butter", longest=9) == "bread-and"
    assert slugify("breadandbutter", longest=5) == "bread"


def test_names_that_others_have_get_an_addition(engine: sa.Engine) -> None:
    for taken in ("ada", "bob", "bob-7"):
        create_user(engine, username=taken)
    wishes = [Wish(name, "7") for name in ("ada", "bob", "cy", "cy", "cy", "cy-7")]

    with engine.connect() as connection:
        names = unused_names(connection, table_of(User).c.username, wishes)

    assert names == ["ada-7", "bob-7-2", "cy", "cy-7-2", "cy-7-3", "cy-7"]


def test_no_wishes_need_no_names(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        assert unused_names(connection, table_of(User).c.username, []) == []

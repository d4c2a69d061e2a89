"""Access tokens say who asks, and nobody else can make them."""

import time
from datetime import timedelta
from typing import Any

import jwt
import pytest

from gql_app.engine import ANONYMOUS, Viewer
from gql_app.engine.errors import UnauthenticatedError
from gql_app.publishing.accounts.tokens import AccessTokens
from gql_app.publishing.base import utc_now
from gql_app.publishing.user import Role

KEY = "as long a key as the longest hash asks for: sixty-four letters.."
OLD_KEY = "the key that was used before it."
LIFE = timedelta(minutes=10)


@pytest.fixture
def tokens() -> AccessTokens:
    return AccessTokens([KEY], LIFE)


def bearer(tokens: AccessTokens, user_id: int = 5, role: Role = Role.EDITOR) -> str:
    return f"Bearer {tokens.issue(user_id, role).text}"


def test_token_says_who_asks(tokens: AccessTokens) -> None:
    assert tokens.viewer(bearer(tokens)) == Viewer("editor", {"id": 5})


@pytest.mark.parametrize("header", [None, "", "  "])
def test_nothing_sent_is_anonymous(tokens: AccessTokens, header: str | None) -> None:
    assert tokens.viewer(header) is ANONYMOUS


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer a.b.c",
        "Bearer " + "a" * 100_000,
        "Basic YWRhOnNlY3JldA==",
        "null",
        "Bearer null",
        "Bearer \u00e9.\u00e9.\u00e9",
    ],
)
def test_anything_else_is_refused(tokens: AccessTokens, header: str) -> None:
    with pytest.raises(UnauthenticatedError):
        tokens.viewer(header)


def test_every_key_is_accepted_and_the_first_one_signs() -> None:
    before = AccessTokens([OLD_KEY], LIFE)
    during = AccessTokens([KEY, OLD_KEY], LIFE)
    after = AccessTokens([KEY], LIFE)

    old, new = bearer(before), bearer(during)

    assert during.viewer(old) == after.viewer(new) == Viewer("editor", {"id": 5})
    with pytest.raises(UnauthenticatedError):
        after.viewer(old)


def test_viewer_is_known_until_the_token_expires(tokens: AccessTokens) -> None:
    token = tokens.issue(5, Role.EDITOR)

    viewer = tokens.viewer(f"Bearer {token.text}")

    assert viewer.expires == token.expires_at.timestamp()


def test_expired_token_is_refused_as_such() -> None:
    tokens = AccessTokens([KEY], timedelta(seconds=-1))

    with pytest.raises(UnauthenticatedError, match="expired"):
        tokens.viewer(bearer(tokens))


def test_token_that_was_read_before_expires_all_the_same(
    tokens: AccessTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = bearer(tokens)
    tokens.viewer(header)
    later = time.time() + LIFE.total_seconds() + 1

    monkeypatch.setattr("gql_app.publishing.accounts.tokens.time", lambda: later)

    with pytest.raises(UnauthenticatedError, match="expired"):
        tokens.viewer(header)


def test_key_id_tells_nothing_of_the_key(tokens: AccessTokens) -> None:
    header = jwt.get_unverified_header(tokens.issue(5, Role.READER).text)

    assert header["kid"] not in KEY
    assert (header["alg"], header["typ"]) == ("HS256", "at+jwt")


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("iss", "someone"),
        ("aud", "elsewhere"),
        ("aud", None),
        ("sub", "5; DROP TABLE user"),
        ("sub", "-1"),
        ("sub", str(2**63)),
        ("sub", "\u0665"),  # a digit, but not ours
        ("role", "superuser"),
        ("role", None),
        ("exp", None),
        ("iat", None),
        ("iat", 2**40),
    ],
)
def test_claims_must_be_ours_even_if_signed(
    tokens: AccessTokens, claim: str, value: Any
) -> None:
    claims = claims_of(tokens)
    claims[claim] = value
    if value is None:
        del claims[claim]

    with pytest.raises(UnauthenticatedError):
        tokens.viewer(f"Bearer {signed(tokens, claims)}")


@pytest.mark.parametrize(
    "headers",
    [
        {"alg": "none"},
        {"alg": "HS512"},
        {"typ": "JWT"},
        {"kid": "other"},
        {"kid": None},
    ],
)
def test_header_must_be_ours(tokens: AccessTokens, headers: dict[str, Any]) -> None:
    given = signed(tokens, claims_of(tokens), **headers)

    with pytest.raises(UnauthenticatedError):
        tokens.viewer(f"Bearer {given}")


def test_another_key_under_our_key_id_is_refused(tokens: AccessTokens) -> None:
    forged = signed(tokens, claims_of(tokens), key=OLD_KEY)

    with pytest.raises(UnauthenticatedError):
        tokens.viewer(f"Bearer {forged}")


def claims_of(tokens: AccessTokens) -> dict[str, Any]:
    text = tokens.issue(5, Role.READER).text
    claims: dict[str, Any] = jwt.decode(text, options={"verify_signature": False})
    assert claims["exp"] - utc_now().timestamp() <= LIFE.total_seconds()
    return claims


def signed(
    tokens: AccessTokens, claims: dict[str, Any], key: str = KEY, **headers: Any
) -> str:
    ours = jwt.get_unverified_header(tokens.issue(5, Role.READER).text)
    wanted = {name: value for name, value in {**ours, **headers}.items() if value}
    algorithm = wanted.pop("alg")
    key = "" if algorithm == "none" else key
    return jwt.encode(claims, key, algorithm=algorithm, headers=wanted)

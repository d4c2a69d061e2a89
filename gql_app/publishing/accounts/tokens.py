"""Access tokens: short-lived JWTs that say who asks, without asking the database."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from time import time
from typing import Any

import jwt

from gql_app.engine.errors import UnauthenticatedError
from gql_app.engine.policy import ANONYMOUS, Viewer
from gql_app.publishing.base import utc_now
from gql_app.publishing.user import Role

_ALGORITHM = "HS256"
_TYPE = "at+jwt"  # RFC 9068: no other kind of JWT is taken for an access token
_ISSUER = _AUDIENCE = "gql_app"
_LONGEST = 2048
_MOST_KNOWN = 4096
_EXPIRED = "The access token has expired."
_ROLES = frozenset(role.value for role in Role)


@dataclass(frozen=True, slots=True)
class AccessToken:
    text: str
    expires_at: datetime


class AccessTokens:
    """Issues tokens with the first of its keys, and reads those of all.

    To rotate: put a new key first, and drop the old one once its tokens are expired.
    """

    def __init__(self, keys: Sequence[str], life: timedelta) -> None:
        self._keys = {_key_id(key): key for key in keys}
        self._signing = _key_id(keys[0])
        self._life = life
        # Whoever sends one request sends more: a signature is checked once.
        self._known = lru_cache(_MOST_KNOWN)(self._verified)

    def issue(self, user_id: int, role: Role) -> AccessToken:
        now = utc_now().replace(microsecond=0)
        claims = {
            "iss": _ISSUER,
            "aud": _AUDIENCE,
            "sub": str(user_id),
            "role": role.value,
            "iat": now,
            "exp": now + self._life,
            "jti": secrets.token_hex(8),
        }
        headers = {"kid": self._signing, "typ": _TYPE}
        key = self._keys[self._signing]
        text = jwt.encode(claims, key, algorithm=_ALGORITHM, headers=headers)
        return AccessToken(text, now + self._life)

    def viewer(self, authorization: str | None) -> Viewer:
        """Who sends the Authorization header with this value.

        Raises UnauthenticatedError for whatever isn't a valid token; no header, or an
        empty one, is the anonymous viewer's.
        """
        if authorization is None or not authorization.strip():
            return ANONYMOUS
        scheme, _, token = authorization.strip().partition(" ")
        if scheme.lower() != "bearer" or len(token) > _LONGEST:
            raise UnauthenticatedError("Send an access token: Authorization: Bearer …")
        viewer = self._known(token.strip())
        if viewer.expires <= time():
            raise UnauthenticatedError(_EXPIRED)
        return viewer

    def _verified(self, token: str) -> Viewer:
        claims = self._claims(token)
        if claims["role"] not in _ROLES or not _is_id(claims["sub"]):
            raise UnauthenticatedError("The access token is not valid.")
        return Viewer(claims["role"], {"id": int(claims["sub"])}, claims["exp"])

    def _claims(self, token: str) -> Mapping[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            key = self._keys.get(header.get("kid", ""))
            if key is None or header.get("typ") != _TYPE:
                raise UnauthenticatedError("The access token is not valid.")
            return jwt.decode(
                token,
                key,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                issuer=_ISSUER,
                options={"require": ["iss", "aud", "sub", "role", "iat", "exp"]},
            )
        except jwt.ExpiredSignatureError:
            raise UnauthenticatedError(_EXPIRED) from None
        except jwt.InvalidTokenError:
            raise UnauthenticatedError("The access token is not valid.") from None


def _key_id(key: str) -> str:
    """Names a key without telling anything of it."""
    return hashlib.sha256(b"kid:" + key.encode()).hexdigest()[:16]


def _is_id(subject: str) -> bool:
    return subject.isascii() and subject.isdecimal() and int(subject) < 2**63

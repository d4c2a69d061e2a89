"""Sign-ins: families of refresh tokens, as statements on a transaction's connection.

A token is used once, for the next one. All that descend from one sign-in are a family,
and end together: at a fixed time after the sign-in, at log-out, when the password
changes, or when a token is used a second time. There is no time of grace for the last:
of two clients that use a token at once, one is a thief for all that we can know, so
clients with several windows have to take turns.
"""

import hashlib
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa

from gql_app.publishing.base import table_of, utc_now
from gql_app.publishing.refresh_token import RefreshToken

logger = logging.getLogger(__name__)

_SIZE = 32  # bytes: never guessed, so that a plain hash is enough to store it
_FORGOTTEN_AT_ONCE = 100
_TOKEN = table_of(RefreshToken)


@dataclass(frozen=True, slots=True)
class Issued:
    """A new refresh token, which only its owner will know."""

    user_id: int
    text: str
    expires_at: datetime


def begin_family(
    connection: sa.Connection, user_id: int, expires_at: datetime
) -> Issued:
    """The first token of a new sign-in."""
    return _insert(connection, user_id, uuid4(), expires_at)


def rotate(connection: sa.Connection, text: str) -> Issued | None:
    """The next token for this one; None if it isn't valid. If it was once, its family
    is now revoked: that is to be committed, too."""
    now = utc_now()
    family = _TOKEN.alias()
    revoked = sa.exists().where(
        family.c.family_id == _TOKEN.c.family_id, family.c.revoked_at.is_not(None)
    )
    # One statement finds and uses it: of two at once, the second sees it used. A token
    # issued just while its family was revoked is caught by looking at the others.
    using = (
        sa.update(_TOKEN)
        .where(
            _TOKEN.c.token_hash == _hash(text),
            _TOKEN.c.used_at.is_(None),
            _TOKEN.c.expires_at > now,
            ~revoked,
        )
        .values(used_at=now)
        .returning(_TOKEN.c.user_id, _TOKEN.c.family_id, _TOKEN.c.expires_at)
    )
    used = connection.execute(using).one_or_none()
    if used is not None:
        return _insert(connection, used.user_id, used.family_id, used.expires_at)
    if revoke_family(connection, text):
        logger.warning("A refresh token was used again: its family is revoked.")
    return None


def revoke_family(connection: sa.Connection, text: str) -> bool:
    """Revoke the token with all its family; False if nothing of it was valid."""
    known = sa.select(_TOKEN.c.family_id).where(
        _TOKEN.c.token_hash == _hash(text), _TOKEN.c.expires_at > utc_now()
    )
    family_id = connection.scalar(known)
    if family_id is None:
        return False
    return _revoke(connection, _TOKEN.c.family_id == family_id)


def revoke_all(connection: sa.Connection, user_id: int) -> None:
    """End every sign-in of the user."""
    _revoke(connection, _TOKEN.c.user_id == user_id)


def _revoke(connection: sa.Connection, which: sa.ColumnElement[bool]) -> bool:
    valid = sa.select(_TOKEN.c.id).where(which, _TOKEN.c.revoked_at.is_(None))
    # Locked in one order: two transactions that revoke the same don't block each other.
    ordered = valid.order_by(_TOKEN.c.id).with_for_update()
    statement = sa.update(_TOKEN).where(_TOKEN.c.id.in_(ordered))
    return connection.execute(statement.values(revoked_at=utc_now())).rowcount > 0


def _insert(
    connection: sa.Connection, user_id: int, family_id: UUID, expires_at: datetime
) -> Issued:
    _forget_expired(connection)
    text = secrets.token_urlsafe(_SIZE)
    connection.execute(
        sa.insert(_TOKEN).values(
            user_id=user_id,
            family_id=family_id,
            token_hash=_hash(text),
            expires_at=expires_at,
        )
    )
    return Issued(user_id, text, expires_at)


def _forget_expired(connection: sa.Connection) -> None:
    """Anybody's, more of them than one is made: nothing asks for a token that is over."""
    over = sa.select(_TOKEN.c.id).where(_TOKEN.c.expires_at <= utc_now())
    # What another transaction holds is for the next one.
    some = over.limit(_FORGOTTEN_AT_ONCE).with_for_update(skip_locked=True)
    connection.execute(sa.delete(_TOKEN).where(_TOKEN.c.id.in_(some)))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

"""Refresh tokens: long sign-ins that can be revoked. Not part of the API."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from gql_app.engine.sqltypes import big_integer, text
from gql_app.publishing.base import NEVER_AGAIN, Created, Identified


class RefreshToken(Created, Identified, table=True):
    """One link in a chain of rotating tokens.

    All tokens that descend from one sign-in share `family_id`. A token is used once
    and replaced; when a used one turns up again, it was stolen, and the whole family
    is revoked.
    """

    __tablename__ = "refresh_token"
    __table_args__ = (
        sa.UniqueConstraint("token_hash"),
        sa.Index(None, "user_id"),
        sa.Index(None, "family_id"),
        sa.Index(None, "expires_at"),
        NEVER_AGAIN,
    )

    user_id: int = Field(
        foreign_key="user.id", ondelete="CASCADE", sa_type=big_integer()
    )
    family_id: UUID
    # SHA-256 in hexadecimal; the token itself is never stored.
    token_hash: str = Field(sa_type=text(64))
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None

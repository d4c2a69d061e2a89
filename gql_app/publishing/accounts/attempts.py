"""Attempts: how often an account or an address has tried, counted in the database, so
that all servers count together."""

import hashlib
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from math import ceil

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from gql_app.engine.dialects import Dialect
from gql_app.engine.errors import EngineError, ErrorCode
from gql_app.engine.sqltypes import text
from gql_app.publishing.base import table_of, utc_now

_STALE_AT_ONCE = 100


class Attempts(SQLModel, table=True):
    """Counts the attempts of one origin until a moment, when it begins anew."""

    __table_args__ = (sa.Index(None, "ends_at"),)

    # A SHA-256 in hexadecimal: who tried is not for anyone to read.
    origin: str = Field(primary_key=True, sa_type=text(64))
    count: int
    ends_at: datetime


class RateLimitedError(EngineError):
    """Too many attempts: `retryAfter` seconds have to pass."""

    code = ErrorCode.RATE_LIMITED


@dataclass(frozen=True, slots=True)
class Quota:
    """An origin, and how many attempts it has until its time begins anew."""

    origin: str
    most: int
    period: timedelta

    @property
    def key(self) -> str:
        return hashlib.sha256(self.origin.encode()).hexdigest()


ADDRESS: ContextVar[str | None] = ContextVar("address", default=None)
"""Where the present request comes from. It is not a claim of the viewer: who asks is
the same person wherever they go."""

_TABLE = table_of(Attempts)


def count(
    connection: sa.Connection, dialect: Dialect, quotas: Sequence[Quota]
) -> RateLimitedError | None:
    """Count one attempt of each origin, up to one that has none left: the error to
    raise for it, once the count is committed.

    The order of the quotas must be the same everywhere, or transactions lock each other.
    """
    _forget_stale(connection)
    for quota in quotas:
        now = utc_now()
        statement = dialect.insert(_TABLE).values(
            origin=quota.key, count=1, ends_at=now + quota.period
        )
        over = _TABLE.c.ends_at <= now
        new = statement.excluded
        counting = statement.on_conflict_do_update(
            index_elements=[_TABLE.c.origin],
            set_={
                "count": sa.case((over, 1), else_=_TABLE.c.count + 1),
                "ends_at": sa.case((over, new.ends_at), else_=_TABLE.c.ends_at),
            },
        ).returning(_TABLE.c.count, _TABLE.c.ends_at)
        counted = connection.execute(counting).one()
        if counted[0] > quota.most:
            return _limited(ceil((counted[1] - now).total_seconds()))
    return None


def forgive(connection: sa.Connection, quotas: Sequence[Quota]) -> None:
    """Take back one attempt of each origin: it was a good one."""
    for quota in quotas:
        own = sa.update(_TABLE).where(_TABLE.c.origin == quota.key, _TABLE.c.count > 0)
        connection.execute(own.values(count=_TABLE.c.count - 1))


def network(address: str) -> str:
    """The address, or the network that one customer gets where addresses abound."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    return str(parsed.ipv4_mapped or parsed.exploded[:19])


def _limited(seconds: int) -> RateLimitedError:
    return RateLimitedError(
        f"Too many attempts: try again in {seconds} seconds.", retryAfter=seconds
    )


def _forget_stale(connection: sa.Connection) -> None:
    stale = sa.select(_TABLE.c.origin).where(_TABLE.c.ends_at <= utc_now())
    # What another transaction holds is not stale for long.
    some = stale.limit(_STALE_AT_ONCE).with_for_update(skip_locked=True)
    connection.execute(sa.delete(_TABLE).where(_TABLE.c.origin.in_(some)))

"""Idempotency: the response to a mutation is kept under the client's key, and given
again when the same request comes again, such as after a lost connection."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlmodel.sql.sqltypes import UTCDateTime

from gql_app.engine.access import Scope
from gql_app.engine.errors import BadUserInputError, ConflictError
from gql_app.engine.filters import slot
from gql_app.engine.policy import Viewer
from gql_app.engine.sqltypes import text
from gql_app.engine.writing.writer import Writer

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def table(metadata: sa.MetaData, name: str = "idempotency_key") -> sa.Table:
    """The table of kept responses, for the application's metadata and migrations."""
    return sa.Table(
        name,
        metadata,
        sa.Column("owner", text(64), primary_key=True),
        sa.Column("key", text(255), primary_key=True),
        sa.Column("request", text(64), nullable=False),
        sa.Column("response", sa.LargeBinary()),
        sa.Column("created_at", UTCDateTime(), nullable=False, index=True),
    )


def forget(connection: sa.Connection, kept: sa.Table, before: datetime) -> int:
    """Delete what was kept before that moment; how many responses that were."""
    old = sa.delete(kept).where(kept.c.created_at < before)
    return connection.execute(old).rowcount


class ReplayedError(Exception):
    """The request was answered before: this is the response."""

    def __init__(self, body: bytes) -> None:
        super().__init__("This request was answered before.")
        self.body = body


@dataclass(frozen=True, slots=True)
class Claim:
    """A key, for the viewer whose it is and the one request that it is for.

    It is claimed and its response kept in the transaction of the mutation: both are
    there exactly if what the mutation wrote is. Whoever comes with the same key while
    the mutation runs has to wait for it.
    """

    kept: sa.Table
    owner: str
    key: str
    request: str

    @classmethod
    def of(cls, kept: sa.Table, key: str, viewer: Viewer, request: Any) -> "Claim":
        """The claim to a key for a request, which is what JSON can hold.

        Raises BadUserInputError for what can't be a key.
        """
        if not _KEY.fullmatch(key):
            raise BadUserInputError(
                "An idempotency key has 1 to 255 visible ASCII characters."
            )
        owner = _digest([viewer.role, sorted(viewer.claims.items())])
        return cls(kept, owner, key, _digest(request))

    def begin(self, writer: Writer) -> None:
        """Claim the key. Raises ReplayedError if the request was answered before, and
        ConflictError if the key was used for another one."""
        now = datetime.now(UTC)
        if writer.rows(
            _claim, self.kept, slots=[self.owner, self.key, self.request, now]
        ):
            return
        ((request, response),) = writer.rows(
            _response, self.kept, slots=[self.owner, self.key]
        )
        if request != self.request:
            raise ConflictError("The idempotency key was used for another request.")
        raise ReplayedError(bytes(response))

    def keep(self, writer: Writer, body: bytes) -> None:
        """Keep the response for the next time."""
        writer.rows(_keep, self.kept, slots=[body, self.owner, self.key])


def _digest(value: Any) -> str:
    written = orjson.dumps(
        value, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
    )
    return hashlib.sha256(written).hexdigest()


def _claim(kept: sa.Table, scope: Scope) -> sa.UpdateBase:
    names = ("owner", "key", "request", "created_at")
    values = {name: slot(place, kept.c[name].type) for place, name in enumerate(names)}
    statement = scope.dialect.insert(kept).values(values)
    return statement.on_conflict_do_nothing().returning(kept.c.key)


def _response(kept: sa.Table, _: Scope) -> sa.Select[Any]:
    statement = sa.select(kept.c.request, kept.c.response)
    return statement.where(*_same(kept, 0))


def _keep(kept: sa.Table, _: Scope) -> sa.UpdateBase:
    statement = sa.update(kept).where(*_same(kept, 1)).returning(kept.c.key)
    return statement.values(response=slot(0, kept.c.response.type))


def _same(kept: sa.Table, place: int) -> tuple[sa.ColumnElement[bool], ...]:
    owner = kept.c.owner == slot(place, kept.c.owner.type)
    return owner, kept.c.key == slot(place + 1, kept.c.key.type)

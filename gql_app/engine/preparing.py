"""Preparing: statements that PostgreSQL plans once for a connection.

A name is a digest of the statement's text, so that it can't mean another statement,
even if a pooler between lets many clients share a connection.
"""

import logging
import re
from hashlib import blake2b
from typing import Any, NamedTuple

from psycopg2 import errorcodes

from gql_app.engine.statements import Statement

logger = logging.getLogger(__name__)

MOST_PREPARED = 256
"""How many statements a connection keeps."""

_LOST = (
    errorcodes.INVALID_SQL_STATEMENT_NAME,
    errorcodes.DUPLICATE_PREPARED_STATEMENT,
)
"""What PostgreSQL says where a pooler gives each transaction another connection."""

_OUTDATED = errorcodes.FEATURE_NOT_SUPPORTED
"""What it says when a table has changed since the statement was prepared."""

_PARAMETER = re.compile(r"%\((\w+)\)s")


class Preparing:
    """Whether statements are prepared: until it turns out that something between here
    and the server loses them."""

    def __init__(self, *, on: bool) -> None:
        self._on = on

    def applies(self, statement: Statement) -> bool:
        """Whether to prepare the statement."""
        return self._on and statement.steady and not statement.refused

    def learn(self, error: Exception) -> bool:
        """Whether the error only says that what was prepared is of no use any more."""
        code = getattr(error, "pgcode", None)
        if self._on and code in _LOST:
            logger.warning("Statements are not prepared any more: %s", error)
            self._on = False
        return code in _LOST or code == _OUTDATED


class Prepared(NamedTuple):
    """Two texts to be sent with a statement's parameters."""

    prepare: str
    execute: str


def prepared(statement: Statement, parameters: Any) -> Prepared:
    """PREPARE and EXECUTE for the statement with these parameters.

    Its constants and the limit of rows are part of the plan: without knowing how many
    rows are wanted, PostgreSQL would plan anew for each.
    """
    limit = parameters.get("limit")
    found: Prepared | None = statement.prepared.get(limit)
    if found is None:
        found = statement.prepared[limit] = _prepared(statement, parameters)
    return found


def _prepared(statement: Statement, parameters: Any) -> Prepared:
    names: list[str] = []
    inside: dict[str, Any] = {}

    def numbered(match: re.Match[str]) -> str:
        name = match[1]
        if name == "limit" or name in statement.constants:
            inside[name] = parameters[name]
            return match[0]
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    text = _PARAMETER.sub(numbered, statement.sql)
    digest = blake2b(f"{text}{sorted(inside.items())}".encode(), digest_size=12)
    name = f"gql_{digest.hexdigest()}"
    given = ", ".join(f"%({one})s" for one in names)
    return Prepared(
        f"PREPARE {name} AS {text}",
        f"EXECUTE {name} ({given})" if given else f"EXECUTE {name}",
    )

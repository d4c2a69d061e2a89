"""How Alembic reaches the database, and how it writes what changed in the models."""

import logging
import sys
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    String,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

import gql_app.publishing  # noqa: F401 - its tables are then in the metadata
from gql_app.engine.database import normalise_url
from gql_app.engine.sqltypes import ExactDecimal
from gql_app.settings import SettingsError, load_settings

# Any number that nothing else in the database locks: it keeps two servers that start
# together from migrating together.
MIGRATION_LOCK = 7_305_804_402_127

OPTIONS: dict[str, Any] = {
    "target_metadata": SQLModel.metadata,
    "compare_type": True,
    "compare_server_default": True,
    "render_as_batch": True,  # SQLite changes a table by making it anew
    "transactional_ddl": True,  # all migrations or none, on SQLite too
}


def render(kind: str, item: Any, autogenerate: AutogenContext) -> str | Literal[False]:
    """Our column types by the names that the models use."""
    text = _render_type(item) if kind == "type" else None
    if text is None:
        return False
    if text.startswith("sqltypes."):
        autogenerate.imports.add("from gql_app.engine import sqltypes")
    if "postgresql." in text:
        autogenerate.imports.add("from sqlalchemy.dialects import postgresql")
    return text


def _render_type(item: Any) -> str | None:
    variants = getattr(item, "_variant_mapping", {})
    text = None
    match item:
        case ExactDecimal():
            text = f"sqltypes.exact_decimal({item.precision}, {item.scale})"
        case UTCDateTime():
            text = "sa.DateTime(timezone=True)"
        case BigInteger() if "sqlite" in variants:
            text = "sqltypes.big_integer()"
        case String() if "postgresql" in variants:
            text = f"sqltypes.text({item.length or ''})"
        case JSON() if "postgresql" in variants:
            text = 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return text


def database_url() -> str:
    """The URL that a caller set in the attributes, or the application's own."""
    given: str | None = context.config.attributes.get("url")
    if given:
        return given
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)
    try:
        return load_settings().database_url
    except SettingsError as error:
        sys.exit(str(error))


def write_sql() -> None:
    """`alembic upgrade head --sql`: the statements instead of their effect."""
    url = normalise_url(database_url())
    context.configure(url=url, literal_binds=True, **OPTIONS)
    with context.begin_transaction():
        context.run_migrations()


def migrate(connection: Connection) -> None:
    context.configure(connection=connection, render_item=render, **OPTIONS)
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        context.run_migrations()


def connect_and_migrate() -> None:
    # Foreign keys stay off on SQLite: making a table anew drops the old one.
    engine = create_engine(normalise_url(database_url()), poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _leave_transactions_to_us)
        event.listen(engine, "begin", _begin)
    with engine.connect() as connection:
        migrate(connection)
    engine.dispose()


def _leave_transactions_to_us(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # else sqlite3 commits before each DDL statement


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


if context.is_offline_mode():
    write_sql()
elif "connection" in context.config.attributes:
    migrate(context.config.attributes["connection"])
else:
    connect_and_migrate()

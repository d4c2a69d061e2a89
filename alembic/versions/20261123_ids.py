"""SQLite doesn't use the ids of deleted rows again: clients and tokens may know them."""

import re

import sqlalchemy as sa
from alembic import op

revision = "b52c07e1f9d4"
down_revision = "c25e80f4a7d3"
branch_labels = None
depends_on = None

TABLES = ("user", "profile", "post", "comment", "tag", "revision", "refresh_token")


def upgrade() -> None:
    for table in TABLES:
        column = "id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT"
        constraint = r",\s+(CONSTRAINT \w+ )?PRIMARY KEY \(id\)"
        _make_anew(table, {constraint: "", r"\bid INTEGER NOT NULL": column})


def downgrade() -> None:
    for table in TABLES:
        column = r"\bid INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT"
        constraint = f", \n\tCONSTRAINT pk_{table} PRIMARY KEY (id)\n)"
        _make_anew(table, {column: "id INTEGER NOT NULL", r"\n\)$": constraint})


def _make_anew(table: str, changes: dict[str, str]) -> None:
    """SQLite can't alter this: the table is made as it was but for the changes of its
    DDL, filled, and put into the place of the old one."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    if connection.exec_driver_sql("PRAGMA foreign_keys").scalar():
        raise RuntimeError("With foreign keys on, dropping a table empties others.")
    made = sa.text("SELECT sql FROM sqlite_master WHERE tbl_name = :table AND sql > ''")
    ddl, *indexes = connection.scalars(made.bindparams(table=table)).all()
    head, body = ddl.split("(", 1)
    for pattern, replacement in changes.items():
        body, count = re.subn(pattern, replacement, body)
        if count != 1:
            raise RuntimeError(f"{table} isn't as it was made: there is no {pattern}.")
    connection.exec_driver_sql(f"CREATE TABLE anew ({body}")
    connection.exec_driver_sql(f'INSERT INTO anew SELECT * FROM "{table}"')
    connection.exec_driver_sql(f'DROP TABLE "{table}"')
    connection.exec_driver_sql(f'ALTER TABLE anew RENAME TO "{table}"')
    for index in indexes:
        connection.exec_driver_sql(index)

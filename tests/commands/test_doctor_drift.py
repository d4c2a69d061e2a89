"""Where `gql-app doctor` sees that the database has drifted from the models."""

from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from sqlalchemy.pool import NullPool

from gql_app.commands.doctor.drift import database_drift
from gql_app.engine.database import normalise_url
from gql_app.migrations import configuration


def test_database_that_has_drifted_is_told_change_by_change(migrated_url: str) -> None:
    engine = sa.create_engine(normalise_url(migrated_url), poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX ix_post_created_at_id")
        connection.exec_driver_sql("ALTER TABLE tag ADD COLUMN colour VARCHAR")
        connection.exec_driver_sql("CREATE TABLE surplus (id INTEGER PRIMARY KEY)")

    found = list(database_drift(configuration(migrated_url)))

    assert sorted((one.where, one.what) for one in found) == [
        (
            "post.ix_post_created_at_id",
            "The models have this index, the database doesn't.",
        ),
        ("surplus", "The database has this table, the models don't."),
        ("tag.colour", "The database has this column, the models don't."),
    ]


def test_column_that_has_changed_is_told_with_both_states(
    database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "env.py").write_text(ENVIRONMENT)
    (tmp_path / "versions").mkdir()
    config = Config()
    config.set_main_option("script_location", str(tmp_path))
    engine = sa.create_engine(normalise_url(database_url), poolclass=NullPool)
    config.attributes["engine"] = engine
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE item (id INTEGER NOT NULL, size FLOAT)"
        )

    found = sorted(
        one.what for one in database_drift(config) if one.where == "item.size"
    )

    assert found[0] == "The nullable is True in the database, False in the models."
    assert found[1].startswith("The type is ")
    assert found[1].endswith(" in the database, INTEGER() in the models.")


ENVIRONMENT = """
import sqlalchemy as sa
from alembic import context

metadata = sa.MetaData()
sa.Table(
    "item",
    metadata,
    sa.Column("id", sa.INTEGER, nullable=False),
    sa.Column("size", sa.INTEGER, nullable=False),
)
with context.config.attributes["engine"].connect() as connection:
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
"""


def test_database_that_is_not_migrated_is_one_finding(database_url: str) -> None:
    (found,) = database_drift(configuration(database_url))

    assert found.what == "Target database is not up to date."
    assert "gql-app migrate" in found.fix


def test_database_that_can_not_be_reached_is_one_finding() -> None:
    url = "postgresql://nobody@127.0.0.1:1/nowhere"

    (found,) = database_drift(configuration(url))

    assert "Connection refused" in found.what

"""The migrations make exactly the tables of the models, and unmake them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from gql_app.engine.database import normalise_url
from gql_app.migrations import at_head, configuration, migrate


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(normalise_url(database_url), poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.fixture
def config(database_url: str) -> Config:
    return configuration(database_url)


def test_upgrade_leaves_no_difference_to_the_models(config: Config) -> None:
    command.upgrade(config, "head")

    command.check(config)  # raises if autogenerate would find anything to do


def test_downgrade_leaves_nothing(config: Config, engine: Engine) -> None:
    command.upgrade(config, "head")

    command.downgrade(config, "base")

    assert inspect(engine).get_table_names() == ["alembic_version"]


def test_upgrade_after_downgrade_makes_everything_again(config: Config) -> None:
    command.upgrade(config, "head")
    command.downgrade(config, "base")

    command.upgrade(config, "head")

    command.check(config)


def test_autogenerate_names_column_types_as_the_models_do(
    config: Config, engine: Engine, tmp_path: Path
) -> None:
    config.set_main_option("version_locations", str(tmp_path))
    config.set_main_option("path_separator", "newline")

    command.revision(config, "everything", autogenerate=True)
    command.upgrade(config, "head")  # what it wrote can be run

    (written,) = tmp_path.glob("*.py")
    script = written.read_text()
    assert "sqltypes.big_integer()" in script
    assert "sqltypes.text(40)" in script
    assert "sqlmodel" not in script
    assert inspect(engine).has_table("post")


def test_at_head_tells_an_empty_database_from_a_migrated_one(
    database_url: str, engine: Engine
) -> None:
    before = at_head(engine)

    migrate(database_url)

    assert (before, at_head(engine)) == (False, True)


def test_at_head_refuses_migrations_of_a_newer_version(
    database_url: str, engine: Engine
) -> None:
    migrate(database_url)

    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'newer'")

    assert not at_head(engine)


def test_env_migrates_on_the_connection_it_is_given(engine: Engine) -> None:
    config = configuration()

    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    assert at_head(engine)


def test_failing_migration_leaves_nothing_behind(
    config: Config, engine: Engine
) -> None:
    with engine.begin() as connection:
        # In the way of the last table: the ones before are made, and must go again.
        connection.exec_driver_sql("CREATE TABLE revision (id INTEGER)")

    with pytest.raises(DBAPIError, match="revision"):
        command.upgrade(config, "head")

    assert inspect(engine).get_table_names() == ["revision"]


def test_rows_are_kept_where_a_table_is_made_anew(
    config: Config, engine: Engine
) -> None:
    command.upgrade(config, "c25e80f4a7d3")
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO tag (id, name) VALUES (7, 'sql')")

    for _ in range(2):
        command.upgrade(config, "head")
        command.downgrade(config, "c25e80f4a7d3")

    with engine.begin() as connection:
        rows = connection.exec_driver_sql("SELECT id, name FROM tag").all()
    assert [tuple(row) for row in rows] == [(7, "sql")]

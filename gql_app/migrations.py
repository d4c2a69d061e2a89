"""Brings a database to the newest migration, and tells whether it is there."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from gql_app.engine.database import READ_ONLY

PACKAGE = Path(__file__).resolve().parent
# In a wheel the scripts are inside of the package, in a checkout beside it.
FOLDERS = (PACKAGE / "_alembic", PACKAGE.parent / "alembic")


def migrate(url: str, revision: str = "head") -> None:
    """Run the migrations up to a revision; raises alembic's CommandError."""
    command.upgrade(configuration(url), revision)


def at_head(engine: Engine) -> bool:
    """Whether every migration has run, and none that this version doesn't know."""
    scripts = ScriptDirectory.from_config(configuration())
    with engine.connect().execution_options(**{READ_ONLY: True}) as connection:
        heads = MigrationContext.configure(connection).get_current_heads()
    return set(heads) == set(scripts.get_heads())


def configuration(url: str | None = None) -> Config:
    """Alembic's configuration; without a URL it takes the application's database."""
    folders = [folder for folder in FOLDERS if (folder / "env.py").exists()]
    if not folders:
        raise FileNotFoundError(f"No migrations in {' or '.join(map(str, FOLDERS))}")
    config = Config()
    config.attributes["url"] = url
    config.set_main_option("script_location", str(folders[0]).replace("%", "%%"))
    return config

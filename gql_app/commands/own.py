"""`gql-app` where `pyproject.toml` names an application of one's own.

Nothing here may import the community: its tables would be among one's own.
"""

import inspect
from io import StringIO
from typing import Annotated

import typer
from alembic import command
from alembic.config import Config
from alembic.util import DatabaseNotAtHead

from gql_app.commands.common import common_commands
from gql_app.commands.errors import CommandFailedError
from gql_app.commands.project import required_project
from gql_app.commands.serving import Server, configuration, listening, run

app = common_commands("The application that pyproject.toml names.")


@app.command()
def serve(
    host: Annotated[str, typer.Option(envvar="HOST")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="PORT", min=0, max=65535)] = 8000,
    shutdown_seconds: Annotated[
        int,
        typer.Option(
            envvar="SHUTDOWN_SECONDS",
            min=1,
            help="How long stopping waits for requests that still run.",
        ),
    ] = 10,
    migrate: Annotated[
        bool, typer.Option("--migrate", help="First run the migrations that are new.")
    ] = False,
) -> None:
    """Serve the application over HTTP."""
    project = required_project()
    if migrate:
        command.upgrade(project.alembic(), "head")
    else:
        check_migrated(project.alembic())
    found = project.app()
    makes_one = inspect.isfunction(found) and not inspect.iscoroutinefunction(found)
    with listening(host, port) as listener:
        config = configuration(found, shutdown_seconds, factory=makes_one)
        run(Server(config, "The application is served at {}"), listener)


@app.command()
def migrate(
    to: Annotated[str, typer.Option(help="The revision to stop at.")] = "head",
) -> None:
    """Bring the database up to date."""
    command.upgrade(required_project().alembic(), to)
    typer.echo(f"The database is migrated to {to}.")


def check_migrated(config: Config) -> None:
    """Raise CommandFailedError if the project has migrations that have not run."""
    if config.get_alembic_option("script_location") is None:
        return
    config.stdout = StringIO()  # for the revisions, which nobody asked for
    try:
        command.current(config, check_heads=True)
    except DatabaseNotAtHead as error:
        raise CommandFailedError(
            "The database is not at the newest migration: run `gql-app migrate`."
        ) from error

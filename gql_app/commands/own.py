"""`gql-app` where `pyproject.toml` names an application of one's own.

Nothing here may import the community: its tables would be among one's own.
"""

import contextlib
import inspect
from typing import Annotated

import typer
import uvicorn
from alembic import command

from gql_app.commands.common import common_commands
from gql_app.commands.project import required_project
from gql_app.commands.serving import PROTOCOL, Server, listening

app = common_commands("The application that pyproject.toml names.")


@app.command()
def serve(
    host: Annotated[str, typer.Option(envvar="HOST")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="PORT", min=0, max=65535)] = 8000,
    migrate: Annotated[
        bool, typer.Option("--migrate", help="First run the migrations that are new.")
    ] = False,
) -> None:
    """Serve the application over HTTP."""
    project = required_project()
    if migrate:
        command.upgrade(project.alembic(), "head")
    found = project.app()
    makes_one = inspect.isfunction(found) and not inspect.iscoroutinefunction(found)
    with listening(host, port) as listener, contextlib.suppress(KeyboardInterrupt):
        config = uvicorn.Config(
            found, factory=makes_one, http=PROTOCOL, server_header=False
        )
        Server(config, "The application is served at {}").run(sockets=[listener])


@app.command()
def migrate(
    to: Annotated[str, typer.Option(help="The revision to stop at.")] = "head",
) -> None:
    """Bring the database up to date."""
    command.upgrade(required_project().alembic(), to)
    typer.echo(f"The database is migrated to {to}.")

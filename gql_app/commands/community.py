"""`gql-app` for the publishing community: what it has beyond the common commands."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from gql_app import migrations
from gql_app.app import create_app, create_passwords
from gql_app.commands import serving
from gql_app.commands.common import Commands, common_commands
from gql_app.commands.errors import CommandFailedError
from gql_app.commands.settings import settings_example
from gql_app.engine.database import Database
from gql_app.observability.logs import configure_logs
from gql_app.publishing import seed as community
from gql_app.publishing.accounts.recovery import set_password
from gql_app.publishing.accounts.roles import give_role
from gql_app.publishing.importers.stackexchange import Progress as OnProgress
from gql_app.publishing.importers.stackexchange import StackExchangeError, import_dump
from gql_app.publishing.user import Role
from gql_app.settings import Settings, load_settings


class CommunityCommands(Commands):
    expected = (*Commands.expected, StackExchangeError)


app = common_commands("A publishing community over GraphQL.", CommunityCommands)
imports = typer.Typer(help="Import a community from elsewhere.", no_args_is_help=True)
app.add_typer(imports, name="import")


@app.command()
def serve(
    migrate: Annotated[
        bool, typer.Option("--migrate", help="First run the migrations that are new.")
    ] = False,
    seed: Annotated[
        bool, typer.Option("--seed", help="First seed the database if it is empty.")
    ] = False,
) -> None:
    """Serve GraphQL over HTTP."""
    settings = load_settings()
    if migrate:
        migrations.migrate(settings.database_url)
    with migrated_database(settings) as database:
        if seed:
            community.seed(database.engine)
    with serving.listening(settings.host, settings.port) as listener:
        log = configure_logs(settings.log_level, json=settings.production)
        serving.serve(create_app(settings, log), settings, listener)


@app.command()
def migrate(
    to: Annotated[str, typer.Option(help="The revision to stop at.")] = "head",
) -> None:
    """Bring the database up to date."""
    migrations.migrate(load_settings().database_url, to)
    typer.echo(f"The database is migrated to {to}.")


@app.command()
def seed() -> None:
    """Write the small example community into the database."""
    with migrated_database(load_settings()) as database:
        if community.seed(database.engine):
            typer.echo("The example community is written.")
        else:
            typer.echo("The database is not empty: nothing was written.")


@app.command("role")
def give_account_role(
    username: Annotated[str, typer.Argument(help="Whose account it is.")],
    role: Annotated[Role, typer.Argument(help="What it may do from now on.")],
) -> None:
    """Give an account a role, such as the first admin's."""
    with migrated_database(load_settings()) as database:
        give_role(database.engine, username, role)
    typer.echo(f"{username} has the role {role.value}, from the next access token on.")


@app.command("password")
def set_account_password(
    username: Annotated[str, typer.Argument(help="Whose account it is.")],
) -> None:
    """Ask for a new password of an account; all of its sign-ins end."""
    settings = load_settings()
    with migrated_database(settings) as database:
        new = typer.prompt("New password", hide_input=True, confirmation_prompt=True)
        passwords = create_passwords(settings)
        set_password(database.engine, passwords, username, SecretStr(new))
    typer.echo(f"{username} has a new password; all sign-ins are ended.")


@app.command()
def settings() -> None:
    """Print every setting with its description and default, for an .env file."""
    typer.echo(settings_example(), nl=False)


@imports.command()
def stackexchange(
    directory: Annotated[Path, typer.Argument(help="The folder of the XML files.")],
    site: Annotated[
        str | None,
        typer.Option(help="The site's host name; otherwise that of the folder."),
    ] = None,
) -> None:
    """Import a Stack Exchange data dump; running it again completes it."""
    with migrated_database(load_settings()) as database, progress_bar() as progress:
        report = import_dump(database.engine, directory, site=site, progress=progress)
    typer.echo(report)


@contextmanager
def migrated_database(settings: Settings) -> Iterator[Database]:
    """The database, if its tables are those of this version."""
    database = Database(
        settings.database_url,
        pool_size=settings.pool_size,
        pool_timeout=settings.pool_seconds,
    )
    with contextlib.closing(database):
        if not migrations.at_head(database.engine):
            raise CommandFailedError(
                "The database is not at this version's newest migration: "
                "run `gql-app migrate`."
            )
        yield database


@contextmanager
def progress_bar() -> Iterator[OnProgress]:
    """A bar for each step, on standard error; called with step, done and total."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    bars = Progress(*columns, console=Console(stderr=True))
    tasks: dict[str, TaskID] = {}

    def show(step: str, done: int, total: int) -> None:
        if not tasks:
            bars.start()
        if step not in tasks:
            tasks[step] = bars.add_task(step, total=total)
        bars.update(tasks[step], completed=done)

    try:
        yield show
    finally:
        if tasks:
            bars.stop()

"""The commands that every application has, and how they fail."""

from typing import Any, ClassVar

import typer
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError
from typer.core import TyperGroup

from gql_app.commands import documents, schema
from gql_app.commands.doctor import doctor
from gql_app.commands.errors import CommandFailedError
from gql_app.commands.init import init
from gql_app.engine.errors import EngineError
from gql_app.settings import SettingsError

FAILED, MISUSED = 1, 2


class Commands(TyperGroup):
    """Says what went wrong in a line of its own instead of a traceback."""

    expected: ClassVar[tuple[type[Exception], ...]] = (
        CommandFailedError,
        EngineError,
        CommandError,
    )

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            code, message = MISUSED, str(error)
        except self.expected as error:
            code, message = FAILED, str(error)
        except (DBAPIError, OSError) as error:
            driver_text = str(getattr(error, "orig", error))
            code, message = FAILED, driver_text.partition("\n")[0]
        typer.echo(message, err=True)
        raise typer.Exit(code)


def common_commands(help: str, group: type[Commands] = Commands) -> typer.Typer:
    """An application's commands, but for those that only it has."""
    app = typer.Typer(
        cls=group,
        help=help,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.add_typer(schema.app, name="schema")
    app.add_typer(documents.app, name="documents")
    app.command()(doctor)
    app.command()(init)
    return app

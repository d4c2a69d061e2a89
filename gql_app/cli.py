"""The `gql-app` command: that of the community, or of an application of one's own."""

from importlib import import_module

import typer

from gql_app.commands.project import is_own

# Only one of the two is ever imported: the tables of both share SQLModel's metadata.
_MODULE = "own" if is_own() else "community"

app: typer.Typer = import_module(f"gql_app.commands.{_MODULE}").app

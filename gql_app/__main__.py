"""`python -m gql_app` is `gql-app`."""

from gql_app.cli import app

app(prog_name="gql-app")

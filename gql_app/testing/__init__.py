"""Testing an API: ask it, count its statements, walk its lists, check its permissions.

The fixtures are in `gql_app.testing.plugin`: name it as `pytest_plugins` in conftest.py.
"""

from gql_app.testing.client import Answer, Call, Client
from gql_app.testing.databases import CreateTables, Databases
from gql_app.testing.permissions import Permissions
from gql_app.testing.postgres import NoPostgresError, PostgresServer
from gql_app.testing.sdl import check_schema, global_id
from gql_app.testing.walking import walk

__all__ = [
    "Answer",
    "Call",
    "Client",
    "CreateTables",
    "Databases",
    "NoPostgresError",
    "Permissions",
    "PostgresServer",
    "check_schema",
    "global_id",
    "walk",
]

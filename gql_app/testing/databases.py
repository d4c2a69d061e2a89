"""Databases for tests: copies of one whose tables were made once."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cached_property
from itertools import count
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import SQLModel

from gql_app.engine import normalise_url
from gql_app.testing.postgres import PostgresServer, postgres_server

CreateTables = Callable[[str], None]
"""Makes the tables in the empty database with that URL, such as by migrations."""


def create_all(url: str) -> None:
    """Make the tables of every SQLModel class that is known by now."""
    engine = sa.create_engine(normalise_url(url), poolclass=sa.NullPool)
    SQLModel.metadata.create_all(engine)


class Databases:
    """Makes databases, as files in a folder or on a PostgreSQL server that starts with
    the first one there. `close` it in the end."""

    def __init__(
        self,
        folder: Path,
        create_tables: CreateTables = create_all,
        server: Callable[[], AbstractContextManager[PostgresServer]] = postgres_server,
    ) -> None:
        self._folder = folder
        self._create_tables = create_tables
        self._start = server
        self._closing = ExitStack()
        self._numbers = count(1)

    def close(self) -> None:
        """Stop the server, if it was started."""
        self._closing.close()

    @cached_property
    def server(self) -> PostgresServer:
        """The PostgreSQL server. Raises NoPostgresError if there can't be one."""
        return self._closing.enter_context(self._start())

    @contextmanager
    def new(self, dialect: str, *, empty: bool = False) -> Iterator[str]:
        """The URL of a database of one's own, with tables unless it is to be `empty`,
        and without rows. `dialect` is "sqlite" or "postgresql"."""
        if dialect == "sqlite":
            file = self._new_file()
            if not empty:
                shutil.copy(self._file, file)
            yield f"sqlite:///{file}"
            return
        url = self.server.create_database(*() if empty else (self._name,))
        try:
            yield url.render_as_string(hide_password=False)
        finally:
            self.server.drop_database(url)

    @cached_property
    def _file(self) -> Path:
        """The SQLite file that is copied."""
        file = self._new_file()
        self._create_tables(f"sqlite:///{file}")
        return file

    @cached_property
    def _name(self) -> str:
        """The PostgreSQL database that is copied."""
        url = self.server.create_database()
        self._create_tables(url.render_as_string(hide_password=False))
        self._closing.callback(self.server.drop_database, url)
        assert url.database
        return url.database

    def _new_file(self) -> Path:
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        return folder / "test.sqlite3"

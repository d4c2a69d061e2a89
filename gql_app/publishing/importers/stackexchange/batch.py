"""A batch of rows: what the steps of the import read and write with."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from gql_app.publishing.base import table_of
from gql_app.publishing.importers.stackexchange.errors import DroppedError
from gql_app.publishing.importers.stackexchange.report import Report
from gql_app.publishing.importers.stackexchange.rows import Row
from gql_app.publishing.user import User

_INSERT: dict[str, Callable[[sa.Table], Any]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}

Kept = TypeVar("Kept")
Value = TypeVar("Value")


@dataclass(frozen=True)
class Batch:
    """Some rows of one file, to be written in one transaction."""

    connection: sa.Connection
    site: str
    file: str
    rows: Sequence[Row]
    report: Report

    def keep(self, rows: Iterable[Row], read: Callable[[Row], Kept]) -> list[Kept]:
        """What `read` makes of the rows; those that it drops are counted."""
        kept = []
        for row in rows:
            try:
                kept.append(read(row))
            except DroppedError as reason:
                self.report.dropped[self.file, str(reason)] += 1
        return kept

    def keep_without(self, what: str) -> None:
        self.report.partial[self.file, f"kept without {what}"] += 1

    def optional(
        self, row: Row, name: str, read: Callable[[Row, str], Value]
    ) -> Value | None:
        """An attribute that the row may lack, and is kept without if it can't be read."""
        if row.get(name) is None:
            return None
        try:
            return read(row, name)
        except DroppedError as reason:
            self.keep_without(f"its {reason}")
            return None

    def find(
        self, model: type[SQLModel], sources: Iterable[str], *columns: str
    ) -> dict[str, Any]:
        """The rows that came from these sources, with the columns asked for."""
        table = table_of(model)
        asked = [table.c[name] for name in ("source", *columns)]
        statement = sa.select(*asked).where(table.c.source.in_(set(sources)))
        return {row.source: row for row in self.connection.execute(statement)}

    def insert(
        self,
        model: type[SQLModel],
        rows: Sequence[dict[str, Any]],
        key: Sequence[str] = ("source",),
        offered: int | None = None,
    ) -> None:
        """Insert the rows whose key is not in the table yet, also when another import
        is running; offered: how many there were before known ones were left out."""
        table = table_of(model)
        new = 0
        if rows:
            columns = [table.c[name] for name in key]
            insert = _INSERT[self.connection.dialect.name](table)
            statement = insert.on_conflict_do_nothing(index_elements=columns)
            added = self.connection.execute(statement.returning(*columns), rows)
            new = len(added.all())
        total = len(rows) if offered is None else offered
        self.report.kept(table.name, new, total)

    def user_source(self, number: object) -> str:
        return f"{self.site}/users/{number}"

    def question_source(self, number: object) -> str:
        return f"{self.site}/q/{number}"

    def answer_source(self, number: object) -> str:
        return f"{self.site}/a/{number}"

    def comment_source(self, number: object) -> str:
        return f"{self.site}/posts/comments/{number}"

    def authors(self, prefix: str = "") -> Callable[[Row], dict[str, Any]]:
        """A function from a row to `author_id` and `author_name`; prefix: what the
        names of the attributes `UserId` and `DisplayName` begin with."""
        number_name, name_name = f"{prefix}UserId", f"{prefix or 'User'}DisplayName"
        numbers = (row.get(number_name) for row in self.rows)
        sources = (self.user_source(number) for number in numbers if number)
        users = self.find(User, sources, "id", "display_name")

        def author(row: Row) -> dict[str, Any]:
            number = row.get(number_name)
            user = users.get(self.user_source(number))
            if user is not None:
                return {"author_id": user.id, "author_name": user.display_name}
            self.keep_without("its author, whose account is gone")
            # So does Stack Exchange call an account that is gone.
            fallback = f"user{number}" if number else None
            name = row.get(name_name) or fallback
            return {"author_id": None, "author_name": name and name[:60]}

        return author

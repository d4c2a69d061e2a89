"""Short ways to write in tests, and to look at what is in the tables."""

import asyncio
import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel
from strawberry import Schema

from gql_app.engine import (
    ANONYMOUS,
    Api,
    Database,
    Executor,
    Limits,
    Request,
    Result,
    Viewer,
    build_schema,
)
from gql_app.testing import global_id as gid
from tests.writing.models import ADA

ERRORS = "errors { __typename code message path }"


@cache
def schema_of(api: Api) -> Schema:
    """Made once for each API: that takes longer than most tests."""
    return build_schema(api)


class Desk:
    """Asks an API for mutations: by Ada, unless another viewer is named."""

    def __init__(
        self,
        api: Api,
        database: Database,
        limits: Limits | None = None,
        *,
        plans: bool = True,
    ) -> None:
        self.database = database
        self.executor = Executor(
            schema_of(api),
            database,
            limits=limits or Limits(),
            plans=plans,
            masked=False,
        )
        self.statements: Sequence[str] = ()
        """The SQL of the operation before, without line breaks."""

    async def run(
        self, query: str, viewer: Viewer = ADA, /, **variables: Any
    ) -> Result:
        return await self.executor.execute(Request(query, None, variables), viewer)

    def answer(self, query: str, viewer: Viewer = ADA, /, **variables: Any) -> Any:
        """The whole response."""
        result = asyncio.run(self.run(query, viewer, **variables))
        self.statements = [" ".join(one.sql.split()) for one in result.statements]
        return json.loads(result.body)

    def data(self, query: str, viewer: Viewer = ADA, /, **variables: Any) -> Any:
        """The data of a response without errors."""
        answer = self.answer(query, viewer, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def mutate(
        self, field: str, returns: str = "", viewer: Viewer = ADA, **variables: Any
    ) -> Any:
        """The payload of one mutation field; each variable is a type and a value."""
        names = ", ".join(f"${name}: {kind}" for name, (kind, _) in variables.items())
        values = {name: value for name, (_, value) in variables.items()}
        head = f"mutation({names})" if names else "mutation"
        query = f"{head} {{ result: {field} {{ {returns} {ERRORS} }} }}"
        return self.data(query, viewer, **values)["result"]

    def create(
        self, name: str, given: Any, returns: str = "", viewer: Viewer = ADA
    ) -> Any:
        """The payload of `createName(input:)`."""
        kind = (f"Create{name}Input!", given)
        return self.mutate(f"create{name}(input: $input)", returns, viewer, input=kind)

    def update(
        self,
        name: str,
        key: int,
        given: Any,
        returns: str = "",
        viewer: Viewer = ADA,
    ) -> Any:
        """The payload of `updateName(id:, input:)`."""
        kind = (f"Update{name}Input!", given)
        field = f'update{name}(id: "{gid(name, key)}", input: $input)'
        return self.mutate(field, returns, viewer, input=kind)

    def rows(self, model: type[SQLModel], *columns: str) -> list[tuple[Any, ...]]:
        """The rows of a table, as they are in the database."""
        table = sa.inspect(model).local_table
        assert isinstance(table, sa.Table)
        chosen = [table.c[name] for name in columns] or [*table.c]
        query = sa.select(*chosen).order_by(*table.primary_key)
        with self.database.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(query)]


def problem(kind: str, *path: str) -> dict[str, Any]:
    """What is to be said of an error but for its words: the type and the path."""
    return {"__typename": kind, "path": list(path) or None}


def problems(payload: Any) -> list[dict[str, Any]]:
    """The errors of a payload without their words and codes."""
    return [problem(one["__typename"], *one["path"] or ()) for one in payload["errors"]]


__all__ = ["ANONYMOUS", "Desk", "gid", "problem", "problems"]

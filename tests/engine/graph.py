"""A GraphQL API to ask in tests, with what its database was asked in turn."""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

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


class Graph:
    """Asks an API as a viewer, by plans and by graphql-core: both must say the same.

    Errors are never masked.
    """

    def __init__(
        self, api: Api, database: Database, limits: Limits | None = None
    ) -> None:
        self.database = database
        self.schema = build_schema(api)
        self.planned, self.ordinary = (
            Executor(
                *(self.schema, database),
                limits=limits or Limits(),
                plans=plans,
                masked=False,
            )
            for plans in (True, False)
        )
        self.statements: Sequence[str] = ()
        """The SQL of the operation before, as its plan (if it has one) runs it."""

    async def run(
        self, query: str, viewer: Viewer = ANONYMOUS, /, **variables: Any
    ) -> Result:
        """Once, by a plan where there can be one."""
        return await self.planned.execute(Request(query, None, variables), viewer)

    def answer(
        self, query: str, viewer: Viewer = ANONYMOUS, /, **variables: Any
    ) -> Any:
        """The whole response."""
        planned, ordinary = asyncio.run(self._both(query, viewer, variables))
        self.statements = [execution.sql for execution in planned.statements]
        answer = json.loads(planned.body)
        assert _comparable(answer) == _comparable(json.loads(ordinary.body))
        return answer

    async def _both(
        self, query: str, viewer: Viewer, variables: dict[str, Any]
    ) -> tuple[Result, Result]:
        request = Request(query, None, variables)
        planned = await self.planned.execute(request, viewer)
        return planned, await self.ordinary.execute(request, viewer)

    def execute(
        self, query: str, viewer: Viewer = ANONYMOUS, /, **variables: Any
    ) -> Any:
        """The data of a response without errors, which a plan must have given."""
        planned = self.planned.plan_counts.get("planned", 0)
        answer = self.answer(query, viewer, **variables)
        assert "errors" not in answer, answer["errors"]
        assert self.planned.plan_counts["planned"] == planned + 1
        return answer["data"]

    def error(self, query: str, viewer: Viewer = ANONYMOUS, /, **variables: Any) -> Any:
        """The first error of the response: its code and message."""
        answer = self.answer(query, viewer, **variables)
        assert "errors" in answer, answer
        error = answer["errors"][0]
        return error["extensions"]["code"], error["message"]


def _comparable(answer: Any) -> str:
    """The response in its own order, without what no two responses share."""
    for error in answer.get("errors", ()):
        error["extensions"].pop("requestId", None)
    return json.dumps(answer)


def fill(
    database: Database, rows: Mapping[type[SQLModel], list[dict[str, Any]]]
) -> None:
    """Make all tables of the models' metadata, and these rows in them."""
    next(iter(rows)).metadata.create_all(database.engine)
    with database.engine.begin() as connection:
        for model, given in rows.items():
            connection.execute(sa.insert(sa.inspect(model).local_table), given)


def definition(schema: Any, name: str) -> str:
    """A type's SDL without descriptions."""
    text = re.sub(r'"""(.|\n)*?"""\n', "", str(schema))
    found = re.search(rf"^\w+ {name}[ {{@].*?^}}$", text, re.DOTALL | re.MULTILINE)
    assert found is not None, name
    lines = (line.strip() for line in found.group().splitlines())
    return "\n".join(line for line in lines if line)

"""Workloads: what is asked of each system, and the answer by plain SQL."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import cycle
from operator import eq
from pathlib import Path
from typing import Any

from graphql import build_client_schema, get_introspection_query

from benchmarks.dataset import POSTS
from benchmarks.load import Exchange
from benchmarks.postgres import BenchmarkError, Postgres
from benchmarks.systems import System

FOLDER = Path(__file__).parent
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
OPAQUE = ("id", "endCursor")
"""Fields whose values each system makes in its own way."""


@dataclass(frozen=True)
class Workload:
    """One operation, written for each system so that the answers are equal.

    The requests take turns with the variables. With `page_of`, the name of a field at
    the top, they ask for the page behind the first one, by the first page's cursor.
    """

    name: str
    variables: Sequence[Mapping[str, Any]] = ({},)
    page_of: str = ""

    def operation(self, schema: str) -> str:
        """The operation in the words of one schema."""
        return operation(schema, self.name)

    def exchanges(self, system: System, postgres: Postgres) -> Iterator[Exchange]:
        """The requests, without end, and their answers: they are checked already, and
        must come again, byte for byte."""
        return cycle([self._checked(one, system, postgres) for one in self.variables])

    def settle(self, answers: int, postgres: Postgres) -> None:
        """After a run with so many answers: nothing was changed."""

    def _checked(
        self, variables: Mapping[str, Any], system: System, postgres: Postgres
    ) -> Exchange:
        payload = {"query": self.operation(system.schema), "variables": variables}
        if self.page_of:
            page = _data(system.ask(payload))[self.page_of]
            after = {"after": page["pageInfo"]["endCursor"]}
            payload["variables"] = {**variables, **after}
        body = system.ask(payload)
        self.check(_data(body), variables, postgres)
        return Exchange(system.request(payload), partial(eq, body))

    def check(
        self, data: Mapping[str, Any], variables: Mapping[str, Any], postgres: Postgres
    ) -> None:
        """Raises BenchmarkError unless the data is what plain SQL finds."""
        sql = (FOLDER / "answers" / f"{self.name}.sql").read_text(encoding="utf-8")
        answer = postgres.value(sql, dict(variables))
        if plain(data) != plain(answer):
            raise BenchmarkError(
                f"{self.name}: a wrong answer\n{str(data)[:2000]}\n"
                f"where plain SQL finds\n{str(answer)[:2000]}"
            )


class Introspection(Workload):
    """What GraphiQL asks for when it is opened; each schema has its own answer."""

    def operation(self, schema: str) -> str:  # noqa: ARG002 - the same for all
        return get_introspection_query()

    def check(
        self,
        data: Mapping[str, Any],
        variables: Mapping[str, Any],  # noqa: ARG002 - there are none
        postgres: Postgres,  # noqa: ARG002 - knows no schema
    ) -> None:
        if "Post" not in build_client_schema(data).type_map:  # type: ignore[arg-type]  # a TypedDict
            raise BenchmarkError(f"{self.name}: the schema has no posts")


def operation(schema: str, name: str) -> str:
    """What stands in `operations/`."""
    return (FOLDER / "operations" / schema / f"{name}.graphql").read_text("utf-8")


READING = (
    Workload(
        "point",
        [{"slug": f"post-{number}"} for number in range(1, POSTS + 1, POSTS // 100)],
    ),
    Workload("feed", [{"first": 20}]),
    Workload("wide", [{"first": 1000}]),
    Workload("nested", [{"first": 10}]),
    Workload("filter", [{"name": "u1", "tag": "t7"}], page_of="posts"),
    Introspection("introspection"),
)


def _data(body: bytes) -> Mapping[str, Any]:
    answer = json.loads(body)
    if answer.get("errors"):
        raise BenchmarkError(f"An answer with errors: {body[:1000]!r}")
    data: Mapping[str, Any] = answer["data"]
    return data


def plain(value: Any) -> Any:
    """An answer without what is opaque, moments as such, and without the link between
    posts and tags, which not every schema hides."""
    match value:
        case {"tag": tag, **rest} if not rest:
            return plain(tag)
        case dict():
            return {
                name: plain(part) for name, part in value.items() if name not in OPAQUE
            }
        case list():
            return [plain(part) for part in value]
        case str() if MOMENT.fullmatch(value):
            return datetime.fromisoformat(value)
    return value

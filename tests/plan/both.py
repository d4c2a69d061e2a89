"""One API on two databases, by plans and by graphql-core: all four must say the same."""

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import orjson
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
)

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
from gql_app.engine.errors import EngineError
from gql_app.engine.plan.leaves import Bail
from tests.plan.inputs import Draw, Name
from tests.plan.operations import Operation, Writer

LIMITS = Limits(
    page_default=4,
    estimated_rows=10**9,
    depth=100,
    aliases=1000,
    root_fields=1000,
    statements=10**6,
    rows=10**7,
    milliseconds=60_000,
)
_SECONDS = 60
_EXCUSES = (EngineError, Bail, orjson.JSONEncodeError)
_EXTREMES: Mapping[str, Sequence[Any]] = {
    "Int": [0, 1, -1, 2**31 - 1, -(2**31)],
    "BigInt": ["0", -7, str(2**63 - 1), str(-(2**63))],
    "Float": [0, -0.0, 1e308, -1.5, 3],
    "String": ["", "a", "İ", "ẞ", "%", "😀", "e\u0301", "\U0010ffff"],
    "ID": ["UGVyc29uOjE", "!"],
    "DateTime": ["2026-03-29T01:30:00Z", "0002-01-01T00:00:00Z"],
    "Date": ["0001-01-01", "9999-12-31"],
    "Time": ["00:00:00", "23:59:59.999999"],
    "Duration": ["PT0S", "-P1D", "PT0.000001S"],
    "UUID": ["00000000-0000-0000-0000-000000000000"],
    "Decimal": ["0", "-0.0001", "99999999999999.9999", "1e3"],
    "Bytes": ["", "AA=="],
}


class Both:
    """Asks both databases, each by both paths.

    `cases` counts what was compared, `planned` what plans answered. `excused` is what
    they left: for wrong arguments of a field that graphql-core never came to, or for
    JSON that it takes more to write.
    """

    def __init__(
        self, api: Api, databases: Sequence[Database], limits: Limits = LIMITS
    ) -> None:
        schema = build_schema(api)
        self.databases = databases
        self._runner = asyncio.Runner()
        self.pairs = [
            (
                Executor(schema, database, limits=limits, masked=False),
                Executor(schema, database, limits=limits, plans=False, masked=False),
            )
            for database in databases
        ]
        self.schema = self.pairs[0][0].schema
        self.cases = self.planned = self.excused = 0
        self._reasons = _Reasons()
        self._log = logging.getLogger("gql_app.engine.plan.cache")
        self._log.addHandler(self._reasons)
        self._log.setLevel(logging.INFO)
        self._pools: dict[tuple[str, str], list[Any]] = {}
        self.cursors = cache(self._cursors)

    def close(self) -> None:
        self._log.removeHandler(self._reasons)
        self._log.setLevel(logging.NOTSET)
        self._runner.close()

    def run(self, executor: Executor, request: Request, viewer: Viewer) -> Result:
        answer = executor.execute(request, viewer, "the-request")
        return self._runner.run(asyncio.wait_for(answer, _SECONDS))

    def draw(self, draw: Draw, viewer: Viewer) -> Operation:
        """An operation whose values and cursors are partly those of rows."""

        def cursors(kind: str, name: str, arguments: str) -> Sequence[str]:
            return self.cursors(kind, name, arguments, viewer.role)

        return Writer(draw, self.schema, self.pool, cursors).operation()

    def check(self, request: Request, viewer: Viewer = ANONYMOUS) -> bytes:
        """The response; AssertionError unless both paths and both databases agree,
        and plans gave it if it has no errors."""
        bodies = [self.same(pair, request, viewer) for pair in self.pairs]
        story = request.query, request.variables, viewer
        # JSONB has no order of keys; everything else is the same to the letter.
        assert len(set(map(_sorted, bodies))) == 1, (*story, bodies)
        return bodies[0]

    def same(
        self, pair: tuple[Executor, Executor], request: Request, viewer: Viewer
    ) -> bytes:
        """As `check`, on one database."""
        planned, ordinary = pair
        before = planned.plan_counts
        self._reasons.found.clear()
        found = self.run(planned, request, viewer)
        after = planned.plan_counts
        expected = self.run(ordinary, request, viewer)
        story = request.query, request.variables, request.operation_name, viewer
        assert found.body == expected.body, (*story, found.body, expected.body)
        self.cases += 1
        if not expected.codes and self._reasons.excuse():
            self.excused += 1
        elif not expected.codes:
            gained = {key: after[key] - before.get(key, 0) for key in after}
            by_plan = {key: int(key == "planned") for key in after}
            assert gained == by_plan, (*story, self._reasons.found, found.body)
            self.planned += 1
        return expected.body

    def data(self, query: str, viewer: Viewer = ANONYMOUS) -> Any:
        """The data of a response without errors, as the first ordinary path has it."""
        result = self.run(self.pairs[0][1], Request(query), viewer)
        answer = json.loads(result.body)
        assert "errors" not in answer, answer
        return answer["data"]

    def pool(self, name: str, scalar: str) -> Sequence[Any]:
        """Values of the fields of that name, and of the scalar's own."""
        found = self._pools.get((name, scalar), ())
        return [*found, *found, *_EXTREMES.get(scalar, [None])]

    def learn(self, viewer: Viewer) -> None:
        """Remember the values of all rows that the viewer may read."""
        for kind, root in self._lists().items():
            fields = {
                name: get_named_type(field.type)
                for name, field in kind.fields.items()
                if is_leaf_type(get_named_type(field.type))
            }
            query = f"{{ {root}(first: 100) {{ nodes {{ {' '.join(fields)} }} }} }}"
            for row in self.data(query, viewer)[root]["nodes"]:
                for name, leaf in fields.items():
                    whose = f"{kind.name}.id" if name == "id" else name
                    self._remember(whose, leaf, row[name])

    def _remember(self, name: str, leaf: Any, value: Any) -> None:
        if value is None:
            return
        if isinstance(leaf, GraphQLEnumType):
            value = Name(value)
        names = [name, "id", "ids"] if name.endswith(".id") else [name]
        for key in ((one, leaf.name) for one in names):
            known = self._pools.setdefault(key, [])
            if value not in known:
                known.append(value)
        self._pools.setdefault(("first", "Int"), [0, 1, 2, 3, 5])

    def _lists(self) -> dict[GraphQLObjectType, str]:
        """The root field with all rows of a type."""
        query = self.schema.query_type
        assert query is not None
        found = {}
        for name, one in query.fields.items():
            if "first" in one.args:
                nodes = _object(one).fields["nodes"]
                found[_object(nodes)] = name
        return found

    def _cursors(
        self, kind: str, name: str, arguments: str, role: str
    ) -> Sequence[str]:
        """Whatever the role, rows differ: a cursor may be one of an unreadable row."""
        field = f"f: {name}(first: 30{arguments}) {{ edges {{ cursor }} }}"
        if kind != "Query":
            parent = self.schema.get_type(kind)
            assert isinstance(parent, GraphQLObjectType)
            root = self._lists()[parent]
            field = f"{root}(first: 100) {{ nodes {{ {field} }} }}"
        result = self.run(self.pairs[0][0], Request(f"{{ {field} }}"), Viewer(role))
        return sorted(set(_found(json.loads(result.body).get("data"))))


class _Reasons(logging.Handler):
    """Why plans gave up."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[object] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found += record.args if isinstance(record.args, tuple) else ()

    def excuse(self) -> bool:
        return any(isinstance(reason, _EXCUSES) for reason in self.found)


def _sorted(body: bytes) -> bytes:
    return orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)


def _object(field: GraphQLField) -> GraphQLObjectType:
    found = get_named_type(field.type)
    assert isinstance(found, GraphQLObjectType)
    return found


def _found(data: Any) -> list[str]:
    """The cursors anywhere in the data."""
    if isinstance(data, list):
        return [cursor for one in data for cursor in _found(one)]
    if not isinstance(data, dict):
        return []
    inner = [cursor for one in data.values() for cursor in _found(one)]
    return [*inner, *([data["cursor"]] if "cursor" in data else [])]

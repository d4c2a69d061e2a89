"""Plans of mutations: writing and reading back in one go, in one hop to a thread.

As with queries, a plan answers only what succeeds. If a field fails, everything is
rolled back, and the ordinary path says so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import GraphQLError, GraphQLObjectType, GraphQLSchema, get_named_type

from gql_app.engine.access import Scope
from gql_app.engine.documents import Operation
from gql_app.engine.entity import Entity
from gql_app.engine.pages import PageParser
from gql_app.engine.plan.arguments import Arguments
from gql_app.engine.plan.compiler import Compiler
from gql_app.engine.plan.groups import Group, Selections, UnsupportedError
from gql_app.engine.plan.leaves import Bail
from gql_app.engine.plan.plan import Plan, Prepared
from gql_app.engine.plan.roots import Constant, Root
from gql_app.engine.plan.running import Fetching, PageArguments, Run
from gql_app.engine.plan.steps import RowStep
from gql_app.engine.reading import Budget, Fetch, driven
from gql_app.engine.sdl import SPEC
from gql_app.engine.statements import Row, Statements
from gql_app.engine.transaction import Transaction
from gql_app.engine.variables import Values
from gql_app.engine.writing.context import Failed
from gql_app.engine.writing.drafts import Key
from gql_app.engine.writing.idempotency import Claim
from gql_app.engine.writing.mutations import WriteField
from gql_app.engine.writing.operation import FAILURES, errors_of
from gql_app.engine.writing.payloads import PayloadField, part_resolver
from gql_app.engine.writing.verbs import Written
from gql_app.engine.writing.writer import Writer

Part: TypeAlias = Callable[[Written, Run], Fetching[Any]]


class PlanFailedError(Exception):
    """A field has failed: which one, and why."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.key)
        self.failed = failed


@dataclass(frozen=True, slots=True)
class WriteCall:
    """A mutation field: what it writes, then the parts of its payload."""

    key: str
    spec: WriteField
    arguments: Mapping[str, Any]
    parts: Sequence[tuple[str, Part]]

    def single(self, _: Sequence[PageArguments]) -> bool:
        return False

    def describe(self) -> list[str]:
        return [f"{self.key}: {self.spec.title}"]

    def result(self, run: Run) -> Fetching[Any]:
        try:
            written = self.spec.work(run.writer, self.arguments)
        except FAILURES as error:
            raise PlanFailedError(Failed(self.key, errors_of(error))) from error
        payload: dict[str, Any] = {}
        for key, part in self.parts:
            payload[key] = yield from part(written, run)
        return payload


class MutationPlans:
    """The plans of mutations, kept with their operations."""

    def __init__(
        self, schema: GraphQLSchema, statements: Statements, pages: PageParser
    ) -> None:
        self._schema = schema
        self._statements = statements
        self._pages = pages

    def get(self, operation: Operation, variables: Values, scope: Scope) -> Plan | None:
        """The plan; None if there can't be one, such as for hand-written fields."""
        conditions = tuple(variables.get(name) for name in operation.conditions)
        key = ("mutation", scope.role, conditions)
        if key not in operation.cache:
            operation.cache[key] = self._compile(operation, variables, scope)
        found: Plan | None = operation.cache[key]
        return found

    def _compile(
        self, operation: Operation, variables: Values, scope: Scope
    ) -> Plan | None:
        mutation = self._schema.mutation_type
        assert mutation is not None
        try:
            selections = Selections(self._schema, operation, variables)
            compiler = Compiler(selections, self._statements, scope)
            roots = [
                (group.key, _root(compiler, group, mutation))
                for group in selections.root(mutation)
            ]
        except (UnsupportedError, GraphQLError, Bail):
            return None
        return Plan(compiler, roots, self._pages)


@dataclass(frozen=True, slots=True)
class PlannedWrite:
    """A prepared plan with what it runs in: all of it, in one thread."""

    prepared: Prepared
    transaction: Transaction
    writer: Writer
    claim: Claim | None
    keeping: bool
    """Whether to commit; a dry run doesn't."""

    def run(self, budget: Budget) -> bytes:
        """The response. Raises PlanFailedError, ReplayedError, and what
        `Transaction.rows` and `commit` do; then nothing is kept."""
        try:
            if self.claim is not None:
                self.claim.begin(self.writer)

            def rows(fetch: Fetch) -> Sequence[Row]:
                budget.path = fetch.path
                return self.transaction.rows(fetch.statement, fetch.values, budget)

            body = driven(self.prepared.steps(self.writer), rows)
            if self.claim is not None:
                self.claim.keep(self.writer, body)
            if self.keeping:
                self.transaction.commit()
            return body
        finally:
            self.transaction.close()


def _root(compiler: Compiler, group: Group, mutation: GraphQLObjectType) -> Root:
    if group.name == "__typename":
        constant = Constant(mutation.name)
        return lambda _: constant
    spec = None if group.field is None else group.field.extensions.get(SPEC)
    if not isinstance(spec, WriteField) or group.field is None:
        raise UnsupportedError(f"the mutation {group.name}")
    field, payload = spec, get_named_type(group.field.type)
    assert isinstance(payload, GraphQLObjectType)
    arguments = Arguments(group.field, group.node)
    parts = [
        (inner.key, _part(compiler, inner, payload))
        for inner in compiler.selections.below(group, payload)
    ]
    return lambda variables: WriteCall(group.key, field, arguments(variables), parts)


def _part(compiler: Compiler, group: Group, payload: GraphQLObjectType) -> Part:
    if group.name == "__typename":
        return _made(lambda _: payload.name)
    assert group.field is not None
    spec = group.field.extensions.get(SPEC)
    if not isinstance(spec, PayloadField):
        raise UnsupportedError(f"the field {group.name}")
    if spec.part == "errors":
        return _made(lambda _: [])
    if spec.part in ("row", "rows"):
        assert spec.entity is not None
        return _rows(compiler, group, spec.entity, many=spec.part == "rows")
    resolve = part_resolver(spec)
    return _made(lambda written: resolve(written, None))


def _made(make: Callable[[Written], Any]) -> Part:
    """A part that needs no rows."""

    def part(written: Written, _: Run) -> Fetching[Any]:
        yield from ()  # a generator, as the others are
        return make(written)

    return part


def _rows(compiler: Compiler, group: Group, entity: Entity, *, many: bool) -> Part:
    step: RowStep = compiler.rows(
        group, compiler.entity_type(entity), entity, entity.key
    )

    def read(written: Written, run: Run) -> Fetching[Any]:
        keys = [_step_key(key) for key in written.keys]
        find, _ = yield from step.below(run, list(dict.fromkeys(keys)))
        rows = [find(key, None) for key in keys]
        return [row for row in rows if row is not None] if many else rows[0]

    return read


def _step_key(key: Key) -> Any:
    """Steps take a key of one column without its tuple."""
    return key[0] if len(key) == 1 else key

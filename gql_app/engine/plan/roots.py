"""Roots: the fields of Query that a plan can answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLObjectType
from graphql.execution.values import VariableValues

from gql_app.engine.entity import Column, Entity
from gql_app.engine.fields import ConnectionField, LookupField, NodeField
from gql_app.engine.identifiers import decode_id
from gql_app.engine.limits import Limits
from gql_app.engine.lookups import lookup
from gql_app.engine.plan.arguments import Arguments
from gql_app.engine.plan.compiler import Compiler
from gql_app.engine.plan.groups import Group, UnsupportedError
from gql_app.engine.plan.leaves import bail
from gql_app.engine.plan.running import Fetching, Find, Key, PageArguments, Run
from gql_app.engine.plan.steps import PageStep, RowStep
from gql_app.engine.selections import spec_of


@dataclass(frozen=True, slots=True)
class Constant:
    """`__typename`."""

    value: str

    def statements(self, _: Sequence[PageArguments]) -> int:
        return 0

    def describe(self) -> list[str]:
        return []

    def result(self, _: Run) -> Fetching[Any]:
        yield from ()  # a generator, as the others are
        return self.value


@dataclass(frozen=True, slots=True)
class PageCall:
    """A page of all rows."""

    step: PageStep

    def statements(self, arguments: Sequence[PageArguments]) -> int:
        return self.step.statements(arguments)

    def describe(self) -> list[str]:
        return self.step.describe()

    def result(self, run: Run) -> Fetching[Any]:
        return self.step.root(run)


@dataclass(frozen=True, slots=True)
class RowCalls:
    """Rows by their keys, in the order of the result; one, unless there are `many`."""

    wanted: Sequence[tuple[RowStep, Key]]
    many: bool

    def statements(self, arguments: Sequence[PageArguments]) -> int:
        steps = {step for step, _ in self.wanted}
        return sum([step.statements(arguments) for step in steps])

    def describe(self) -> list[str]:
        steps = dict.fromkeys(step for step, _ in self.wanted)
        return [line for step in steps for line in step.describe()]

    def result(self, run: Run) -> Fetching[Any]:
        keys: dict[RowStep, dict[Key, None]] = {}
        for step, key in self.wanted:
            keys.setdefault(step, {})[key] = None
        found: dict[RowStep, Find] = {}
        for step, some in keys.items():
            found[step], _ = yield from step.below(run, list(some))
        rows = [found[step](key, None) for step, key in self.wanted]
        return rows if self.many else rows[0]


Call = Constant | PageCall | RowCalls
Root = Callable[[VariableValues], Call]
"""Turns an operation's variables into what the field has to do."""


def compile_root(
    compiler: Compiler, group: Group, query: GraphQLObjectType, limits: Limits
) -> Root:
    """The root field of the group; UnsupportedError if a plan can't answer it."""
    if group.name == "__typename":
        constant = Constant(query.name)
        return lambda _: constant
    spec = None if group.field is None else spec_of(group.field)
    if isinstance(spec, ConnectionField) and group.field is not None:
        call = PageCall(compiler.page(group, group.field, spec))
        return lambda _: call
    if isinstance(spec, LookupField | NodeField):
        return _Rows(compiler, group, spec, limits.page_max).call
    raise UnsupportedError(f"the root field {group.name}")


class _Rows:
    """Look-ups and nodes. The arguments decide what to match, and which entity it is:
    each such step is compiled when it is first asked for."""

    def __init__(
        self,
        compiler: Compiler,
        group: Group,
        spec: LookupField | NodeField,
        most: int,
    ) -> None:
        self._compiler = compiler
        self._group = group
        self._spec = spec
        self._most = most
        assert group.field is not None
        self._arguments = Arguments(group.field, group.node)
        self._steps: dict[tuple[Entity, tuple[Column, ...]], RowStep] = {}

    def call(self, variables: VariableValues) -> RowCalls:
        given = self._arguments(variables.coerced)
        if isinstance(self._spec, LookupField):
            match, key = lookup(self._spec.entity, given["by"])
            return RowCalls([self._wanted(self._spec.entity, match, key)], many=False)
        many = self._spec.many
        ids: Sequence[str] = given["ids"] if many else [given["id"]]
        if len(ids) > self._most:
            bail()
        return RowCalls([self._node(self._spec, one) for one in ids], many)

    def _node(self, spec: NodeField, id: str) -> tuple[RowStep, Key]:
        name, parts = decode_id(id)
        entity = spec.entities[name]
        return self._wanted(entity, entity.key, entity.key_values(id, parts))

    def _wanted(
        self, entity: Entity, match: tuple[Column, ...], key: tuple[Any, ...]
    ) -> tuple[RowStep, Key]:
        if (entity, match) not in self._steps:
            self._steps[entity, match] = self._compiler.rows(
                self._group, self._compiler.entity_type(entity), entity, match
            )
        return self._steps[entity, match], key[0] if len(match) == 1 else key

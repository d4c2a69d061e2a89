"""Roots: the fields of Query that a plan can answer."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from graphql import GraphQLObjectType

from gql_app.engine.entity import Column, Entity
from gql_app.engine.fields import ConnectionField, LookupField, NodeField
from gql_app.engine.identifiers import decode_id
from gql_app.engine.limits import Limits
from gql_app.engine.lookups import key_reader, lookup, matched
from gql_app.engine.plan.arguments import Arguments, single
from gql_app.engine.plan.compiler import Compiler
from gql_app.engine.plan.groups import Group, UnsupportedError
from gql_app.engine.plan.leaves import bail
from gql_app.engine.plan.running import Fetching, Find, Key, PageArguments, Run
from gql_app.engine.plan.steps import PageStep, RowStep
from gql_app.engine.selections import spec_of
from gql_app.engine.variables import Values


class Call(Protocol):
    """What a root field has to do, for one request."""

    def single(self, arguments: Sequence[PageArguments], /) -> bool:
        """Whether it is sure that there is one statement at most."""

    def describe(self) -> list[str]:
        """Its steps, a line each."""

    def result(self, run: Run, /) -> Fetching[Any]:
        """Makes the field's value."""


class Constant(NamedTuple):
    """`__typename`."""

    value: str

    def single(self, _: Sequence[PageArguments]) -> bool:
        return True

    def describe(self) -> list[str]:
        return []

    def result(self, _: Run) -> Fetching[Any]:
        yield from ()  # a generator, as the others are
        return self.value


class PageCall(NamedTuple):
    """A page of all rows."""

    step: PageStep

    def single(self, arguments: Sequence[PageArguments]) -> bool:
        return self.step.single(arguments)

    def describe(self) -> list[str]:
        return self.step.describe()

    def result(self, run: Run) -> Fetching[Any]:
        return self.step.root(run)


class RowCall(NamedTuple):
    """A row by its key."""

    step: RowStep
    key: Key

    def single(self, arguments: Sequence[PageArguments]) -> bool:
        return self.step.single(arguments)

    def describe(self) -> list[str]:
        return self.step.describe()

    def result(self, run: Run) -> Fetching[Any]:
        return self.step.root(run, self.key)


class RowCalls(NamedTuple):
    """Rows by their keys, in the order of the result."""

    wanted: Sequence[RowCall]

    def single(self, arguments: Sequence[PageArguments]) -> bool:
        steps = {call.step for call in self.wanted}
        return len(steps) <= 1 and all(step.single(arguments) for step in steps)

    def describe(self) -> list[str]:
        steps = dict.fromkeys(call.step for call in self.wanted)
        return [line for step in steps for line in step.describe()]

    def result(self, run: Run) -> Fetching[Any]:
        keys: dict[RowStep, dict[Key, None]] = {}
        for step, key in self.wanted:
            keys.setdefault(step, {})[key] = None
        found: dict[RowStep, Find] = {}
        for step, some in keys.items():
            found[step], _ = yield from step.below(run, list(some))
        return [found[step](key, None) for step, key in self.wanted]


Root = Callable[[Values], Call]
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
    if isinstance(spec, LookupField):
        return _looked_up(compiler, group, spec)
    if isinstance(spec, NodeField):
        return _Nodes(compiler, group, spec, limits.page_max).call
    raise UnsupportedError(f"the root field {group.name}")


def _looked_up(compiler: Compiler, group: Group, spec: LookupField) -> Root:
    assert group.field is not None
    rows, entity = _Rows(compiler, group), spec.entity
    by = single(group.field, group.node, "by")
    if by is None:
        arguments = Arguments(group.field, group.node)
        return lambda values: rows.call(
            entity, *lookup(entity, arguments(values)["by"])
        )
    name, get = by
    columns, read = matched(entity, name), key_reader(entity, name)
    step = rows.step(entity, columns)
    if len(columns) == 1:
        return lambda values: RowCall(step, read(get(values))[0])
    return lambda values: RowCall(step, read(get(values)))


class _Nodes:
    """`node` and `nodes`: the ids decide which entities it is about."""

    def __init__(
        self, compiler: Compiler, group: Group, spec: NodeField, most: int
    ) -> None:
        assert group.field is not None
        self._rows = _Rows(compiler, group)
        self._arguments = Arguments(group.field, group.node)
        self._spec = spec
        self._most = most

    def call(self, values: Values) -> RowCall | RowCalls:
        given = self._arguments(values)
        if not self._spec.many:
            return self._node(given["id"])
        ids: Sequence[str] = given["ids"]
        if len(ids) > self._most:
            bail()
        return RowCalls([self._node(one) for one in ids])

    def _node(self, id: str) -> RowCall:
        name, parts = decode_id(id)
        entity = self._spec.entities[name]
        return self._rows.call(entity, entity.key, entity.key_values(id, parts))


class _Rows:
    """The steps of one field, by what they match: each is compiled when it is first
    asked for."""

    def __init__(self, compiler: Compiler, group: Group) -> None:
        self._compiler = compiler
        self._group = group
        self._steps: dict[tuple[Entity, tuple[Column, ...]], RowStep] = {}

    def step(self, entity: Entity, match: tuple[Column, ...]) -> RowStep:
        found = self._steps.get((entity, match))
        if found is None:
            found = self._steps[entity, match] = self._compiler.rows(
                self._group, self._compiler.entity_type(entity), entity, match
            )
        return found

    def call(
        self, entity: Entity, match: tuple[Column, ...], key: tuple[Any, ...]
    ) -> RowCall:
        step = self.step(entity, match)
        return RowCall(step, key[0] if len(match) == 1 else key)

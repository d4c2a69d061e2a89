"""What changes between two schemas, and which operations of clients that breaks."""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    visit,
)
from graphql.utilities import (
    BreakingChange,
    BreakingChangeType,
    DangerousChange,
    SchemaChange,
    find_schema_changes,
)

from gql_app.commands.operations import ClientOperations, Problem, problem_of
from gql_app.engine.limits import Limits

_COORDINATE = re.compile(r"\w+\.\w+")


class Severity(StrEnum):
    """What a change of the schema means to clients."""

    BREAKING = "breaking"
    DANGEROUS = "dangerous"
    SAFE = "safe"


class Comparison(NamedTuple):
    """What changed, and which operations of clients no longer work."""

    changes: Sequence[SchemaChange]
    broken: Sequence[Problem]
    checked: bool
    """Whether there were operations to look at."""

    @property
    def fails(self) -> bool:
        """Known operations decide; without them, any breaking change may break one."""
        if self.checked:
            return bool(self.broken)
        return any(severity(one) is Severity.BREAKING for one in self.changes)


def severity(change: SchemaChange) -> Severity:
    if isinstance(change, BreakingChange):
        return Severity.BREAKING
    return Severity.DANGEROUS if isinstance(change, DangerousChange) else Severity.SAFE


def compare(
    old: GraphQLSchema | None,
    new: GraphQLSchema,
    operations: ClientOperations | None,
    limits: Limits,
) -> Comparison:
    """What changed. Operations that were invalid before are not broken by it; without
    an old schema all have to be valid."""
    changes = [] if old is None else find_schema_changes(old, new)
    if operations is None:
        return Comparison(changes, (), checked=False)
    # By their places alone: messages suggest names of their own schema.
    before = (
        set()
        if old is None
        else {problem[:3] for problem in operations.problems(old, limits)}
    )
    now = operations.problems(new, limits)
    broken = {problem for problem in now if problem[:3] not in before}
    if old is not None:
        broken |= set(_retyped(old, changes, operations))
    return Comparison(changes, sorted(broken), checked=True)


def _retyped(
    old: GraphQLSchema, changes: Sequence[SchemaChange], operations: ClientOperations
) -> Iterator[Problem]:
    """Where operations use a field whose type is another: they stay valid, but their
    clients will not understand what they get."""
    retyped = {
        found[0]: change.description
        for change in changes
        if change.type is BreakingChangeType.FIELD_CHANGED_KIND
        and (found := _COORDINATE.search(change.description))
    }
    for place, document in operations.documents.items():
        type_info = TypeInfo(old)
        uses = _Uses(type_info, retyped)
        visit(document, TypeInfoVisitor(type_info, uses))
        for error in uses.errors:
            yield problem_of(place, error)


class _Uses(Visitor):
    def __init__(self, type_info: TypeInfo, retyped: Mapping[str, str]) -> None:
        super().__init__()
        self.errors: list[GraphQLError] = []
        self._type_info = type_info
        self._retyped = retyped

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        parent = self._type_info.get_parent_type()
        coordinate = f"{parent}.{node.name.value}"
        if coordinate in self._retyped:
            self.errors.append(GraphQLError(self._retyped[coordinate], node))

"""What one operation may ask for, and what it asks for, known before anything runs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
    type_from_ast,
    value_from_ast_untyped,
)

from gql_app.engine.errors import LimitExceededError

# Fragments multiply: what is counted can have thousands of digits. It stops here.
CEILING = 10**12

_PAGE_ARGUMENTS = ("first", "last")
_EXCLUDED_BY = {"skip": True, "include": False}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one operation may ask for and use; the defaults are safe in public."""

    page_default: int = 20
    page_max: int = 100
    """The largest `first` or `last`."""
    document_bytes: int = 64 * 1024
    tokens: int = 2_000
    """Lexical tokens; validation may take time quadratic in them."""
    depth: int = 15
    """Fields below each other; introspection isn't counted."""
    aliases: int = 50
    root_fields: int = 20
    estimated_rows: int = 20_000
    """Page sizes multiplied down the nested connections, all added up."""
    filter_depth: int = 8
    filter_branches: int = 50
    filter_list_size: int = 1_000
    statements: int = 100
    rows: int = 50_000
    milliseconds: int = 15_000
    """Database time of the whole operation."""
    written_rows: int = 1_000
    """Rows and links that one mutation field may write."""
    write_depth: int = 5
    """Inputs nested in each other."""
    errors: int = 20
    """The most errors that one response reports."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What an operation asks for, each number at most CEILING."""

    depth: int = 0
    aliases: int = 0
    root_fields: int = 0
    estimated_rows: int = 0
    variables: frozenset[str] = frozenset()
    """The variables that the numbers depend on: none means that the cost is the
    document's, and may be remembered with it."""


def measure(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    schema: GraphQLSchema,
    variables: Mapping[str, Any],
    limits: Limits,
) -> Cost:
    """The cost of one operation, in time linear in the document.

    It needs no validated document: what validation will refuse (an unknown field, a
    cycle of fragments) counts as little as it can. Where fields are merged, each
    occurrence counts, so that the true cost is never above the measured one.
    """
    scale = _Scale(document, operation, schema, variables, limits)
    root = schema.get_root_type(operation.operation)
    weight = scale.weigh(operation.selection_set, root)
    return Cost(
        depth=weight.depth,
        aliases=weight.aliases,
        root_fields=weight.fields,
        estimated_rows=weight.rows,
        variables=frozenset(scale.variables_used),
    )


def check(cost: Cost, limits: Limits) -> None:
    """Raise LimitExceededError, naming the first limit that the cost exceeds."""
    for name in ("depth", "aliases", "root_fields", "estimated_rows"):
        found, maximum = getattr(cost, name), getattr(limits, name)
        if found > maximum:
            raise LimitExceededError(
                f"Limit exceeded: {name.replace('_', ' ')} {found}, at most {maximum}.",
                limit=name,
                maximum=maximum,
                found=found,
            )


class _Weight(NamedTuple):
    """What a selection set asks for, for each object that it is applied to."""

    depth: int = 0
    aliases: int = 0
    fields: int = 0
    rows: int = 0

    def plus(self, other: "_Weight") -> "_Weight":
        return _Weight(
            max(self.depth, other.depth),
            min(self.aliases + other.aliases, CEILING),
            min(self.fields + other.fields, CEILING),
            min(self.rows + other.rows, CEILING),
        )


_NOTHING = _Weight()


class _Scale:
    """Weighs each fragment once, before the selections that spread it."""

    def __init__(
        self,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        schema: GraphQLSchema,
        variables: Mapping[str, Any],
        limits: Limits,
    ) -> None:
        self.schema = schema
        self.limits = limits
        self.values = {**_variable_defaults(operation), **variables}
        self.variables_used: set[str] = set()
        self.fragments: dict[str, _Weight] = {}
        for fragment in _innermost_first(document, operation):
            parent = type_from_ast(schema, fragment.type_condition)
            name = fragment.name.value
            self.fragments[name] = self.weigh(fragment.selection_set, parent)

    def weigh(self, selection_set: SelectionSetNode | None, parent: Any) -> _Weight:
        """Recursion is as deep as the parser let one definition nest."""
        total = _NOTHING
        for selection in selection_set.selections if selection_set else ():
            if self.included(selection.directives):
                total = total.plus(self.weigh_selection(selection, parent))
        return total

    def weigh_selection(self, selection: SelectionNode, parent: Any) -> _Weight:
        if isinstance(selection, FieldNode):
            return self.weigh_field(selection, parent)
        if isinstance(selection, FragmentSpreadNode):
            # A fragment that spreads itself isn't weighed yet, an unknown one never.
            return self.fragments.get(selection.name.value, _NOTHING)
        assert isinstance(selection, InlineFragmentNode)
        condition = selection.type_condition
        inner = type_from_ast(self.schema, condition) if condition else parent
        return self.weigh(selection.selection_set, inner)

    def weigh_field(self, node: FieldNode, parent: Any) -> _Weight:
        field = self.field(node, parent)
        inner = get_named_type(field.type) if field else None
        below = self.weigh(node.selection_set, inner)
        aliases = min(below.aliases + (node.alias is not None), CEILING)
        if node.name.value.startswith("__"):
            # GraphiQL's introspection is deep; graphql-core limits introspection.
            return _Weight(0, aliases, 1, 0)
        size = self.page_size(node, field) if field else None
        rows = below.rows if size is None else size * (1 + below.rows)
        return _Weight(1 + below.depth, aliases, 1, min(rows, CEILING))

    def field(self, node: FieldNode, parent: Any) -> GraphQLField | None:
        if not is_composite_type(parent):
            return None
        composite: GraphQLCompositeType = parent
        return self.schema.get_field(composite, node.name.value)

    def page_size(self, node: FieldNode, field: GraphQLField) -> int | None:
        """How many rows a field asks for; None if it isn't a page of them."""
        pages = [name for name in _PAGE_ARGUMENTS if _is_int(field, name)]
        given = {
            argument.name.value: argument.value for argument in node.arguments or ()
        }
        if pages:
            sizes = [self.number(field, name, given.get(name)) for name in pages]
            size = max((size for size in sizes if size is not None), default=None)
            wanted = self.limits.page_default if size is None else size
            # More than page_max is refused where the page is read, not by its cost.
            return max(0, min(wanted, self.limits.page_max))
        if is_list_type(get_nullable_type(field.type)) and field.args:
            return max(map(self.length, given.values()), default=None)
        return None

    def number(
        self, field: GraphQLField, name: str, node: ValueNode | None
    ) -> int | None:
        value = field.args[name].default_value if node is None else self.value(node)
        return int(value) if _is_whole(value) else None

    def length(self, node: ValueNode) -> int:
        """Of a list of keys; anything else is one key."""
        if isinstance(node, ListValueNode):
            return len(node.values)
        value = self.value(node) if isinstance(node, VariableNode) else None
        return len(value) if isinstance(value, list) else 1

    def included(self, directives: Iterable[DirectiveNode] | None) -> bool:
        return not any(
            self.value(directive.arguments[0].value) is _EXCLUDED_BY[name]
            for directive in directives or ()
            if (name := directive.name.value) in _EXCLUDED_BY and directive.arguments
        )

    def value(self, node: ValueNode) -> Any:
        if isinstance(node, VariableNode):
            name = node.name.value
            self.variables_used.add(name)
            return self.values.get(name)
        return value_from_ast_untyped(node)


def _is_int(field: GraphQLField, argument: str) -> bool:
    found = field.args.get(argument)
    return found is not None and get_named_type(found.type).name == "Int"


def _is_whole(value: object) -> bool:
    """GraphQL takes 5.0 for an Int, and never a boolean."""
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


def _variable_defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    return {
        definition.variable.name.value: value_from_ast_untyped(definition.default_value)
        for definition in operation.variable_definitions or ()
        if definition.default_value is not None
    }


def _innermost_first(
    document: DocumentNode, operation: OperationDefinitionNode
) -> Iterator[FragmentDefinitionNode]:
    """The fragments that an operation reaches, each after those that it spreads.

    Without recursion: a chain of fragments can be as long as the document.
    """
    definitions = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    seen: set[str] = set()
    pending: list[tuple[FragmentDefinitionNode | None, Iterator[str]]] = [
        (None, _spreads(operation.selection_set))
    ]
    while pending:
        fragment, spreads = pending[-1]
        name = next((name for name in spreads if name not in seen), None)
        if name is None:
            pending.pop()
            if fragment is not None:
                yield fragment
            continue
        seen.add(name)
        if name in definitions:
            inner = definitions[name]
            pending.append((inner, _spreads(inner.selection_set)))


def _spreads(selection_set: SelectionSetNode) -> Iterator[str]:
    """The names of the fragments that a selection set spreads, at any depth."""
    pending: list[SelectionSetNode | None] = [selection_set]
    while pending:
        current = pending.pop()
        for selection in current.selections if current else ():
            if isinstance(selection, FragmentSpreadNode):
                yield selection.name.value
            elif isinstance(selection, FieldNode | InlineFragmentNode):
                pending.append(selection.selection_set)

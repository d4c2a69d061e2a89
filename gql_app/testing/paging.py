"""A query that has a list, made one that asks for a page of the list and checks it."""

from dataclasses import replace
from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLType,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    get_operation_ast,
    parse,
    print_ast,
    visit,
)

_PAGING = """query ($first: Int, $after: String, $last: Int, $before: String) {
  list(first: $first, after: $after, last: $last, before: $before) {
    edges { cursor }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
    nodes { id }
  }
}"""


class PagedQuery(NamedTuple):
    """A query with the variables `first`, `after`, `last` and `before`; where in its
    response the page is; whether its nodes have ids and nothing else."""

    text: str
    path: tuple[str, ...]
    only_ids: bool


def paged(query: str, schema: GraphQLSchema) -> PagedQuery:
    """The query with a page of its only list; lists within that list's rows don't count.

    Raises ValueError if it has none or several, or more than one operation.
    """
    document = parse(query, no_location=True)
    if get_operation_ast(document) is None:
        raise ValueError("The query must have one operation.")
    info = TypeInfo(schema)
    paging = _Paging(info)
    changed = visit(document, TypeInfoVisitor(info, paging))
    if len(paging.found) != 1:
        raise ValueError(f"The query must have one list; it has {len(paging.found)}.")
    path, field = paging.found[0]
    return PagedQuery(print_ast(changed), path, not _selects_nodes(field))


def is_connection(kind: GraphQLType | None) -> bool:
    """Whether a field of that type is a list in pages."""
    named = kind and get_named_type(kind)
    return isinstance(named, GraphQLObjectType) and "pageInfo" in named.fields


class _Paging(Visitor):
    """Gives each outermost list what a page takes."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.found: list[tuple[tuple[str, ...], FieldNode]] = []
        self._info = info
        self._path: list[str] = []
        self._list = 0
        """How long the path is to the list that we are in."""

    def enter_operation_definition(
        self, node: OperationDefinitionNode, *_: Any
    ) -> OperationDefinitionNode:
        own = node.variable_definitions or ()
        added = _added()[0].variable_definitions or ()
        return replace(node, variable_definitions=(*own, *added))

    def enter_field(self, node: FieldNode, *_: Any) -> FieldNode | None:
        self._path.append((node.alias or node.name).value)
        if self._list or not is_connection(self._info.get_type()):
            return None
        self._list = len(self._path)
        self.found.append((tuple(self._path), node))
        return _with_page(node)

    def leave_field(self, *_: Any) -> None:
        if self._list == len(self._path):
            self._list = 0
        self._path.pop()


def _with_page(field: FieldNode) -> FieldNode:
    added = _added()[1]
    *checked, ids = _selections(added)
    return replace(
        field,
        arguments=(*(field.arguments or ()), *(added.arguments or ())),
        selection_set=SelectionSetNode(
            selections=(
                *_selections(field),
                *checked,
                *(() if _selects_nodes(field) else (ids,)),
            )
        ),
    )


def _added() -> tuple[OperationDefinitionNode, FieldNode]:
    operation = get_operation_ast(parse(_PAGING, no_location=True))
    assert operation is not None
    (field,) = operation.selection_set.selections
    assert isinstance(field, FieldNode)
    return operation, field


def _selects_nodes(field: FieldNode) -> bool:
    return any(
        isinstance(one, FieldNode) and (one.alias or one.name).value == "nodes"
        for one in _selections(field)
    )


def _selections(field: FieldNode) -> tuple[SelectionNode, ...]:
    return field.selection_set.selections if field.selection_set else ()

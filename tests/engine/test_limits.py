"""The cost of an operation: what counts, and that counting takes linear time."""

from dataclasses import replace
from typing import Any

import pytest
from graphql import (
    OperationDefinitionNode,
    build_schema,
    get_introspection_query,
    parse,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from gql_app.engine.errors import LimitExceededError
from gql_app.engine.limits import CEILING, Cost, Limits, check, measure

SCHEMA = build_schema(
    """
    interface Node { id: ID! }
    type Query {
      node(id: ID!): Node
      nodes(ids: [ID!]!): [Node]!
      posts(first: Int, after: String, last: Int): PostConnection!
      newest(first: Int): [Post!]!
    }
    type PostConnection { nodes: [Post!]! edges: [PostEdge!]! totalCount: Int! }
    type PostEdge { cursor: String! node: Post! }
    type Post implements Node {
      id: ID!
      title: String!
      author: User
      comments(first: Int, last: Int): CommentConnection!
    }
    type CommentConnection { nodes: [Comment!]! }
    type Comment { id: ID! author: User }
    type User { name: String! }
    """
)
LIMITS = Limits()


def cost(query: str, **variables: Any) -> Cost:
    document = parse(query)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return measure(document, operation, SCHEMA, variables, LIMITS)


@pytest.mark.parametrize(
    ("query", "depth"),
    [
        ("{ __typename }", 0),
        ('{ node(id: "1") { id } }', 2),
        ("{ posts { nodes { author { name } } } }", 4),
        ("{ ... { ... on Query { posts { totalCount } } } }", 2),
        (
            "{ ...F } fragment F on Query { posts { nodes { ...P } } } "
            "fragment P on Post { author { name } }",
            4,
        ),
        ("{ posts { totalCount } ...F } fragment F on Query { __typename }", 2),
    ],
)
def test_depth_is_of_fields_through_fragments(query: str, depth: int) -> None:
    assert cost(query).depth == depth


def test_introspection_has_no_depth() -> None:
    query = get_introspection_query(one_of=True, input_value_deprecation=True)

    found = cost(query)

    assert found == Cost(depth=0, aliases=0, root_fields=1, estimated_rows=0)


def test_aliases_and_root_fields_are_counted_as_often_as_fragments_spread_them() -> (
    None
):
    found = cost(
        """
        { a: __typename ...F ... on Query { ...F } }
        fragment F on Query { x: posts { n: totalCount } __typename }
        """
    )

    assert (found.aliases, found.root_fields) == (1 + 2 * 2, 1 + 2 * 2)


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("{ posts { totalCount } }", 20),
        ("{ posts(first: 5) { nodes { title } } }", 5),
        ("{ posts(last: 5) { nodes { title } } }", 5),
        ("{ posts(first: null, last: 7) { nodes { title } } }", 7),
        ("{ newest(first: 3) { title } }", 3),
        ("{ posts(first: 5) { nodes { author { name } } } }", 5),
        ("{ posts(first: 5) { nodes { comments(first: 3) { nodes { id } } } } }", 20),
        (
            "{ posts(first: 5) { edges { node { ...C } } } } "
            "fragment C on Post { comments(last: 3) { nodes { id } } }",
            20,
        ),
        ("{ a: posts(first: 5) { totalCount } b: posts { totalCount } }", 25),
        ('{ nodes(ids: ["1", "2"]) { id } }', 2),
        ('{ nodes(ids: "1") { id } }', 1),
        (
            '{ node(id: "1") { ... on Post { comments(first: 9) { nodes { id } } } } }',
            9,
        ),
        ("{ posts(first: -3) { totalCount } }", 0),
        ("{ posts(first: 100000) { totalCount } }", 100),
    ],
)
def test_rows_are_page_sizes_multiplied_down_and_added_up(
    query: str, rows: int
) -> None:
    assert cost(query).estimated_rows == rows


@pytest.mark.parametrize(
    ("value", "rows"),
    [(7, 7), (7.0, 7), (None, 20), (True, 20), ("7", 20), (10**40, 100), ([], 20)],
    ids=repr,
)
def test_rows_with_a_variable_page_size(value: object, rows: int) -> None:
    found = cost("query ($n: Int) { posts(first: $n) { totalCount } }", n=value)

    assert found.estimated_rows == rows
    assert found.variables == {"n"}


def test_rows_with_the_default_of_a_variable() -> None:
    query = "query ($n: Int = 8) { posts(first: $n) { totalCount } }"

    assert cost(query).estimated_rows == 8
    assert cost(query, n=3).estimated_rows == 3


def test_rows_with_keys_in_a_variable() -> None:
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"

    assert cost(query, ids=["1"] * 1000).estimated_rows == 1000
    assert cost(query, ids="1").estimated_rows == 1


def test_rows_of_what_is_skipped_are_not_counted() -> None:
    query = """
      query ($yes: Boolean!, $no: Boolean!) {
        a: posts(first: 1) @include(if: $yes) { totalCount }
        b: posts(first: 2) @include(if: $no) { totalCount }
        c: posts(first: 4) @skip(if: $yes) { totalCount }
        ... @skip(if: $no) { d: posts(first: 8) { totalCount } }
        ...F @include(if: false)
      }
      fragment F on Query { e: posts(first: 16) { totalCount } }
    """

    found = cost(query, yes=True, no=False)

    assert found.estimated_rows == 1 + 8
    assert found.variables == {"yes", "no"}


def test_cost_without_variables_belongs_to_the_document() -> None:
    query = "query ($id: ID!) { node(id: $id) { id } posts(first: 2) { totalCount } }"

    assert cost(query, id="1").variables == frozenset()


@pytest.mark.parametrize(
    "query",
    [
        "{ ...A } fragment A on Query { posts { ...B } } fragment B on X { y { ...A } }",
        "{ ...Missing unknown { deeper(first: 5) { x } } }",
        "{ posts @include { totalCount } }",
        "{ posts(first: $undefined, wrong: 5) { title { too { far } } } }",
        "mutation { createPost { id } }",
        "subscription { __typename posts { id } }",
    ],
)
def test_invalid_documents_are_measured_all_the_same(query: str) -> None:
    assert cost(query).root_fields <= 2


def doubling(levels: int) -> str:
    """1 KB of fragments that stand for 2**levels fields."""
    fragments = [
        f"fragment F{n} on Post {{ a: author {{ name }} ...F{n + 1} ...F{n + 1} }}"
        for n in range(levels)
    ]
    last = f"fragment F{levels} on Post {{ comments {{ nodes {{ x: id }} }} }}"
    return "\n".join(["{ posts { nodes { ...F0 } } }", *fragments, last])


def test_doubling_fragments_are_counted_exactly() -> None:
    found = cost(doubling(3))

    assert found.aliases == 2**3 + (1 + 2 + 4)
    assert found.estimated_rows == 20 * (1 + 2**3 * 20)


def test_doubling_fragments_are_measured_in_linear_time_up_to_a_ceiling() -> None:
    found = cost(doubling(5_000))

    assert found.aliases == CEILING
    assert found.estimated_rows == CEILING


def test_a_chain_of_fragments_as_long_as_the_document_is_measured() -> None:
    chain = [f"fragment F{n} on Post {{ ...F{n + 1} }}" for n in range(20_000)]
    query = "\n".join(
        ["{ posts { nodes { ...F0 } } }", *chain, "fragment F20000 on Post { id }"]
    )

    assert cost(query).depth == 3


def test_the_deepest_document_that_parses_is_measured() -> None:
    levels = 150
    query = "{ ..." * levels + "{ __typename }" + "}" * levels

    assert cost(query).root_fields == 1


@pytest.mark.parametrize("name", ["depth", "aliases", "root_fields", "estimated_rows"])
def test_check_names_the_limit_its_value_and_what_it_found(name: str) -> None:
    three: dict[str, Any] = {name: 3}
    four: dict[str, Any] = {name: 4}
    limits = replace(LIMITS, **three)

    check(replace(Cost(), **three), limits)
    with pytest.raises(LimitExceededError) as raised:
        check(replace(Cost(), **four), limits)

    assert raised.value.extensions == {
        "code": "LIMIT_EXCEEDED",
        "limit": name,
        "maximum": 3,
        "found": 4,
    }
    assert "4" in raised.value.message
    assert "3" in raised.value.message


def test_default_limits_admit_a_screen_full_and_refuse_a_hundred_full_pages() -> None:
    feed = """
      { posts(first: 100) { edges { cursor node { title author { name }
          comments(first: 100) { nodes { id author { name } } } } } } }
    """
    pages = "{" + "".join(
        f"p{n}: posts(first: 100) {{ totalCount }}" for n in range(100)
    )

    check(cost(feed), LIMITS)
    with pytest.raises(LimitExceededError):
        check(cost(pages + "}"), LIMITS)


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.sampled_from(["id", "a: id", "__typename", "...F", "... on Post { id }"]),
        lambda inner: st.lists(inner, min_size=1, max_size=4).map(
            lambda parts: f"c: comments(first: 2) {{ nodes {{ {' '.join(parts)} }} }}"
        ),
    )
)
def test_cost_never_shrinks_when_a_selection_is_added(selection: str) -> None:
    fragment = "fragment F on Post { comments(first: 3) { nodes { id } } }"
    less = cost(f"{{ posts {{ nodes {{ id }} }} }} {fragment}")

    more = cost(f"{{ posts {{ nodes {{ id {selection} }} }} }} {fragment}")

    assert more.depth >= less.depth
    assert more.aliases >= less.aliases
    assert more.estimated_rows >= less.estimated_rows

"""Variables: the short way to their values says what graphql-core says."""

from typing import Any

import pytest
from graphql import OperationDefinitionNode, build_schema, parse
from graphql.execution.values import get_variable_values

from gql_app.engine.variables import Variables

SCHEMA = build_schema(
    """
    enum Color { RED GREEN }
    input Point { x: Int! y: Int = 2 }
    type Query { a: Int }
    """
)
DEFINITIONS = (
    "$v: Int",
    "$v: Int!",
    "$v: Int = 7",
    "$v: Int! = 7",
    "$v: String!",
    "$v: ID",
    "$v: Float",
    "$v: Boolean!",
    "$v: Color",
    "$v: Color = GREEN",
    "$v: [Int!]",
    "$v: Point",
    "$v: Nothing",
    "$v: Int, $w: String!",
)
VALUES: tuple[dict[str, Any], ...] = (
    {},
    {"v": None},
    {"v": 1},
    {"v": 2**40},
    {"v": 1.5},
    {"v": "text"},
    {"v": "RED"},
    {"v": "BLUE"},
    {"v": True},
    {"v": [1, 2]},
    {"v": [1, None]},
    {"v": {"x": 1}},
    {"v": {"z": 1}},
    {"v": 1, "w": "two", "unknown": 3},
)


@pytest.mark.parametrize("given", VALUES, ids=str)
@pytest.mark.parametrize("definitions", DEFINITIONS)
def test_values_and_errors_are_those_of_graphql_core(
    definitions: str, given: dict[str, Any]
) -> None:
    operation = parse(f"query ({definitions}) {{ a }}").definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    nodes = operation.variable_definitions or ()
    expected = get_variable_values(SCHEMA, nodes, given, max_errors=5)

    found = Variables(SCHEMA, nodes).coerced(given, 5)

    if isinstance(expected, list):
        assert isinstance(found, list)
        assert [str(error) for error in found] == [str(error) for error in expected]
    else:
        assert found == expected.coerced

"""Filters: every operator of every scalar, against the same worked out in Python."""

import operator
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings, strategies

from gql_app.engine.identifiers import encode_id
from gql_app.engine.values import dump_duration
from tests.engine.graph import Graph
from tests.engine.samples import WORDS, sample_rows


def lower(text: str) -> str:
    """Lower case, character by character."""
    return "".join(character.lower()[0] for character in text)


TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
    "in": lambda value, several: value in several,
    "contains": lambda value, part: part in value,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "iEq": lambda value, other: lower(value) == lower(other),
    "iContains": lambda value, part: lower(part) in lower(value),
    "iStartsWith": lambda value, part: lower(value).startswith(lower(part)),
    "iEndsWith": lambda value, part: lower(value).endswith(lower(part)),
}
COMPLEMENTS = {"ne": "eq", "notIn": "in"}

EQUALITY = ("eq", "ne", "in", "notIn")
COMPARISON = (*EQUALITY, "lt", "lte", "gt", "gte")
OPERATORS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("small", "big", "ratio", "price", "exact", "token"), COMPARISON),
    **dict.fromkeys(("moment", "naive", "day", "clock", "span"), COMPARISON),
    **dict.fromkeys(("kind", "mood"), EQUALITY),
    **dict.fromkeys(("flag", "raw"), ("eq", "ne")),
    "word": (*COMPARISON, *(name for name in TESTS if name not in COMPARISON)),
    "localWord": ("lt", "gte", "startsWith", "iContains"),
}


def passes(name: str, value: Any, operand: Any) -> bool:
    """Two-valued: a comparison with null is false; ne and notIn are complements."""
    if name in COMPLEMENTS:
        return not passes(COMPLEMENTS[name], value, operand)
    if value is None or operand is None:
        return name == "eq" and value is operand
    return TESTS[name](value, operand)


def as_json(value: Any) -> Any:
    """The value as a client writes it in variables."""
    match value:
        case list():
            return [as_json(item) for item in value]
        case datetime():
            return value.replace(tzinfo=UTC).isoformat()
        case date() | time():
            return value.isoformat()
        case timedelta():
            return dump_duration(value)
        case Decimal() | UUID():
            return str(value)
        case Enum():
            return value.name
        case bytes():
            return {b"": "", b"\x00": "AA==", b"\xff\xfe": "//4=", b"abc": "YWJj"}[
                value
            ]
    return str(value) if isinstance(value, int) and abs(value) > 2**31 else value


def matching(
    samples: Graph, kind: str, field: str, conditions: list[dict[str, Any]]
) -> list[list[str]]:
    """The ids of the samples that pass each of the conditions."""
    found: list[list[str]] = []
    for start in range(0, len(conditions), 20):
        asked = conditions[start : start + 20]
        declared = ", ".join(f"$w{place}: {kind}Filter" for place in range(len(asked)))
        fields = " ".join(
            f"a{place}: samples(first: 100, orderBy: [{{id: ASC}}],"
            f" where: {{{field}: $w{place}}}) {{ nodes {{ id }} }}"
            for place in range(len(asked))
        )
        variables = {f"w{place}": one for place, one in enumerate(asked)}
        data = samples.execute(f"query ({declared}) {{ {fields} }}", **variables)
        found += [
            [node["id"] for node in data[f"a{place}"]["nodes"]]
            for place in range(len(asked))
        ]
    return found


KINDS = {
    "small": "Int",
    "big": "BigInt",
    "ratio": "Float",
    "flag": "Boolean",
    "word": "String",
    "localWord": "String",
    "kind": "Kind",
    "mood": "Mood",
    "price": "Decimal",
    "exact": "Decimal",
    "token": "UUID",
    "raw": "Bytes",
    "moment": "DateTime",
    "naive": "DateTime",
    "day": "Date",
    "clock": "Time",
    "span": "Duration",
}


@pytest.mark.parametrize("field", OPERATORS)
def test_operators_pass_the_rows_that_python_passes(samples: Graph, field: str) -> None:
    column = "local_word" if field == "localWord" else field
    rows = sample_rows()
    present = {row[column] for row in rows} - {None}
    values = sorted(present, key=str)[:12] if field != "word" else WORDS
    for name in OPERATORS[field]:
        operands: list[Any] = [*values, *([None] if name in ("eq", "ne") else [])]
        if name in ("in", "notIn"):
            operands = [[], *[[value] for value in values[:2]], values[1:4], values]

        found = matching(
            *(samples, KINDS[field], field),
            [{name: as_json(operand)} for operand in operands],
        )

        for operand, got in zip(operands, found, strict=True):
            wanted = [row for row in rows if passes(name, row[column], operand)]
            assert got == [encode_id("Sample", [str(row["id"])]) for row in wanted], (
                f"{field} {name} {operand!r}"
            )


@pytest.mark.parametrize("field", [*KINDS, "data"])
def test_is_null_tells_nulls_apart(samples: Graph, field: str) -> None:
    column = "local_word" if field == "localWord" else field
    rows = sample_rows()

    nulls, others = matching(
        samples, KINDS.get(field, "JSON"), field, [{"isNull": True}, {"isNull": False}]
    )

    assert len(nulls) == sum(row[column] is None for row in rows)
    assert len(nulls) + len(others) == len(rows)
    assert not set(nulls) & set(others)


@pytest.mark.parametrize(
    ("text", "operator_name", "value", "expected"),
    [
        ("İ", "iEq", "i", True),
        ("i", "iEq", "İ", True),
        ("ı", "iEq", "I", False),  # noqa: RUF001  # on purpose
        ("ẞ", "iEq", "ß", True),
        ("ß", "iContains", "ẞ", True),
        ("ß", "iEq", "ss", False),
        ("Σ", "iEq", "ς", False),
        ("Σ", "iEq", "σ", True),  # noqa: RUF001  # on purpose
        ("É", "iStartsWith", "é", True),
        ("b%", "contains", "%", True),
        ("ba", "contains", "b%", False),
        ("b_", "endsWith", "_", True),
        ("ba", "startsWith", "b_", False),
        ("b\\", "endsWith", "\\", True),
        ("b'\"", "contains", "'\"", True),
        ("$1 :v0 %s %(v0)s", "eq", "$1 :v0 %s %(v0)s", True),
        ("$1 :v0 %s %(v0)s", "contains", "%(v0)s", True),
        ("\U0010ffff", "startsWith", "\U0010ffff", True),
        ("", "startsWith", "", True),
        ("a", "endsWith", "aa", False),
    ],
)
def test_text_operators_fold_case_and_know_no_wildcards(
    samples: Graph, text: str, operator_name: str, value: str, expected: bool
) -> None:
    data = samples.execute(
        """query ($where: SampleWhere) {
          samples(first: 100, where: $where) { nodes { word } } }""",
        where={"word": {operator_name: value}},
    )

    found = {node["word"] for node in data["samples"]["nodes"]}
    assert (text in found) is expected


COMPARED: dict[str, list[Any]] = {
    "small": [0, 7, None],
    "word": ["a", "", None],
    "flag": [True, None],
    "price": [Decimal("0.1")],
}
LEAVES = strategies.sampled_from(
    [
        (field, name, value)
        for field, values in COMPARED.items()
        for name in ("eq", "ne", "gt", "lte")
        for value in values
        if name in OPERATORS[field] and (value is not None or name in ("eq", "ne"))
    ]
)
TREES = strategies.recursive(
    LEAVES,
    lambda inner: strategies.one_of(
        strategies.tuples(strategies.just("not"), inner),
        strategies.tuples(
            strategies.sampled_from(["and", "or"]), strategies.lists(inner, max_size=3)
        ),
    ),
    max_leaves=8,
)


def where_of(tree: Any) -> Any:
    match tree:
        case ("not", inner):
            return {"not": where_of(inner)}
        case (("and" | "or") as name, parts):
            return {name: [where_of(part) for part in parts]}
    field, name, value = tree
    return {field: {name: as_json(value)}}


def holds(tree: Any, row: dict[str, Any]) -> bool:
    match tree:
        case ("not", inner):
            return not holds(inner, row)
        case ("and", parts):
            return all(holds(part, row) for part in parts)
        case ("or", parts):
            return any(holds(part, row) for part in parts)
    field, name, value = tree
    return passes(name, row[field], value)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(tree=TREES)
def test_combinations_have_two_valued_logic(samples: Graph, tree: Any) -> None:
    data = samples.execute(
        """query ($where: SampleWhere) {
          samples(first: 100, where: $where, orderBy: [{id: ASC}]) {
            totalCount nodes { id } } }""",
        where=where_of(tree),
    )

    wanted = [row for row in sample_rows() if holds(tree, row)]
    expected = [encode_id("Sample", [str(row["id"])]) for row in wanted]
    assert [node["id"] for node in data["samples"]["nodes"]] == expected
    assert data["samples"]["totalCount"] == len(expected)

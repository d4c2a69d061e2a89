"""Cursors: read only by the list, order and filter that wrote them."""

import base64
from typing import Any

import orjson
import pytest

from gql_app.engine import ANONYMOUS, Api, Database, Executor, Viewer, build_schema
from gql_app.engine.cursors import CursorCodec, binding
from gql_app.engine.order import parse_order
from tests.engine.graph import Graph, fill
from tests.engine.samples import Sample, sample_api, sample_rows
from tests.engine.walking import ids

PAGE = """query ($after: String, $before: String, $order: [PaperOrder!],
    $where: PaperWhere) {
  papers(first: 5, after: $after, before: $before, orderBy: $order, where: $where) {
    edges { cursor node { id } } } }"""


def cursor_of(graph: Graph, **variables: Any) -> str:
    return str(graph.execute(PAGE, **variables)["papers"]["edges"][2]["cursor"])


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"order": [{"title": "DESC"}]},
        {"order": [{"title": "ASC_NULLS_FIRST"}]},
        {"order": [{"pages": "ASC"}]},
        {"order": [{"title": "ASC"}, {"pages": "ASC"}]},
        {"order": [{"author": {"name": "ASC"}}]},
        {"order": [{"title": "ASC"}], "where": {"pages": {"gt": 1}}},
        {"order": [{"title": "ASC"}], "where": {}},
    ],
)
@pytest.mark.parametrize("side", ["after", "before"])
def test_cursors_of_another_order_or_filter_are_refused(
    graph: Graph, other: Any, side: str
) -> None:
    cursor = cursor_of(graph, order=[{"title": "ASC"}])

    code, _ = graph.error(PAGE, **other, **{side: cursor})

    assert code == "INVALID_CURSOR"


def test_cursors_are_bound_to_the_values_of_a_filter(graph: Graph) -> None:
    cursor = cursor_of(graph, where={"pages": {"gt": 1}})

    assert graph.execute(PAGE, where={"pages": {"gt": 1}}, after=cursor)
    assert graph.error(PAGE, where={"pages": {"gt": 2}}, after=cursor)[0] == (
        "INVALID_CURSOR"
    )


def test_cursors_are_bound_to_the_relation_of_an_order(graph: Graph) -> None:
    cursor = cursor_of(graph, order=[{"author": {"name": "ASC"}}])

    code, _ = graph.error(PAGE, order=[{"reviewer": {"name": "ASC"}}], after=cursor)

    assert code == "INVALID_CURSOR"


def test_cursors_of_another_list_are_refused(graph: Graph) -> None:
    nested = """query ($after: String) { people(first: 100) { nodes {
      written(first: 1, after: $after) { edges { cursor } } } } }"""
    cursor = cursor_of(graph)

    assert graph.error(nested, after=cursor)[0] == "INVALID_CURSOR"


def test_literal_and_variable_filters_share_cursors(graph: Graph) -> None:
    cursor = cursor_of(graph, where={"title": {"eq": "On trees"}})
    literal = """query ($after: String) { papers(first: 5, after: $after,
      where: {title: {eq: "On trees"}}) { edges { cursor } } }"""

    assert graph.execute(literal, after=cursor)


def test_cursors_of_rows_deleted_since_still_mark_their_place(
    own_graph: Graph,
) -> None:
    papers = own_graph.execute(PAGE, order=[{"title": "ASC"}])["papers"]["edges"]
    rest = own_graph.execute(PAGE, order=[{"title": "ASC"}], after=papers[2]["cursor"])
    number = int(base64.b64decode(papers[2]["node"]["id"] + "==").split(b":")[1])
    with own_graph.database.engine.begin() as connection:
        for table in ("note", "like", "papertopic"):
            connection.exec_driver_sql(
                f'DELETE FROM "{table}" WHERE paper_id = {number}'
            )
        connection.exec_driver_sql(f"DELETE FROM paper WHERE id = {number}")

    after = own_graph.execute(PAGE, order=[{"title": "ASC"}], after=papers[2]["cursor"])

    assert ids(after["papers"]) == ids(rest["papers"])


def forged(api: Api, order: Any, values: list[Any], key: bytes = b"") -> str:
    """A cursor for the root list of samples with values of the forger's choosing."""
    (entity,) = api.entities
    keys = parse_order(entity, order)
    codec = CursorCodec(key, binding("Query.samples", keys, None), keys)
    dumped = orjson.dumps(values)
    return base64.urlsafe_b64encode(codec._seal(dumped) + dumped).decode()


SAMPLES = "query ($after: String) { samples(first: 1, after: $after) { nodes { id } } }"


@pytest.mark.parametrize(
    "values",
    [
        [],
        ["text"],
        [1, 2],
        [[1]],
        [{"a": 1}],
        [True],
        [1.5],
        [2**63],
        ["\x00"],
        [None, None],
    ],
    ids=repr,
)
def test_sealed_cursors_with_values_of_another_type_are_refused(
    samples: Graph, values: list[Any]
) -> None:
    cursor = forged(sample_api(), None, values)

    assert samples.error(SAMPLES, after=cursor)[0] == "INVALID_CURSOR"


def test_cursors_sealed_with_another_key_are_refused(database_url: str) -> None:
    database = Database(database_url)
    try:
        fill(database, {Sample: sample_rows()})
        graph = Graph(sample_api(), database)
        graph.planned, graph.ordinary = (
            Executor(
                build_schema(sample_api()),
                database,
                cursor_key=b"secret",
                plans=plans,
            )
            for plans in (True, False)
        )

        assert graph.execute(SAMPLES, after=forged(sample_api(), None, [1], b"secret"))
        for key in (b"", b"other"):
            cursor = forged(sample_api(), None, [1], key)
            assert graph.error(SAMPLES, after=cursor)[0] == "INVALID_CURSOR"
    finally:
        database.close()


def test_cursors_show_no_more_than_their_order(graph: Graph) -> None:
    cursor = cursor_of(graph, order=[{"author": {"name": "ASC"}}])
    viewers = (ANONYMOUS, Viewer("admin"))

    hidden = [
        edge["cursor"]
        for viewer in viewers
        for edge in graph.execute(
            PAGE, viewer, order=[{"author": {"passport": {"number": "DESC"}}}]
        )["papers"]["edges"]
    ]

    assert len(base64.urlsafe_b64decode(cursor)) < 40
    assert all(b"null" in base64.urlsafe_b64decode(one) for one in hidden[:5])
    assert any(b'"P' in base64.urlsafe_b64decode(one) for one in hidden[5:])

"""Values at the edges of their types: read, compared, paged and found alike."""

from typing import Any

import pytest

from gql_app.engine import Database
from gql_app.engine.identifiers import encode_id
from tests.engine.gauges import Gauge, Reading, gauge_rows, gauges, moment
from tests.engine.graph import Graph
from tests.engine.walking import Key, List, in_order
from tests.plan.conftest import fill
from tests.writing.desk import Desk, problem, problems

WHERE = "query ($w: GaugeWhere) { gauges(where: $w) { totalCount nodes { id } } }"


@pytest.fixture
def graph(own_database: Database) -> Graph:
    """Reads the gauges."""
    fill(own_database, {Gauge: gauge_rows(), Reading: []})
    return Graph(gauges(), own_database)


@pytest.fixture
def desk(graph: Graph) -> Desk:
    """Writes gauges."""
    return Desk(gauges(), graph.database)


def given(**values: Any) -> dict[str, Any]:
    """The input of a new gauge."""
    new = {"id": key("new"), "at": "2030-01-01T00:00:00Z", "mail": "new", "price": "5"}
    return new | values


def key(text: str) -> str:
    """The id of a gauge."""
    return encode_id("Gauge", [text])


@pytest.mark.parametrize(
    "condition",
    ["eq: 1e999", "ne: -1e999", "lt: 1e999", "in: [1e999]", "notIn: [1, -1e999]"],
)
def test_filters_refuse_infinity(graph: Graph, condition: str) -> None:
    query = f"{{ gauges(where: {{level: {{{condition}}}}}) {{ nodes {{ id }} }} }}"

    assert graph.error(query) == ("BAD_USER_INPUT", "A finite number is needed.")


def test_infinity_is_refused_after_null_was_answered(graph: Graph) -> None:
    query = """query ($x: Float = 1e999) {
      gauges(where: {level: {eq: $x}}) { totalCount } }"""

    graph.execute(query, x=None)

    assert graph.error(query) == ("BAD_USER_INPUT", "A finite number is needed.")


@pytest.mark.parametrize(
    "value", ["level: 1e999", "factor: 1e999", "data: {a: [1e999]}", "data: -1e999"]
)
def test_infinity_is_not_stored(desk: Desk, value: str) -> None:
    new = f'id: "{key("n")}", at: "2030-01-01T00:00:00Z", mail: "n", price: "5"'

    made = desk.mutate(f"createGauge(input: {{{new}, {value}}})")
    changed = desk.mutate(f'updateGauge(id: "{key("a")}", input: {{{value}}})')

    wrong = [problem("ValidationError", "input", value.split(":")[0])]
    assert (problems(made), problems(changed)) == (wrong, wrong)
    assert len(desk.rows(Gauge)) == len(gauge_rows())


@pytest.mark.parametrize("direction", ["ASC", "DESC", "DESC_NULLS_FIRST"])
@pytest.mark.parametrize("name", ["level", "amount", "ratio", "rough", "id"])
def test_lists_are_walked_once(graph: Graph, name: str, direction: str) -> None:
    """In an order of infinities, of plain decimals, or of text keys."""
    rows = in_order(
        gauge_rows(),
        [Key(lambda row: row[name], direction)],
        lambda row: row["id"],
    )
    expected = [key(row["id"]) for row in rows]

    gauges = List(graph, "GaugeOrder", "gauges LIST", ("gauges",))

    gauges.check(expected, (1, 3), [{name: direction}])


def test_null_in_json_is_null(graph: Graph, desk: Desk) -> None:
    """However it came to be stored."""
    desk.create("Gauge", given(data=None))
    query = "query ($w: GaugeWhere) { gauges(where: $w) { nodes { data } } }"

    every, null, other, neither = (
        [one["data"] for one in graph.execute(query, w=where)["gauges"]["nodes"]]
        for where in (
            {},
            {"data": {"isNull": True}},
            {"data": {"isNull": False}},
            {"not": {"data": {"isNull": True}}},
        )
    )

    assert (len(every), null) == (11, [None] * 5)
    assert other == neither == [one for one in every if one is not None]


@pytest.mark.parametrize("batch", [False, True])
def test_null_is_stored_as_null(desk: Desk, batch: bool) -> None:
    """Whether it is sent, left out, or set later."""
    other = {"at": "2030-01-02T00:00:00Z", "mail": "o", "price": "6", "data": [1]}
    news = [given(id=key("n"), data=None), given(id=key("o"), **other)]
    if batch:
        kind = ("[CreateGaugeInput!]!", news)
        desk.mutate("createGauges(inputs: $inputs)", inputs=kind)
    else:
        for new in news:
            desk.create("Gauge", new)

    desk.mutate(f'updateGauge(id: "{key("o")}", input: {{data: null}})')

    with desk.database.engine.connect() as connection:
        query = "SELECT count(*) FROM gauge WHERE id IN ('n', 'o') AND data IS NULL"
        assert connection.exec_driver_sql(query).scalar() == 2


LOOKUPS: dict[str, tuple[str, str | None]] = {
    "a naive moment": ('{at: "2026-01-02T00:00:00Z"}', "B"),
    "a naive moment in another zone": ('{at: "2026-01-02T01:00:00+01:00"}', "B"),
    "what its type changes": ('{mail: "M1@X"}', "B"),
    "a rounded decimal": ('{price: "1.01"}', "B"),
    "a decimal with more places": ('{price: "1.014"}', None),
}


@pytest.mark.parametrize("case", LOOKUPS)
def test_rows_are_found_by_what_comes_back_otherwise(graph: Graph, case: str) -> None:
    by, found = LOOKUPS[case]
    expected = None if found is None else {"id": key(found)}

    for other in ('mail: "M2@x"', 'at: "2026-01-03T00:00:00Z"', 'price: "1.02"'):
        data = graph.execute(
            f"{{ one: gauge(by: {by}) {{ id }} two: gauge(by: {{{other}}}) {{ id }} }}"
        )
        assert data == {"one": expected, "two": {"id": key("a")}}


def test_nodes_are_found_by_naive_moments(graph: Graph) -> None:
    rows = [{"mail": f"m{n}", "at": moment(n), "value": n} for n in range(3)]
    fill(graph.database, {Reading: rows})
    listed = graph.execute("{ readings { nodes { id value } } }")["readings"]["nodes"]
    ids = [one["id"] for one in listed]

    query = """query ($ids: [ID!]!, $id: ID!) {
      nodes(ids: $ids) { ... on Reading { value } }
      node(id: $id) { ... on Reading { value } } }"""
    found = graph.execute(query, ids=ids, id=ids[2])

    assert found["nodes"] == [{"value": one["value"]} for one in listed]
    assert found["node"] == {"value": listed[2]["value"]}


@pytest.mark.parametrize("many", [1, 3])
def test_keys_that_come_back_otherwise_are_created(desk: Desk, many: int) -> None:
    rows = [
        {"mail": f"M{n}", "at": f"2026-01-0{n + 1}T00:00:00Z", "value": n}
        for n in range(many)
    ]

    made = desk.mutate(
        "createReadings(inputs: $inputs)",
        "readings { mail value }",
        inputs=("[CreateReadingInput!]!", rows),
    )

    assert made["errors"] == []
    assert made["readings"] == [{"mail": f"m{n}", "value": n} for n in range(many)]
    kept = desk.rows(Reading, "mail", "at", "value")
    assert kept == [(f"m{n}", moment(n), n) for n in range(many)]


def test_references_may_be_what_comes_back_otherwise(desk: Desk) -> None:
    made = desk.create("Notice", {"mail": "M1@X"}, "notice { mail }")
    missing = desk.create("Notice", {"mail": "M11@X"}, "notice { mail }")

    assert made == {"notice": {"mail": "m1@x"}, "errors": []}
    assert problems(missing) == [problem("NotFoundError", "input", "mail")]


def test_lists_of_rows_with_several_key_columns_are_emptied(desk: Desk) -> None:
    rows = [{"mail": "m", "at": moment(n), "gauge_id": "a"} for n in range(2)]
    fill(desk.database, {Reading: rows})

    changed = desk.mutate(
        f'updateGauge(id: "{key("a")}", input: {{readings: {{set: []}}}})',
        "gauge { readings { totalCount } }",
    )

    assert changed == {"gauge": {"readings": {"totalCount": 0}}, "errors": []}


def test_durations_beyond_a_column_are_refused(graph: Graph) -> None:
    """SQLite keeps an interval as a date."""
    is_sqlite = graph.database.dialect.name == "sqlite"

    answer = graph.answer(WHERE, w={"length": {"lt": "P99999999D"}})

    codes = [one["extensions"]["code"] for one in answer.get("errors", ())]
    assert codes == (["BAD_USER_INPUT"] if is_sqlite else [])


@pytest.mark.parametrize(("value", "fits"), [(2**15 - 1, True), (2**15, False)])
def test_small_integers_have_16_bits(desk: Desk, value: int, fits: bool) -> None:
    made = desk.create("Gauge", given(small=value))

    wrong = [] if fits else [problem("ValidationError", "input", "small")]
    assert problems(made) == wrong


def test_long_keys_have_ids_that_are_found(graph: Graph, desk: Desk) -> None:
    long = key("é:" * 1000)
    desk.create("Gauge", given(id=long))

    found = graph.execute("query ($id: ID!) { node(id: $id) { id } }", id=long)

    assert found == {"node": {"id": long}}


def test_long_texts_have_cursors_that_are_read(graph: Graph, desk: Desk) -> None:
    desk.create("Gauge", given(mail="z" * 10_000))
    gauges = List(graph, "GaugeOrder", "gauges LIST", ("gauges",))

    last = gauges.page([{"mail": "ASC"}], last=1)
    before = gauges.page([{"mail": "ASC"}], last=1, before=last["edges"][0]["cursor"])

    assert last["edges"][0]["node"] == {"id": key("new")}
    assert before["edges"][0]["node"] == {"id": key("9")}


def test_decimals_too_large_for_a_list_are_refused(graph: Graph) -> None:
    code, _ = graph.error(WHERE, w={"price": {"in": ["1e300"]}})

    assert code == "BAD_USER_INPUT"
    where = {"price": {"in": ["9e280", "1.01"]}}
    assert graph.execute(WHERE, w=where)["gauges"]["totalCount"] == 1

"""What a viewer may not read is NULL to them: no answer differs from that of a database
which has NULL in its place."""

from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gql_app.engine import Database, Request
from gql_app.testing.postgres import PostgresServer
from tests.plan.both import Both
from tests.plan.conftest import ELSEWHERE, fill, fuzzing
from tests.plan.staff import TOLD, company
from tests.plan.staff_rows import VIEWERS, censored, fill_loosely, staff_rows


@pytest.fixture(scope="module")
def empty(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer
) -> Iterator[list[list[Database]]]:
    """For the company as it is, and as each viewer sees it: a database of each kind."""
    urls = [postgres.create_database() for _ in range(1 + len(VIEWERS))]
    elsewhere = [url.update_query_dict(ELSEWHERE) for url in urls]
    pairs = [
        [
            Database(f"sqlite:///{tmp_path_factory.mktemp('staff')}/staff.sqlite3"),
            Database(url.render_as_string(hide_password=False)),
        ]
        for url in elsewhere
    ]
    yield pairs
    for pair in pairs:
        for database in pair:
            database.close()
    for url in urls:
        postgres.drop_database(url)


@pytest.fixture(scope="module")
def company_graph(empty: list[list[Database]]) -> Iterator[Both]:
    """The company, with readers."""
    for database in empty[0]:
        fill(database, staff_rows())
    graph = Both(company(), empty[0])
    graph.learn(VIEWERS["admin"])
    yield graph
    graph.close()


@pytest.fixture(scope="module")
def censored_graphs(empty: list[list[Database]]) -> Iterator[Mapping[str, Both]]:
    """For each viewer, a company without what they may not read, and without readers."""
    graphs = {}
    for (name, viewer), pair in zip(VIEWERS.items(), empty[1:], strict=True):
        for database in pair:
            fill_loosely(database, censored(viewer))
        graphs[name] = Both(company(TOLD), pair)
    yield graphs
    for graph in graphs.values():
        graph.close()


@fuzzing(80)
@given(st.data())
def test_hidden_columns_are_as_null(
    company_graph: Both, censored_graphs: Mapping[str, Both], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(list(VIEWERS)))
    viewer = VIEWERS[name]
    drawn_by = VIEWERS[data.draw(st.sampled_from(["admin", name]))]
    operation = company_graph.draw(
        lambda *ends: data.draw(st.integers(*ends)), drawn_by
    )

    for variables in operation.variables:
        request = Request(operation.text, operation.name, variables)

        found = company_graph.check(request, viewer)

        expected = censored_graphs[name].check(request, viewer)
        assert found == expected, (name, request.query, request.variables)

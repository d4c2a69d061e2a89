"""Generated operations: plans and graphql-core give the same bytes, on both databases."""

from hypothesis import given
from hypothesis import strategies as st

from gql_app.engine import ANONYMOUS, Request, Viewer
from tests.plan.both import Both
from tests.plan.conftest import fuzzing

MUSEUM = [ANONYMOUS, Viewer("guest", {"number": 1}), Viewer("curator"), Viewer("guest")]
LIBRARY = [ANONYMOUS, Viewer("reader", {"id": 3}), Viewer("admin"), Viewer("reader")]
PUBLISHING = [
    ANONYMOUS,
    Viewer("reader", {"id": 2}),
    Viewer("author", {"id": 1}),
    Viewer("editor", {"id": 3}),
    Viewer("admin", {"id": 4}),
]


def agree(graph: Both, data: st.DataObject, viewers: list[Viewer]) -> None:
    """Draw an operation, and run it as two viewers, with several sets of variables:
    the second and later ones find its plan in the cache."""
    one, other = (
        data.draw(st.sampled_from(viewers)),
        data.draw(st.sampled_from(viewers)),
    )
    operation = graph.draw(lambda *ends: data.draw(st.integers(*ends)), one)
    for viewer in dict.fromkeys(map(id, (one, other))):
        for variables in operation.variables:
            request = Request(operation.text, operation.name, variables)
            graph.check(request, one if viewer == id(one) else other)


@fuzzing(50)
@given(st.data())
def test_museum_operations_agree(museum_graph: Both, data: st.DataObject) -> None:
    agree(museum_graph, data, MUSEUM)


@fuzzing(50)
@given(st.data())
def test_library_operations_agree(library_graph: Both, data: st.DataObject) -> None:
    agree(library_graph, data, LIBRARY)


@fuzzing(40)
@given(st.data())
def test_publishing_operations_agree(
    publishing_graph: Both, data: st.DataObject
) -> None:
    agree(publishing_graph, data, PUBLISHING)


def test_most_operations_were_planned(
    museum_graph: Both, library_graph: Both, publishing_graph: Both
) -> None:
    """Those above: few of them were errors, or had something that plans leave."""
    for graph in (museum_graph, library_graph, publishing_graph):
        assert graph.planned >= 0.7 * graph.cases
        assert graph.excused <= 0.1 * graph.cases

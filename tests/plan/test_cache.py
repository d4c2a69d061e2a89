"""Where plans are kept: bounded, one per role and condition, safe for many at once."""

import asyncio
import gc
import threading
import weakref
from typing import Any

import pytest

from gql_app.engine import (
    ANONYMOUS,
    Database,
    Executor,
    Request,
    Result,
    Viewer,
    build_schema,
)
from tests.engine.library_rows import library_rows
from tests.engine.models import library
from tests.plan.both import LIMITS
from tests.plan.conftest import fill

ADMIN = Viewer("admin")
PAPERS = (
    "{ papers(first: 100) { nodes { title author { name } notes { totalCount } } } }"
)


@pytest.fixture(scope="module")
def filled(databases: list[Database]) -> list[Database]:
    for database in databases:
        fill(database, library_rows())
    return databases


@pytest.fixture(params=["sqlite", "postgresql"])
def executor(request: pytest.FixtureRequest, filled: list[Database]) -> Executor:
    """One whose plans are all still to be made."""
    database = filled[request.param == "postgresql"]
    return Executor(build_schema(library()), database, limits=LIMITS, masked=False)


def ask(
    executor: Executor, query: str, viewer: Viewer = ANONYMOUS, **variables: Any
) -> Result:
    return asyncio.run(executor.execute(Request(query, None, variables), viewer))


def kept(executor: Executor, query: str) -> dict[Any, Any]:
    """What is remembered of the operation."""
    return executor._documents.operation(query, None, {}).cache


def test_an_operation_is_compiled_once(executor: Executor) -> None:
    bodies = {ask(executor, PAPERS).body for _ in range(3)}

    assert len(bodies) == 1
    assert len(kept(executor, PAPERS)) == 1
    assert executor.plan_counts["planned"] == 3


def test_roles_never_share_a_plan(executor: Executor) -> None:
    by_admin, by_anyone, by_reader = (
        ask(executor, PAPERS, viewer)
        for viewer in (ADMIN, ANONYMOUS, Viewer("reader", {"id": 3}))
    )

    assert by_admin.body != by_anyone.body
    assert by_admin.statements[0].sql != by_anyone.statements[0].sql
    assert by_reader.statements[0].sql != by_anyone.statements[0].sql
    assert len(kept(executor, PAPERS)) == 3


def test_claims_share_a_plan_and_no_rows(executor: Executor) -> None:
    query = "{ passports { nodes { number } } }"

    results = [ask(executor, query, Viewer("reader", {"id": one})) for one in (1, 4, 1)]

    assert results[0].body == results[2].body != results[1].body
    assert len({result.statements[0].sql for result in results}) == 1
    assert len(kept(executor, query)) == 1


def test_conditions_have_plans_of_their_own(executor: Executor) -> None:
    query = """query ($a: Boolean!, $b: Boolean! = true, $size: Int) {
        papers(first: $size) { nodes { id title @skip(if: $a) pages @include(if: $b) } }
    }"""

    bodies = {
        ask(executor, query, a=a, b=b, size=size).body
        for a in (True, False)
        for b in (True, False)
        for size in (1, 2, 3)
    }

    assert len(bodies) == 12
    assert len(kept(executor, query)) == 4


def test_conditions_are_bounded(executor: Executor) -> None:
    names = [f"c{number}" for number in range(8)]
    fields = " ".join(f"{name}: title @include(if: ${name})" for name in names)
    query = f"""query ({", ".join(f"${name}: Boolean! = true" for name in names)}) {{
        papers(first: 1) {{ nodes {{ id {fields} }} }}
    }}"""

    for number in range(2**8):
        values = {name: bool(number >> bit & 1) for bit, name in enumerate(names)}
        ask(executor, query, ANONYMOUS, **values)

    assert executor.plan_counts == {"planned": 2**8, "unsupported": 0, "bailed": 0}
    assert len(kept(executor, query)) <= 65


def test_operations_are_bounded(executor: Executor) -> None:
    for number in range(1100):
        executor._documents.operation(
            f"{{ a{number}: papers {{ totalCount }} }}", None, {}
        )

    assert executor._documents._parsed.cache_info().currsize == 1024


def test_what_has_no_plan_is_remembered(executor: Executor) -> None:
    query = '{ __type(name: "Paper") { name } papers(first: 1) { nodes { id } } }'

    for _ in range(3):
        assert not ask(executor, query).codes

    assert executor.plan_counts == {"planned": 0, "unsupported": 3, "bailed": 0}
    assert len(kept(executor, query)) == 1


def test_introspection_is_remembered_for_its_variables(executor: Executor) -> None:
    query = "query ($name: String!) { __type(name: $name) { name } }"

    bodies = [ask(executor, query, name=name).body for name in ("Paper", "Person")]

    assert bodies == [
        b'{"data":{"__type":{"name":"%s"}}}' % name for name in (b"Paper", b"Person")
    ]
    assert len(kept(executor, query)) == 2


def test_a_null_condition_is_an_error_on_both_paths(executor: Executor) -> None:
    query = """query ($b: Boolean = true) { papers { totalCount @skip(if: $b) } }"""

    assert ask(executor, query, b=None).codes
    assert not ask(executor, query).codes


def test_many_ids_are_refused(executor: Executor) -> None:
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"

    refused = ask(executor, query, ids=["UGVyc29uOjE"] * 101)

    assert refused.codes == ("LIMIT_EXCEEDED",)
    assert not ask(executor, query, ids=["UGVyc29uOjE"] * 100).codes


def test_many_at_once_have_their_own_answers(executor: Executor) -> None:
    """Concurrent operations of several texts and viewers, compiled meanwhile."""
    asked = [
        (
            f"{{ papers(first: {size}) {{ nodes {{ title notes {{ totalCount }} }} }} }}",
            v,
        )
        for size in range(1, 9)
        for v in (ANONYMOUS, ADMIN, Viewer("reader", {"id": size}))
    ] * 4

    async def everything() -> list[Result]:
        requests = (executor.execute(Request(text), viewer) for text, viewer in asked)
        return await asyncio.gather(*requests)

    found = asyncio.run(everything())

    for (text, viewer), result in zip(asked, found, strict=True):
        assert result.body == ask(executor, text, viewer).body
    assert executor.plan_counts["planned"] == 2 * len(asked)


def test_many_threads_have_their_own_answers(executor: Executor) -> None:
    """Each with an event loop of its own, all beginning with the same new operations."""
    ids = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Paper { notes { totalCount } } ... on Person { written(first: 2) { nodes { title } } } } }"
    people = [row.removeprefix("x") for row in ("UGVyc29uOjE", "UGFwZXI6MQ")]
    bodies: list[set[bytes]] = [set(), set()]
    start = threading.Barrier(8)

    def work(number: int) -> None:
        start.wait()
        for turn in range(10):
            bodies[0].add(ask(executor, PAPERS).body)
            order = people if (number + turn) % 2 else people[::-1]
            found = ask(executor, ids, ids=order).body
            bodies[1].add(found if order == people else b"reversed" + found)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [len(found) for found in bodies] == [1, 2]
    assert executor.plan_counts["bailed"] == 0


@pytest.mark.parametrize(
    "text", [PAPERS, "{ papers { nodes { title } } __schema { types { name } } }"]
)
def test_operations_are_freed_without_the_garbage_collector(
    executor: Executor, text: str
) -> None:
    asyncio.run(executor.execute(Request(text)))
    operation = executor._documents.operation(text, None, {})
    made = [weakref.ref(one) for one in (operation.document, *operation.cache.values())]
    gc.collect()  # validation leaves cycles of its own behind
    gc.disable()
    try:
        del operation
        executor._documents._parsed.cache_clear()

        assert [one() for one in made] == [None] * len(made)
    finally:
        gc.enable()

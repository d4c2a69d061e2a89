"""Idempotency keys: a request that is sent again is answered as it was before."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from gql_app.engine import Database, Executor, Request, Result, Viewer
from gql_app.engine.writing import idempotency
from tests.writing import models as m
from tests.writing.desk import Desk, schema_of
from tests.writing.magazine import magazine
from tests.writing.models import ADA, BOB


@pytest.fixture
def kept(database: Database) -> sa.Table:
    metadata = sa.MetaData()
    table = idempotency.table(metadata)
    metadata.create_all(database.engine)
    return table


def _send(
    database: Database, kept: sa.Table, name: str, key: str, viewer: Viewer = ADA
) -> Result:
    executor = Executor(schema_of(magazine()), database, kept=kept)
    query = (
        "mutation($name: String!) { createLabel(input: {name: $name}) "
        "{ label { name } errors { message } } }"
    )
    request = Request(query, None, {"name": name}, idempotency_key=key)
    return asyncio.run(executor.execute(request, viewer))


def test_a_key_gives_the_same_response_again(
    desk: Desk, database: Database, kept: sa.Table
) -> None:
    first = _send(database, kept, "new", "k1")
    second = _send(database, kept, "new", "k1")

    assert second.body == first.body
    assert second.executed
    assert len(desk.rows(m.Label)) == 4


def test_a_key_is_for_one_request_of_one_viewer(
    desk: Desk, database: Database, kept: sa.Table
) -> None:
    _send(database, kept, "new", "k1")

    other = _send(database, kept, "newer", "k1")
    by_bob = _send(database, kept, "newest", "k1", BOB)

    assert (other.executed, other.codes) == (False, ("CONFLICT",))
    assert by_bob.codes == ()
    assert len(desk.rows(m.Label)) == 5


BOTH = """mutation A { createLabel(input: {name: "a"}) { label { name } } }
mutation B { createLabel(input: {name: "b"}) { label { name } } }"""
FIRST = Request(BOTH, "A", idempotency_key="k")


@pytest.mark.parametrize(
    "other",
    [
        FIRST._replace(query=BOTH.replace('"b"', '"c"')),
        FIRST._replace(operation_name="B"),
    ],
    ids=["document", "operation"],
)
def test_a_key_is_for_one_operation_of_one_document(
    desk: Desk, database: Database, kept: sa.Table, other: Request
) -> None:
    executor = Executor(schema_of(magazine()), database, kept=kept)
    asyncio.run(executor.execute(FIRST, ADA))

    result = asyncio.run(executor.execute(other, ADA))

    assert result.codes == ("CONFLICT",)
    assert len(desk.rows(m.Label)) == 4


def test_a_key_is_for_one_role(desk: Desk, database: Database, kept: sa.Table) -> None:
    _send(database, kept, "new", "k1")

    result = _send(database, kept, "newer", "k1", Viewer("editor", ADA.claims))

    assert result.codes == ()
    assert len(desk.rows(m.Label)) == 5


def test_a_dry_run_takes_no_key(desk: Desk, database: Database, kept: sa.Table) -> None:
    executor = Executor(schema_of(magazine()), database, kept=kept)
    dry = FIRST._replace(query=BOTH.replace("mutation A", "mutation A @dryRun"))

    results = [asyncio.run(executor.execute(one, ADA)) for one in (dry, FIRST, dry)]

    assert [one.codes for one in results] == [(), (), ()]


def test_a_key_of_a_failed_request_is_free(
    desk: Desk, database: Database, kept: sa.Table
) -> None:
    failed = _send(database, kept, "sql", "k1")
    again = _send(database, kept, "fresh", "k1")

    assert b"has this name already" in failed.body
    assert b"fresh" in again.body


def test_a_malformed_key_is_refused(database: Database, kept: sa.Table) -> None:
    assert _send(database, kept, "new", "\n").codes == ("BAD_USER_INPUT",)


def test_keys_are_refused_where_none_are_kept(desk: Desk) -> None:
    request = Request(
        'mutation { deleteArticle(id: "x") { deletedId } }', idempotency_key="k"
    )

    result = asyncio.run(desk.executor.execute(request, ADA))

    assert result.codes == ("BAD_REQUEST",)


def test_one_request_sent_many_times_at_once_is_done_once(
    desk: Desk, database: Database, kept: sa.Table
) -> None:
    executor = Executor(schema_of(magazine()), database, kept=kept)
    request = Request(
        'mutation { createLabel(input: {name: "once"}) { label { name } } }',
        idempotency_key="k",
    )

    async def all_at_once() -> list[Result]:
        sent = (executor.execute(request, ADA) for _ in range(10))
        return list(await asyncio.gather(*sent))

    bodies = {result.body for result in asyncio.run(all_at_once())}

    assert bodies == {b'{"data":{"createLabel":{"label":{"name":"once"}}}}'}


def test_old_keys_are_forgotten(desk: Desk, database: Database, kept: sa.Table) -> None:
    _send(database, kept, "new", "k1")

    with database.engine.begin() as connection:
        soon = datetime.now(UTC) + timedelta(minutes=1)
        assert idempotency.forget(connection, kept, soon) == 1

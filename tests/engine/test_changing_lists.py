"""Lists that change while they are walked: rows that stay appear exactly once."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from gql_app.engine import Database
from gql_app.engine.identifiers import encode_id
from tests.engine.graph import Graph, fill
from tests.engine.samples import Sample, sample_api, sample_rows
from tests.engine.walking import List, ids

TABLE = sa.inspect(Sample).local_table
ORDERS: list[Any] = [
    [{"small": "ASC"}],
    [{"word": "DESC_NULLS_FIRST"}],
    [{"flag": "DESC"}, {"day": "ASC_NULLS_FIRST"}],
    None,
]


def change(database: Database, randomly: random.Random, stay: set[int]) -> None:
    """Delete some rows that needn't stay, and insert some others."""
    assert isinstance(TABLE, sa.Table)
    rows = sample_rows()
    with database.engine.begin() as connection:
        present = set(connection.scalars(sa.select(TABLE.c.id)))
        leaving = randomly.sample(sorted(present - stay), min(3, len(present - stay)))
        connection.execute(sa.delete(TABLE).where(TABLE.c.id.in_(leaving)))
        free = sorted(set(range(1, 400)) - present)
        connection.execute(
            sa.insert(TABLE),
            [
                {**randomly.choice(rows), "id": number}
                for number in randomly.sample(free, 4)
            ],
        )


def pages(listed: List, backward: bool, order: Any) -> Iterator[Any]:
    """Each page of five that the one before says there is."""
    cursor = None
    while True:
        if backward:
            page = listed.page(order, last=5, before=cursor)
            more, cursor = "hasPreviousPage", page["pageInfo"]["startCursor"]
        else:
            page = listed.page(order, first=5, after=cursor)
            more, cursor = "hasNextPage", page["pageInfo"]["endCursor"]
        yield page
        if not page["pageInfo"][more]:
            return


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_rows_that_stay_are_seen_exactly_once(
    own_database: Database, order: Any, backward: bool
) -> None:
    fill(own_database, {Sample: sample_rows()})
    graph = Graph(sample_api(), own_database)
    randomly = random.Random(5)
    stay = {row["id"] for row in sample_rows()[::2]}
    walked = List(graph, "SampleOrder", "samples LIST", ("samples",))
    seen: list[str] = []

    for number, page in enumerate(pages(walked, backward, order)):
        seen += ids(page)
        if number < 12:  # or else it might never end
            change(own_database, randomly, stay)

    assert len(seen) == len(set(seen))
    assert {encode_id("Sample", [str(number)]) for number in stay} <= set(seen)

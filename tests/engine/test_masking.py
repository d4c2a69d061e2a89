"""Defects of ours: the log has them, and the client gets the request's id."""

import asyncio
import json

import pytest

from gql_app.engine import Database, Executor, Request
from tests.writing.desk import schema_of
from tests.writing.magazine import magazine
from tests.writing.models import ADA

OPERATIONS = [
    "{ labels { nodes { name } } }",
    'mutation { createLabel(input: {name: "x"}) { label { name } } }',
]
TABLE = "label"


@pytest.mark.parametrize("query", OPERATIONS, ids=["query", "mutation"])
def test_a_defect_is_logged_once_and_tells_clients_nothing(
    own_database: Database, caplog: pytest.LogCaptureFixture, query: str
) -> None:
    """There is no table."""
    executor = Executor(schema_of(magazine()), own_database)

    result = asyncio.run(executor.execute(Request(query), ADA, "the-id"))

    (error,) = json.loads(result.body)["errors"]
    assert error["message"] == "Internal server error (request the-id)."
    assert error["extensions"] == {
        "code": "INTERNAL_SERVER_ERROR",
        "requestId": "the-id",
    }
    (record,) = [one for one in caplog.records if one.levelname == "ERROR"]
    assert "the-id" in record.getMessage()
    assert TABLE in caplog.text


@pytest.mark.parametrize("query", OPERATIONS, ids=["query", "mutation"])
def test_a_defect_is_told_where_nothing_is_masked(
    own_database: Database, query: str
) -> None:
    executor = Executor(schema_of(magazine()), own_database, masked=False)

    result = asyncio.run(executor.execute(Request(query), ADA))

    (error,) = json.loads(result.body)["errors"]
    assert TABLE in error["message"]
    assert result.codes == ("INTERNAL_SERVER_ERROR",)

"""Persisted and trusted documents, over HTTP and in their stores."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from gql_app.engine.errors import ConfigurationError
from gql_app.http.documents import (
    Documents,
    RecentDocuments,
    TrustedDocuments,
    hash_of,
)
from gql_app.http.endpoint import Options
from tests.http.small import SmallExecutor, client

EVENTS = "text/event-stream"
ROLE = "{ role }"
ANSWER = {"data": {"role": "anonymous"}}


def persisted(query: str, **changes: Any) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": hash_of(query), **changes}}


def serving(documents: Documents) -> TestClient:
    return client(options=Options(documents=documents))


def trusted(*, only: bool = False) -> TestClient:
    store = TrustedDocuments({hash_of(ROLE): ROLE})
    documents = Documents(trusted=store, recent=RecentDocuments(), only_trusted=only)
    return serving(documents)


def outcome(response: Any) -> tuple[int, str, str]:
    (error,) = response.json()["errors"]
    return response.status_code, error["extensions"]["code"], error["message"]


def test_hash_is_the_one_that_clients_compute() -> None:
    assert hash_of("{__typename}") == (
        "ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38"
    )


def test_unknown_hash_is_not_found_then_persisted_with_its_document() -> None:
    http = client()

    missed = http.post("/graphql", json={"extensions": persisted(ROLE)})
    sent = http.post("/graphql", json={"query": ROLE, "extensions": persisted(ROLE)})
    known = http.post("/graphql", json={"extensions": persisted(ROLE)})
    url = {"extensions": json.dumps(persisted(ROLE))}
    by_get = http.get("/graphql", params=url)

    assert outcome(missed) == (
        200,
        "PERSISTED_QUERY_NOT_FOUND",
        "PersistedQueryNotFound",
    )
    assert missed.headers["cache-control"] == "no-store"
    assert sent.json() == known.json() == by_get.json() == ANSWER
    assert by_get.headers["etag"]


def test_miss_by_get_is_not_stored() -> None:
    url = {"extensions": json.dumps(persisted(ROLE))}

    response = client().get("/graphql", params=url)

    assert outcome(response)[1] == "PERSISTED_QUERY_NOT_FOUND"
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "extensions",
    [
        persisted("{ other }"),
        persisted(ROLE, version=2),
        persisted(ROLE, sha256Hash="abc"),
        persisted(ROLE, sha256Hash=hash_of(ROLE).upper()),
        persisted(ROLE, sha256Hash=None),
        {"persistedQuery": 1},
        {"persistedQuery": []},
    ],
    ids=str,
)
def test_hash_that_is_not_the_documents_is_refused(extensions: dict[str, Any]) -> None:
    parameters = {"query": ROLE, "extensions": extensions}

    response = client().post("/graphql", json=parameters)

    assert outcome(response)[:2] == (400, "BAD_REQUEST")


@pytest.mark.parametrize("accept", ["application/json", EVENTS])
@pytest.mark.parametrize("query", ["{", "{ unknown }", "query ($x: Int!) { role }"])
def test_document_that_cannot_run_is_not_persisted(query: str, accept: str) -> None:
    http = client()
    parameters = {"query": query, "extensions": persisted(query)}

    http.post("/graphql", json=parameters, headers={"accept": accept})
    again = http.post("/graphql", json={"extensions": persisted(query)})

    assert outcome(again)[1] == "PERSISTED_QUERY_NOT_FOUND"


def test_document_that_runs_is_persisted_by_an_event_stream() -> None:
    http = client()
    parameters = {"query": ROLE, "extensions": persisted(ROLE)}

    http.post("/graphql", json=parameters, headers={"accept": EVENTS})
    again = http.post("/graphql", json={"extensions": persisted(ROLE)})

    assert again.json() == ANSWER


def test_client_learns_that_nothing_is_persisted_here() -> None:
    http = serving(Documents())

    response = http.post("/graphql", json={"extensions": persisted(ROLE)})

    assert outcome(response) == (400, "BAD_REQUEST", "PersistedQueryNotSupported")


@pytest.mark.parametrize("only", [False, True])
def test_trusted_document_is_run_by_its_id(only: bool) -> None:
    by_id = {"documentId": f"sha256:{hash_of(ROLE)}"}

    posted = trusted(only=only).post("/graphql", json=by_id)
    got = trusted(only=only).get("/graphql", params=by_id)
    by_apollo = trusted(only=only).post(
        "/graphql", json={"extensions": persisted(ROLE)}
    )

    assert posted.json() == got.json() == by_apollo.json() == ANSWER


@pytest.mark.parametrize("only", [False, True])
def test_unknown_document_id_is_not_found(only: bool) -> None:
    by_id = {"documentId": f"sha256:{hash_of('{ other }')}"}

    response = trusted(only=only).post("/graphql", json=by_id)

    assert outcome(response)[:2] == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "document_id",
    ["", "sha256:", "sha256:abc", hash_of(ROLE), f"md5:{hash_of(ROLE)}", "feed"],
)
def test_document_id_of_another_form_is_refused(document_id: str) -> None:
    response = trusted().post("/graphql", json={"documentId": document_id})

    assert outcome(response)[:2] == (400, "BAD_REQUEST")


def test_document_and_document_id_together_are_refused() -> None:
    both = {"query": ROLE, "documentId": f"sha256:{hash_of(ROLE)}"}

    assert outcome(trusted().post("/graphql", json=both))[0] == 400


def test_only_trusted_documents_run_where_only_they_are_accepted() -> None:
    executor = SmallExecutor()
    store = TrustedDocuments({hash_of(ROLE): ROLE})
    options = Options(
        documents=Documents(trusted=store, recent=RecentDocuments(), only_trusted=True)
    )
    http = client(executor, options=options)
    other = "{ hello }"

    refused = [
        http.post("/graphql", json={"query": other}),
        http.get("/graphql", params={"query": other}),
        http.post("/graphql", json={"query": other, "extensions": persisted(other)}),
    ]
    asked = http.post("/graphql", json={"extensions": persisted(other)})
    same_text = http.post("/graphql", json={"query": ROLE})

    assert {outcome(response)[:2] for response in refused} == {(403, "FORBIDDEN")}
    assert outcome(asked)[2] == "PersistedQueryNotSupported"
    assert same_text.json() == ANSWER
    assert [request.query for request in executor.requests] == [ROLE]


def test_recent_documents_are_bounded_in_number_least_recently_used_first() -> None:
    async def scenario() -> list[str | None]:
        recent = RecentDocuments(entries=2)
        await recent.add("a", "{ a }")
        await recent.add("b", "{ b }")
        await recent.get("a")
        await recent.add("c", "{ c }")
        return [await recent.get(digest) for digest in "abc"]

    assert asyncio.run(scenario()) == ["{ a }", None, "{ c }"]


def test_recent_documents_are_bounded_in_size() -> None:
    async def scenario() -> list[str | None]:
        recent = RecentDocuments(characters=100)
        await recent.add("a", "x" * 60)
        await recent.add("a", "x" * 60)
        await recent.add("b", "x" * 40)
        await recent.add("c", "x" * 41)
        await recent.add("d", "x" * 101)
        await recent.add("e", "x" * 100)
        return [await recent.get(digest) for digest in "abcde"]

    assert asyncio.run(scenario()) == [None, None, None, None, "x" * 100]


def test_directory_is_read_with_its_subdirectories_and_to_the_byte(
    tmp_path: Path,
) -> None:
    text = "# Ünï\r\nquery Role { role }\n"
    (tmp_path / "role").mkdir()
    (tmp_path / "role" / "a.graphql").write_bytes(text.encode())
    (tmp_path / "notes.txt").write_text("not a document")

    store = TrustedDocuments.from_directory(tmp_path)

    assert len(store) == 1
    assert asyncio.run(store.get(hash_of(text))) == text


def test_directory_that_is_missing_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such directory"):
        TrustedDocuments.from_directory(tmp_path / "missing")


def test_document_that_is_not_utf8_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "a.graphql").write_bytes(b"\xff")

    with pytest.raises(ConfigurationError, match=r"a\.graphql: is not UTF-8"):
        TrustedDocuments.from_directory(tmp_path)

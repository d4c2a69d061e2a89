"""Probes for orchestrators: alive, and ready."""

import asyncio
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.testclient import TestClient

from gql_app.http.probes import CheckReady, probe_routes


def client(check_ready: CheckReady) -> TestClient:
    return TestClient(Starlette(routes=probe_routes(check_ready, seconds=0.01)))


async def nothing_missing() -> Sequence[str]:
    return []


async def old_schema() -> Sequence[str]:
    return ["migrations are not at head"]


async def broken() -> Sequence[str]:
    raise ConnectionError("postgresql://user:secret@host")


async def endless() -> Sequence[str]:
    await asyncio.Event().wait()
    return []


def test_health_does_not_ask_whether_all_is_ready() -> None:
    response = client(broken).get("/health")

    assert (response.status_code, response.json()) == (200, {"status": "alive"})
    assert response.headers["cache-control"] == "no-store"


def test_ready_when_nothing_is_missing() -> None:
    response = client(nothing_missing).get("/ready")

    assert (response.status_code, response.json()) == (200, {"status": "ready"})


def test_not_ready_tells_what_is_missing() -> None:
    response = client(old_schema).get("/ready")

    assert response.status_code == 503
    assert response.json()["missing"] == ["migrations are not at head"]


def test_broken_check_is_not_ready_and_tells_nothing() -> None:
    response = client(broken).get("/ready")

    assert response.status_code == 503
    assert "secret" not in response.text


def test_endless_check_is_not_ready() -> None:
    assert client(endless).get("/ready").status_code == 503

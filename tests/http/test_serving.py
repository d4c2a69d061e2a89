"""`gql-app serve` as a process: its connections, its end, its log and its metrics."""

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psycopg2
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from gql_app.testing import Databases

PROTOCOL = Subprotocol("graphql-transport-ws")
TITLES = "query Titles { posts(first: 1) { nodes { title } } }"
REGISTER = """mutation {
  register(input: {
    username: "expiring", displayName: "E", email: "e@example.org",
    password: "correct horse battery"
  }) { tokens { accessToken } }
}"""


@dataclass
class Serving:
    process: subprocess.Popen[str]
    url: str
    log: Path

    @property
    def root(self) -> str:
        return self.url.removesuffix("/graphql")

    def ask(self, query: str = TITLES, **options: Any) -> httpx2.Response:
        return httpx2.post(self.url, json={"query": query}, timeout=20, **options)

    def lines(self) -> list[dict[str, Any]]:
        """The log so far, of a server in production."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)


@contextmanager
def serving(url: str, log: Path, **settings: str) -> Iterator[Serving]:
    environment = {**os.environ, "DATABASE_URL": url, "PORT": "0", **settings}
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [sys.executable, "-m", "gql_app", "serve"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        assert process.stdout
        try:
            line = process.stdout.readline().strip()
            yield Serving(process, line.removeprefix("GraphQL is served at "), log)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def server(
    migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Serving]:
    """A server in production, with everything that can be watched switched on."""
    log = tmp_path_factory.mktemp("log") / "log"
    settings = {
        "ENVIRONMENT": "production",
        "CURSOR_KEY": "x" * 32,
        "SIGNING_KEYS": secrets.token_hex(32),
        "METRICS": "true",
    }
    with serving(f"sqlite:///{migrated_sqlite}", log, **settings) as process:
        yield process


def open_socket(server: Serving, origin: str | None = None) -> ClientConnection:
    url = server.url.replace("http:", "ws:")
    given = None if origin is None else Origin(origin)
    socket: ClientConnection = connect(url, origin=given, subprotocols=[PROTOCOL])
    return socket


def test_websocket_answers(server: Serving) -> None:
    with open_socket(server, origin=server.root) as socket:
        socket.send('{"type": "connection_init"}')
        acknowledged = json.loads(socket.recv())
        payload = {"query": TITLES}
        message = {"type": "subscribe", "id": "1", "payload": payload}
        socket.send(json.dumps(message))
        answers = [json.loads(socket.recv()), json.loads(socket.recv())]

    assert socket.subprotocol == PROTOCOL
    assert acknowledged == {"type": "connection_ack"}
    assert [answer["type"] for answer in answers] == ["next", "complete"]
    assert answers[0]["payload"] == {"data": {"posts": {"nodes": []}}}


def test_websocket_ends_with_its_access_token(
    migrated_sqlite: Path, tmp_path: Path
) -> None:
    file = shutil.copy(migrated_sqlite, tmp_path / "database")
    url = f"sqlite:///{file}"
    with serving(url, tmp_path / "log", ACCESS_SECONDS="2") as server:
        response = server.ask(REGISTER).json()
        token = response["data"]["register"]["tokens"]["accessToken"]
        with open_socket(server) as socket:
            payload = {"Authorization": f"Bearer {token}"}
            message = {"type": "connection_init", "payload": payload}
            socket.send(json.dumps(message))
            acknowledged = json.loads(socket.recv())
            with pytest.raises(ConnectionClosed) as closed:
                socket.recv(timeout=10)

    assert acknowledged == {"type": "connection_ack"}
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4403


def test_websocket_of_a_foreign_page_is_forbidden(server: Serving) -> None:
    with pytest.raises(InvalidStatus) as refused:
        open_socket(server, origin="https://evil.test")

    assert refused.value.response.status_code == 403


def test_websocket_message_that_is_too_large_ends_the_connection(
    server: Serving,
) -> None:
    with open_socket(server) as socket:
        socket.send("x" * 1_000_001)
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv()

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def test_event_stream_answers(server: Serving) -> None:
    response = server.ask(headers={"accept": "text/event-stream"})

    assert response.text.endswith(
        'event: next\ndata: {"data":{"posts":{"nodes":[]}}}\n\n'
        "event: complete\ndata:\n\n"
    )


def test_operation_is_logged_and_counted(server: Serving) -> None:
    before = len(server.lines())

    server.ask("query Logged { posts(first: 1) { nodes { title } } }")
    server.ask("query Wrong { unknown }")
    right, wrong = server.lines()[before:]
    metrics = httpx2.get(f"{server.root}/metrics").text

    assert (right["operation"], right["outcome"]) == ("Logged", "ok")
    assert (right["statements"], right["level"]) == (1, "info")
    assert (wrong["operation"], wrong["outcome"]) == ("", "refused")
    assert wrong["codes"] == ["GRAPHQL_VALIDATION_FAILED"]
    duration = "graphql_operation_duration_seconds_count"
    assert f'{duration}{{kind="query",name="Logged",outcome="ok"}} 1.0' in metrics
    assert 'graphql_plans_total{result="planned"}' in metrics


def test_metrics_tell_of_connections_under_load(
    gql_databases: Databases, tmp_path: Path
) -> None:
    settings = {"METRICS": "true", "POOL_SIZE": "1"}
    waiting = 'graphql_operations_waiting{lane="read"} 1.0'
    with (
        gql_databases.new("postgresql") as url,
        serving(url, tmp_path / "log", **settings) as server,
        closing(psycopg2.connect(url)) as connection,
        ThreadPoolExecutor(2) as threads,
    ):
        connection.cursor().execute("LOCK TABLE post IN ACCESS EXCLUSIVE MODE")
        answers = [threads.submit(server.ask) for _ in range(2)]
        metrics = ""
        while waiting not in metrics and not any(one.done() for one in answers):
            metrics = httpx2.get(f"{server.root}/metrics").text
        connection.rollback()
        statuses = [answer.result(timeout=20).status_code for answer in answers]

    assert waiting in metrics
    assert 'graphql_connections_max{lane="read"} 1.0' in metrics
    assert 'graphql_connections_busy{lane="read"} 1.0' in metrics
    assert 'graphql_connections_busy{lane="write"} 0.0' in metrics
    assert "graphql_operations_running 2.0" in metrics
    assert statuses == [200, 200]


def test_metrics_are_off_by_default_and_requests_of_other_sites_go_by_cors(
    migrated_sqlite: Path, tmp_path: Path
) -> None:
    settings = {"CORS_ORIGINS": "https://app.test", "DRAIN_SECONDS": "30"}
    with serving(
        f"sqlite:///{migrated_sqlite}", tmp_path / "log", **settings
    ) as server:
        metrics = httpx2.get(f"{server.root}/metrics")
        answer = server.ask(headers={"origin": "https://app.test"})
        foreign = server.ask(headers={"origin": "https://evil.test"})

        server.stop()
        while httpx2.get(f"{server.root}/ready").status_code != 503:
            pass
        late = server.ask()

    assert metrics.status_code == 404
    allowed = "access-control-allow-origin"
    assert answer.headers[allowed] == "https://app.test"
    assert allowed not in foreign.headers
    # Until balancers have noticed that it is not ready.
    assert late.json() == {"data": {"posts": {"nodes": []}}}


def test_request_in_flight_is_answered_before_the_server_stops(
    gql_databases: Databases, tmp_path: Path
) -> None:
    with (
        gql_databases.new("postgresql") as url,
        serving(url, tmp_path / "log") as server,
        closing(psycopg2.connect(url)) as connection,
        ThreadPoolExecutor(1) as threads,
    ):
        cursor = connection.cursor()
        cursor.execute("LOCK TABLE post IN ACCESS EXCLUSIVE MODE")
        answer = threads.submit(server.ask)
        wait_for_lock(url, answer)

        server.stop()
        refuses_connections(server)
        waiting = not answer.done()
        connection.rollback()
        response = answer.result(timeout=20)
        server.process.wait(timeout=20)

    assert waiting
    assert response.json() == {"data": {"posts": {"nodes": []}}}
    assert response.headers["connection"] == "close"


def wait_for_lock(url: str, answer: Future[Any]) -> None:
    """Until a statement waits for a table; an answer would mean that none does."""
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        found = None
        while found is None and not answer.done():
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
            found = cursor.fetchone()


def refuses_connections(server: Serving) -> None:
    """Until the server has begun to stop, and hangs up on whoever comes just then."""
    with contextlib.suppress(httpx2.TransportError):
        while True:
            httpx2.get(f"{server.root}/health")

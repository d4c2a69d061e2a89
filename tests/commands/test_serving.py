"""`gql-app serve` for any ASGI application, as a process of its own."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.types import Receive, Scope, Send

from gql_app.commands.serving import configuration

APPLICATION = """
import asyncio


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError
    print("asked", flush=True)
    await asyncio.Event().wait()
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Serves an application that never answers and knows no lifespan; there are no
    migrations."""
    (tmp_path / "pyproject.toml").write_text('[tool.gql_app]\napp = "patient:app"\n')
    (tmp_path / "patient.py").write_text(APPLICATION)
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "gql_app", "serve"],
        cwd=tmp_path,
        env={**os.environ, "PORT": "0", "SHUTDOWN_SECONDS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def test_request_that_never_ends_does_not_keep_the_server_from_stopping(
    server: subprocess.Popen[str],
) -> None:
    assert server.stdout
    url = server.stdout.readline().strip().removeprefix("The application is served at ")
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(httpx2.get, url)
        assert server.stdout.readline() == "asked\n"

        server.send_signal(signal.SIGTERM)
        server.wait(timeout=10)

    assert server.returncode == -signal.SIGTERM
    assert answer.exception() or answer.result().status_code == 500


@pytest.mark.parametrize(
    ("named", "client"),
    [(None, "127.0.0.1"), ("10.0.0.0/8", "127.0.0.1"), ("127.0.0.1", "192.0.2.7")],
)
def test_only_proxies_that_are_named_are_believed(
    monkeypatch: pytest.MonkeyPatch, named: str | None, client: str
) -> None:
    seen: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)

    async def nothing(*_: Any) -> Any:
        raise AssertionError("nothing is asked and sent")

    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    if named is not None:
        monkeypatch.setenv("FORWARDED_ALLOW_IPS", named)
    config = configuration(app, 1, lifespan="off", interface="asgi3")
    config.load()
    headers = [(b"x-forwarded-for", b"192.0.2.7")]
    request = {"type": "http", "client": ("127.0.0.1", 5), "headers": headers}

    asyncio.run(config.loaded_app(request, nothing, nothing))

    assert seen[0]["client"][0] == client

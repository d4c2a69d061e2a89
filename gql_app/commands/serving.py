"""The server, from its start to the last answer."""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
import uvicorn

from gql_app.commands.errors import CommandFailedError
from gql_app.http.application import Application
from gql_app.settings import Settings

# It is made of httptools, which we don't ask for on Windows.
PROTOCOL = (
    "auto" if sys.platform == "win32" else "gql_app.http.protocol:BoundedProtocol"
)


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens; CommandFailedError if there can't be one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (")[0]
        raise CommandFailedError(f"Can't serve at {host}:{port}: {reason}.") from error
    with listener:
        yield listener


class Server(uvicorn.Server):
    """Says where it serves as soon as it does, in the words of `announcement`."""

    def __init__(self, config: uvicorn.Config, announcement: str) -> None:
        super().__init__(config)
        self._announcement = announcement

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started:  # the application refused to
            return
        for listener in sockets or []:
            host, port = listener.getsockname()[:2]
            host = f"[{host}]" if ":" in host else host
            typer.echo(self._announcement.format(f"http://{host}:{port}"))


class DrainingServer(Server):
    """Is not ready any more, for some seconds, before it stops."""

    def __init__(
        self, config: uvicorn.Config, application: Application, drain_seconds: float
    ) -> None:
        super().__init__(config, "GraphQL is served at {}/graphql")
        self._application = application
        self._drain_seconds = drain_seconds

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._application.stopping = True
        for _ in range(int(self._drain_seconds * 10)):
            if not self.force_exit:  # by pressing Ctrl-C twice
                await asyncio.sleep(0.1)
        await super().shutdown(sockets)


def configuration(
    application: Any, shutdown_seconds: int, **options: Any
) -> uvicorn.Config:
    """How Uvicorn serves; requests that still run at a signal may take so long."""
    return uvicorn.Config(
        application,
        http=PROTOCOL,
        server_header=False,
        timeout_graceful_shutdown=shutdown_seconds,
        # Whoever is believed to be a proxy must be named: Uvicorn reads who from there.
        proxy_headers="FORWARDED_ALLOW_IPS" in os.environ,
        **options,
    )


def run(server: Server, listener: socket.socket) -> None:
    """Serve until a signal."""
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listener])


def serve(
    application: Application, settings: Settings, listener: socket.socket
) -> None:
    """Serve the community until a signal."""
    config = configuration(
        application,
        settings.shutdown_seconds,
        access_log=False,
        log_config=None,
        lifespan="on",
        ws_max_size=settings.body_bytes,
    )
    run(DrainingServer(config, application, settings.drain_seconds), listener)

"""`gql-app serve`: the server from its start to the last answer."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import typer
import uvicorn

from gql_app.app import create_app
from gql_app.commands.errors import CommandFailedError
from gql_app.http.application import Application
from gql_app.observability.logs import configure_logs
from gql_app.settings import Settings


@contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """A socket that listens; CommandFailedError if there can't be one."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    address = (settings.host, settings.port)
    try:
        listener = socket.create_server(address, family=family, backlog=2048)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (")[0]
        at = f"{settings.host}:{settings.port}"
        raise CommandFailedError(f"Can't serve at {at}: {reason}.") from error
    with listener:
        yield listener


class Server(uvicorn.Server):
    """Says where it serves as soon as it does; is not ready any more, for some seconds,
    before it stops."""

    def __init__(
        self, config: uvicorn.Config, application: Application, drain_seconds: float
    ) -> None:
        super().__init__(config)
        self._application = application
        self._drain_seconds = drain_seconds

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or []:
            host, port = listener.getsockname()[:2]
            host = f"[{host}]" if ":" in host else host
            typer.echo(f"GraphQL is served at http://{host}:{port}/graphql")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._application.stopping = True
        for _ in range(int(self._drain_seconds * 10)):
            if not self.force_exit:  # by pressing Ctrl-C twice
                await asyncio.sleep(0.1)
        await super().shutdown(sockets)


def run_server(settings: Settings, listener: socket.socket) -> None:
    """Serve until a signal; requests that still run then may finish."""
    log = configure_logs(settings.log_level, json=settings.production)
    application = create_app(settings, log)
    config = uvicorn.Config(
        application,
        access_log=False,
        log_config=None,
        server_header=False,
        lifespan="on",
        ws_max_size=settings.body_bytes,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )
    server = Server(config, application, settings.drain_seconds)
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listener])

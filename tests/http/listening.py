"""A real server in a thread of the tests."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp

Address = tuple[str, int]


@contextmanager
def serving(app: ASGIApp, **options: Any) -> Iterator[Address]:
    """Where Uvicorn serves the application, with these options of its own."""
    config = uvicorn.Config(app, lifespan="off", log_level="critical", **options)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield listener.getsockname()
    finally:
        server.should_exit = True
        thread.join()
        listener.close()

"""A browser, the bundle, and servers on this machine for it to visit."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from starlette.types import ASGIApp

from gql_app.http.ide import BUNDLE
from ide.npm import PackageError
from tests.ide.chromium import NoBrowserError, chromium

Serve = Callable[[ASGIApp], str]
Visit = Callable[..., Page]

# Even a name that slips through the page's policy leads nowhere.
NO_OUTSIDE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


@pytest.fixture(scope="session")
def bundle() -> Path:
    """GraphiQL's bundle, built if need be."""
    command = [sys.executable, "-m", "ide.build"]
    root = BUNDLE.parents[1]
    built = subprocess.run(command, cwd=root, stderr=subprocess.PIPE, text=True)
    if built.returncode:
        pytest.fail(built.stderr, pytrace=False)
    return BUNDLE


# Not wider than a module: while it is open, its event loop occupies this thread.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium that reaches nothing but this machine."""
    try:
        installed = chromium()
    except (PackageError, NoBrowserError) as error:
        pytest.fail(str(error), pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=installed.executable,
            env={**installed.environment},
            args=["--no-sandbox", NO_OUTSIDE],
        )
        yield browser
        browser.close()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve an app on a free port of 127.0.0.1; gives its address."""
    with ExitStack() as servers:
        yield lambda app: servers.enter_context(_served(app))


@contextmanager
def _served(app: ASGIApp) -> Iterator[str]:
    config = uvicorn.Config(app, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()  # from here on requests wait instead of being refused
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Open an address in a fresh profile; outside requests and complaints fail.

    With `may_fail`, requests may: the browser itself complains of those.
    """
    with ExitStack() as profiles:

        def visit(
            address: str, color_scheme: str = "light", *, may_fail: bool = False
        ) -> Page:
            profile = browser.new_context(
                color_scheme="dark" if color_scheme == "dark" else "light",
                viewport={"width": 1400, "height": 850},
            )
            profiles.enter_context(_watched(profile, address, may_fail))
            page = profile.new_page()
            page.goto(address)
            return page

        yield visit


@contextmanager
def _watched(profile: BrowserContext, address: str, may_fail: bool) -> Iterator[None]:
    origin = "/".join(address.split("/")[:3])
    own = (f"{origin}/", f"ws{origin.removeprefix('http')}/", "data:")
    outside: list[str] = []
    complaints: list[str] = []
    profile.on("request", lambda request: outside.append(request.url))
    profile.on("console", lambda message: complaints.append(message.text))
    profile.on("weberror", lambda error: complaints.append(str(error.error)))
    yield
    profile.close()
    assert [url for url in outside if not url.startswith(own)] == []
    expected = "Failed to load resource" if may_fail else "nothing"
    assert [text for text in complaints if not text.startswith(expected)] == []

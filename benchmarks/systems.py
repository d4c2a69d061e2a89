"""Systems: the servers that are compared, each a process on the same database."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from secrets import token_hex
from typing import Any

from benchmarks import load, processes
from benchmarks.postgres import BenchmarkError
from gql_app import __version__
from gql_app.publishing.accounts.tokens import AccessTokens
from gql_app.publishing.user import Role
from gql_app.settings import Settings

POSTGRAPHILE = Path(__file__).parent / "postgraphile"
URL = re.compile(r"http://\S+/graphql")
# Whatever is not here has its default.
SETTINGS = {
    "ENVIRONMENT": "production",
    "LOG_LEVEL": "warning",
    "PORT": "0",
    "PAGE_MAX": "1000",
    "SLOW_MILLISECONDS": "60000",
}
SIGNING_KEY = token_hex(16)


@cache
def token(user_id: int) -> str:
    """What an author sends who is signed in, whatever the system."""
    tokens = AccessTokens([SIGNING_KEY], timedelta(days=1))
    return tokens.issue(user_id, Role.AUTHOR).text


@dataclass(frozen=True)
class System:
    """A server that answers; `schema` says in which words it is asked."""

    name: str
    schema: str
    version: str
    url: str
    pid: int
    start: float
    """The seconds from its start to its first answer."""

    def cpu(self) -> processes.Cpu:
        return processes.cpu([self.pid])

    def request(self, payload: Mapping[str, Any], author: int | None = None) -> bytes:
        """A request to this system; of an author, if there is an id of one."""
        return load.post(self.url, payload, "" if author is None else token(author))

    def ask(self, payload: Mapping[str, Any], author: int | None = None) -> bytes:
        """The body of the answer."""
        return load.ask(self.url, self.request(payload, author))


Command = tuple[Sequence[str], Mapping[str, str], str]
"""The arguments, the environment besides our own, and the version."""


def available() -> list[str]:
    """The systems that this machine can run."""
    names = ["gql_app"]
    if "plans" in Settings.model_fields:
        names.append("gql_app ordinary")
    if shutil.which("npm"):
        names.append("PostGraphile")
    return names


def command(name: str, database_url: str) -> Command:
    """How a system is started."""
    if name == "PostGraphile":
        return _postgraphile(database_url)
    program = str(Path(sys.executable).with_name("gql-app"))
    environment = {**SETTINGS, "DATABASE_URL": database_url}
    environment |= {"CURSOR_KEY": token_hex(16), "SIGNING_KEYS": SIGNING_KEY}
    if name.endswith("ordinary"):
        environment["PLANS"] = "off"
    python = ".".join(map(str, sys.version_info[:3]))
    return [program, "serve"], environment, f"{__version__} on Python {python}"


def _postgraphile(database_url: str) -> Command:
    modules = POSTGRAPHILE / "node_modules"
    wanted = (POSTGRAPHILE / "package.json").read_text(encoding="utf-8")
    installed = modules / "installed.json"
    if not installed.exists() or installed.read_text(encoding="utf-8") != wanted:
        install = ("npm", "install", "--no-audit", "--no-fund", "--no-package-lock")
        if subprocess.call([*install, "--loglevel=error"], cwd=POSTGRAPHILE):
            raise BenchmarkError("npm could not install PostGraphile.")
        installed.write_text(wanted, encoding="utf-8")
    environment = {
        "DATABASE": database_url,
        "SIGNING_KEY": SIGNING_KEY,
        "NODE_ENV": "production",
        "GRAPHILE_ENV": "production",
    }
    versions = json.loads(wanted)["dependencies"]
    version = f"{versions['postgraphile']} on Node {versions['node']}"
    node = str(modules / ".bin" / "node")
    return [node, str(POSTGRAPHILE / "server.js")], environment, version


@contextmanager
def running(name: str, command: Command, core: int) -> Iterator[System]:
    """The system as a process on that core, from its first word to the end."""
    arguments, environment, version = command
    with tempfile.TemporaryDirectory(prefix="gql_app-") as folder:  # without an .env
        started = time.monotonic()
        with processes.starting_on(core):
            process = subprocess.Popen(
                arguments,
                cwd=folder,
                env={**os.environ, **environment},
                stdout=subprocess.PIPE,
                text=True,
            )
        try:
            assert process.stdout is not None
            url = _announced(process.stdout)
            if url is None:
                raise BenchmarkError(f"{name} did not start.")
            load.ask(url, load.post(url, {"query": "{ __typename }"}))
            took = time.monotonic() - started
            schema = name.partition(" ")[0].lower()
            yield System(name, schema, version, url, process.pid, took)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _announced(lines: Iterable[str]) -> str | None:
    for line in lines:
        if found := URL.search(line):
            return found[0]
    return None

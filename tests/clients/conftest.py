"""The example clients of docs/http.md, built, and servers for them to talk to."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gql_app.testing import Databases
from ide.npm import PackageError
from tests.clients.tools import (
    CODEGEN,
    ESBUILD,
    PROJECT,
    RELAY,
    NoNodeError,
    Tools,
    tools,
)
from tests.docs.markdown import ROOT, Page

SERVED = "GraphQL is served at "


@pytest.fixture(scope="session")
def installed() -> Tools:
    """Node and the packages; without them, the tests that need them fail."""
    try:
        return tools()
    except (NoNodeError, PackageError) as error:
        pytest.fail(f"Clients can't be tested: {error}", pytrace=False)


@pytest.fixture(scope="session")
def project(installed: Tools, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the documentation shows and what walks with it, generated and bundled."""
    folder = tmp_path_factory.mktemp("clients") / "project"
    shutil.copytree(PROJECT, folder)
    (folder / "node_modules").symlink_to(installed.modules)
    for block in Page(ROOT / "docs" / "http.md").blocks:
        if block.title.startswith(("typed/", "relay/")):
            (folder / block.title).write_text(block.text)
    for name in ("typed", "relay"):
        shutil.copy(ROOT / "schema.graphql", folder / name)
    installed.run(CODEGEN, "--config", "codegen.ts", cwd=folder / "typed")
    installed.run(RELAY, cwd=folder / "relay")
    walks = ("typed/src/walk.ts", "relay/src/walk.ts")
    options = ("--bundle", "--packages=external", "--format=esm", "--outdir=.")
    installed.run(ESBUILD, *walks, *options, cwd=folder)
    return folder


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, gql_databases: Databases) -> Iterator[str]:
    """Where the seeded community is served, by a process of its own."""
    with gql_databases.new(request.param) as url, serving(url) as address:
        yield address


@contextmanager
def serving(database_url: str) -> Iterator[str]:
    command = [sys.executable, "-m", "gql_app", "serve", "--seed"]
    environment = {**os.environ, "DATABASE_URL": database_url, "PORT": "0"}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            line = process.stdout.readline()
            assert line.startswith(SERVED), "the server did not start"
            yield line.removeprefix(SERVED).strip()
        finally:
            process.terminate()

"""The wheel: what it carries, and that it runs on its own."""

import os
import re
import signal
import subprocess
import zipfile
from pathlib import Path

import httpx2
import pytest

from tests.packaging.dockerfile import ROOT


@pytest.fixture
def carried(wheel: Path) -> set[str]:
    """The paths of the files in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def files(folder: Path) -> set[str]:
    """The paths of its files, but for those in caches."""
    caches = re.compile(r"__pycache__/|\.\w+_cache/")
    paths = [each.relative_to(folder) for each in folder.rglob("*") if each.is_file()]
    return {each.as_posix() for each in paths if not caches.search(each.as_posix())}


def test_wheel_carries_the_whole_package(carried: set[str]) -> None:
    package = {f"gql_app/{path}" for path in files(ROOT / "gql_app")}
    scripts = {f"gql_app/_alembic/{path}" for path in files(ROOT / "alembic")}

    assert "gql_app/py.typed" in package
    assert "gql_app/_ide/index.html" in package
    assert {each for each in carried if ".dist-info/" not in each} == package | scripts


def test_wheel_carries_its_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith("/LICENSE"))
        licence = archive.read(name)

    assert licence == (ROOT / "LICENSE").read_bytes()


def test_installed_package_migrates_seeds_and_serves(
    programs: Path, tmp_path: Path
) -> None:
    command = [str(programs / "gql-app"), "serve", "--migrate", "--seed"]
    # In an empty folder, and without what would lead Python to this checkout.
    environment = {"PATH": os.defpath, "PORT": "0"}

    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout
            url = server.stdout.readline().partition("GraphQL is served at ")[2].strip()
            query = {"query": "{ posts(first: 1) { nodes { title } } }"}
            answer = httpx2.post(url, json=query).json()
            page = httpx2.get(url, headers={"accept": "text/html"}).text
        finally:
            server.send_signal(signal.SIGTERM)

    assert answer["data"]["posts"]["nodes"][0]["title"]
    bundled = (ROOT / "gql_app" / "_ide" / "index.html").read_text()
    shown = bundled.replace("{ide}", "./graphql/ide").replace("{examples}", "shown")
    assert page == shown
    assert [each.name for each in tmp_path.glob("*")] == ["gql_app.sqlite3"]

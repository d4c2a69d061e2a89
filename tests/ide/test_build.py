"""Building the bundle: what is locked, what is trusted, what is left behind."""

import base64
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from ide import build as ide_build
from ide.npm import Package, PackageError, RegistryError, fetch, locked_packages

IDE = Path(ide_build.__file__).parent


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the tests' output is for the tests."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    handler = partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A registry of our own, empty; a package is a file in its folder."""
    folder = tmp_path / "registry"
    folder.mkdir()
    with served(folder) as url:
        monkeypatch.setenv("NPM_CONFIG_REGISTRY", url)
        yield folder


def publish(registry: Path, files: dict[str, str]) -> Package:
    """Put a package of these files into the registry."""
    tarball = io.BytesIO()
    with tarfile.open(fileobj=tarball, mode="w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    folder = registry / "@scope" / "tool" / "-"
    folder.mkdir(parents=True)
    (folder / "tool-1.2.3.tgz").write_bytes(tarball.getvalue())
    digest = hashlib.sha512(tarball.getvalue()).digest()
    integrity = "sha512-" + base64.b64encode(digest).decode()
    return Package("node_modules/@scope/tool", "@scope/tool", "1.2.3", integrity)


def run_build(output: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ide.build", "--output", str(output)],
        cwd=IDE.parent,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_lock_names_versions_and_checksums_but_no_host() -> None:
    lock = json.loads((IDE / "package-lock.json").read_text("utf-8"))

    packages = [entry for path, entry in lock["packages"].items() if path]

    assert packages
    assert all(each["integrity"].startswith("sha512-") for each in packages)
    assert not any("resolved" in each for each in packages)


def test_esbuild_is_fetched_for_this_machine_alone() -> None:
    packages = locked_packages(IDE / "package-lock.json")

    assert len([each for each in packages if each.name.startswith("@esbuild/")]) == 1


def test_package_is_unpacked_where_the_lock_says(
    registry: Path, tmp_path: Path
) -> None:
    files = {"package/lib/tool.js": "42", "package/lib/tool.js.map": "{}"}
    package = publish(registry, files)

    fetch([package], tmp_path / "project", unused={".map"})

    folder = tmp_path / "project" / "node_modules" / "@scope" / "tool"
    unpacked = [each for each in folder.rglob("*") if each.is_file()]
    assert unpacked == [folder / "lib" / "tool.js"]
    assert unpacked[0].read_text() == "42"


def test_package_with_another_checksum_is_refused(
    registry: Path, tmp_path: Path
) -> None:
    package = publish(registry, {"package/tool.js": "42"})
    locked = Package(package.path, package.name, package.version, "sha512-other")

    with pytest.raises(PackageError, match="checksum of tool"):
        fetch([locked], tmp_path / "project")

    assert not (tmp_path / "project").exists()


def test_package_can_not_write_outside_its_folder(
    registry: Path, tmp_path: Path
) -> None:
    package = publish(registry, {"package/../../evil.js": "evil"})

    with pytest.raises(PackageError, match="unsafe path"):
        fetch([package], tmp_path / "project")

    assert list(tmp_path.rglob("evil.js")) == []


@pytest.mark.usefixtures("registry")
def test_package_that_is_not_served_is_named(tmp_path: Path) -> None:
    package = Package("node_modules/tool", "tool", "1.2.3", "sha512-any")

    with pytest.raises(RegistryError, match=r"404.*tool/-/tool-1\.2\.3\.tgz"):
        fetch([package], tmp_path)


def test_unreachable_registry_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    # Port 9, "discard": nothing listens there, so that connecting fails at once.
    result = run_build(tmp_path / "ide", NPM_CONFIG_REGISTRY="http://127.0.0.1:9")

    assert result.returncode == 3
    assert result.stderr.startswith("GraphiQL not bundled: npm registry: ")
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_bundle_that_is_up_to_date_needs_no_registry(bundle: Path) -> None:
    before = (bundle / "stamp").stat().st_mtime_ns

    result = run_build(bundle, NPM_CONFIG_REGISTRY="http://127.0.0.1:9")

    assert (result.returncode, result.stderr) == (0, "")
    assert (bundle / "stamp").stat().st_mtime_ns == before


def test_bundle_names_no_outside_host_for_scripts_and_styles(bundle: Path) -> None:
    page = (bundle / "index.html").read_text("utf-8")
    styles = "".join(
        each.read_text("utf-8") for each in (bundle / "assets").glob("*.css")
    )

    assert "http" not in page
    assert "<script>" not in page
    assert "@import" not in styles
    assert "url(http" not in styles

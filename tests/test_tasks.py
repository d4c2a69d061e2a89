"""tasks.py, the lock file and the Makefile, as far as an error there would hide."""

import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

import tasks

ROOT = Path(__file__).parents[1]
NAMES = [command.__name__ for command in tasks.COMMANDS]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Requests are not worth a line each."""


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package index that has the pinned pip, its content being `b"pip"`."""
    folder = tmp_path / "index" / "pip"
    folder.mkdir(parents=True)
    (folder / tasks.PIP_WHEEL).write_bytes(b"pip")
    link = f'<a href="../pip/{tasks.PIP_WHEEL}#sha256=0">{tasks.PIP_WHEEL}</a>'
    (folder / "index.html").write_text(link)
    monkeypatch.setattr(tasks, "VENV", tmp_path)
    handler = partial(Quiet, directory=tmp_path / "index")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_pip_is_fetched_from_an_index(
    index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = hashlib.sha256(b"pip").hexdigest()
    monkeypatch.setattr(tasks, "PIP_SHA256", digest)

    wheel = tasks.download_pip(index)

    assert wheel.read_bytes() == b"pip"


def test_pip_that_is_not_the_pinned_one_is_refused(index: str) -> None:
    with pytest.raises(SystemExit, match="not the file that was expected"):
        tasks.download_pip(index)

    assert not (tasks.VENV / tasks.PIP_WHEEL).exists()


@pytest.mark.parametrize(
    ("version", "wanted"),
    [("22.0.2", False), ("22.3", True), ("23.0.dev1", True), ("9.0.3", False)],
)
def test_pip_beside_python_must_know_other_pythons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, wanted: bool
) -> None:
    metadata = tmp_path / f"pip-{version}.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text(f"Name: pip\nVersion: {version}\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])

    assert tasks.has_pip() is wanted


def test_python_may_have_no_pip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])

    assert not tasks.has_pip()


def test_checked_databases_are_of_no_production(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")

    assert tasks.call_with_database("alembic", "current", "--check-heads") == 0


def test_help_lists_every_command() -> None:
    script = [sys.executable, str(ROOT / "tasks.py")]

    help_text = subprocess.check_output(script, text=True)

    assert re.findall(r"^  (\w+)", help_text, re.MULTILINE) == NAMES


def test_unknown_command_is_misuse() -> None:
    script = [sys.executable, str(ROOT / "tasks.py"), "tset"]

    assert subprocess.run(script, stdout=subprocess.DEVNULL).returncode == 2


@pytest.mark.parametrize("command", ["setup", "check", "fix", "lock", "clean"])
def test_arguments_that_a_command_does_not_take_are_misuse(command: str) -> None:
    script = [sys.executable, str(ROOT / "tasks.py"), command, "--all", "x"]

    ran = subprocess.run(script, capture_output=True, text=True)

    assert ran.returncode == 2
    assert ran.stderr == f"{command} takes no arguments, and was given: --all x\n"


def test_makefile_has_every_command() -> None:
    targets = re.findall(
        r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE
    )

    assert sorted(targets[0].split()) == sorted(["help", *NAMES])


def test_lock_has_a_hash_for_every_version_and_names_no_host() -> None:
    lock = (ROOT / "requirements.lock").read_text()

    entries = re.split(r"\n(?=\S)", lock.strip())

    assert all(
        re.match(r"[\w.-]+==\S+ .*--hash=sha256:", e, re.DOTALL) for e in entries
    )
    assert "://" not in lock

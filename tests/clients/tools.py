"""Node and what runs on it, as package-lock.json pins them: no npm is needed."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ide.npm import fetch, locked_packages

PROJECT = Path(__file__).parent / "project"
LOCK = PROJECT / "package-lock.json"
CODEGEN = "@graphql-codegen/cli/esm/bin.js"
RELAY = "relay-compiler/cli.js"
TYPESCRIPT = "typescript/bin/tsc"
ESBUILD = "esbuild/bin/esbuild"
UNUSED_SUFFIXES = {".h", ".map", ".md"}  # Node's headers, for one, are 60 MB


class NoNodeError(Exception):
    """There is no Node to test with; the message says how to get one."""


class ToolError(Exception):
    """A tool has failed; the message is all that it said."""


@dataclass(frozen=True)
class Tools:
    """The installed packages, and the Node that runs their scripts."""

    modules: Path
    node: str

    def run(self, script: str | Path, *arguments: str, cwd: Path) -> str:
        """Run a script, given by its path or within the packages; its output.

        Raises ToolError.
        """
        ran = subprocess.run(
            [self.node, str(self.modules / script), *arguments],
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=120,
        )
        if ran.returncode:
            raise ToolError(f"{script} failed:\n{ran.stdout}\n{ran.stderr}")
        return ran.stdout


def tools() -> Tools:
    """The tools, fetched once into the environment of the tests.

    Raises NoNodeError, or PackageError if a package can't be had.
    """
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    folder = Path(sys.prefix) / f"clients-{digest[:16]}"
    if not folder.exists():
        _install(folder)
    modules = folder / "node_modules"
    return Tools(modules, _node(modules))


def _install(folder: Path) -> None:
    for outdated in folder.parent.glob("clients-*"):
        shutil.rmtree(outdated)
    scratch = Path(tempfile.mkdtemp(prefix=".clients-", dir=folder.parent))
    try:
        fetch(locked_packages(LOCK), scratch, UNUSED_SUFFIXES)
        scratch.rename(folder)
    except OSError:
        if not folder.exists():  # or else another run was faster
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _node(modules: Path) -> str:
    found = next(modules.glob("node-*/bin/node"), None)
    node = os.environ.get("NODE") or str(found)
    try:
        subprocess.run([node, "--version"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoNodeError(
            "The tests of clients bring their own Node on Linux with glibc and on Apple "
            f"silicon. Elsewhere name one, NODE=/path/to/node ({error})."
        ) from None
    return node

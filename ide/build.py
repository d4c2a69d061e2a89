"""Bundle GraphiQL into gql_app/_ide: locked npm tarballs, esbuild's binary, no node."""

import argparse
import hashlib
import json
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from ide.npm import PackageError, RegistryError, fetch, locked_packages

HERE = Path(__file__).resolve().parent
LOCK = HERE / "package-lock.json"
OUTPUT = HERE.parent / "gql_app" / "_ide"
WORKERS = {
    "editor": "node_modules/monaco-editor/esm/vs/editor/editor.worker.js",
    "graphql": "node_modules/monaco-graphql/esm/graphql.worker.js",
    "json": "node_modules/monaco-editor/esm/vs/language/json/json.worker.js",
}
# GraphiQL names these by their CommonJS files, which lose their named exports when
# esbuild splits them off; without the formatter "Prettify" does nothing.
ALIASES = {
    "prettier/parser-babel": "prettier/plugins/babel",
    "prettier/parser-graphql": "prettier/plugins/graphql",
}
UNUSED_SUFFIXES = {".map", ".md", ".ts", ".mts", ".cts"}
EXIT_REGISTRY = 3


class BuildError(Exception):
    """The bundle can't be made; the message fits on one line."""


def bundle(project: Path, output: Path) -> None:
    """Run esbuild over `project` (src and node_modules) and write the page."""
    assets = output / "assets"
    workers = _esbuild(project, assets, [*WORKERS.values()], ["--format=iife"])
    names = {name: workers[entry] for name, entry in WORKERS.items()}
    define = f"--define:WORKER_FILES={json.dumps(names)}"
    aliases = [f"--alias:{name}={module}" for name, module in ALIASES.items()]
    options = ["--format=esm", "--splitting", define, *aliases]
    app = _esbuild(project, assets, ["src/app.jsx", "src/favicon.svg"], options)
    page = (project / "src" / "index.html").read_text("utf-8")
    for placeholder, entry in (
        ("favicon.svg", "src/favicon.svg"),
        ("app.js", "src/app.jsx"),
    ):
        page = page.replace(placeholder, app[entry])
    page = page.replace("app.css", app["src/app.jsx:css"])
    (output / "index.html").write_text(page, "utf-8")


def _esbuild(
    project: Path, assets: Path, entries: list[str], options: list[str]
) -> dict[str, str]:
    """Bundle `entries`; their output names, and `<entry>:css` for their styles."""
    metafile = assets.parent / "meta.json"
    command = [
        *(str(_esbuild_binary(project)), *entries, *options),
        # GraphiQL labels its icons by the names of their functions.
        *("--bundle", "--minify", "--keep-names", "--jsx=automatic", "--target=es2022"),
        *(
            "--loader:.ttf=file",
            "--loader:.svg=copy",
            "--loader:.graphql=text",
            "--legal-comments=linked",
        ),
        *("--entry-names=[name]-[hash]", "--log-level=warning"),
        *(f"--outdir={assets}", f"--metafile={metafile}"),
        '--define:process.env.NODE_ENV="production"',
    ]
    run = subprocess.run(
        command, cwd=project, capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise BuildError(f"esbuild failed: {run.stderr.strip()}")
    outputs = json.loads(metafile.read_text("utf-8"))["outputs"]
    metafile.unlink()
    names = {}
    for path, details in outputs.items():
        if entry := details.get("entryPoint"):
            names[entry] = Path(path).name
        if styles := details.get("cssBundle"):
            names[f"{entry}:css"] = Path(styles).name
    return names


def _esbuild_binary(project: Path) -> Path:
    folder = project / "node_modules" / "@esbuild"
    for binary in (*folder.glob("*/bin/esbuild"), *folder.glob("*/esbuild.exe")):
        return binary
    raise BuildError(f"esbuild has no binary for {sys.platform} {platform.machine()}")


def fingerprint() -> str:
    """Changes whenever the bundle would."""
    digest = hashlib.sha256()
    sources = sorted(each for each in (HERE / "src").rglob("*") if each.is_file())
    for file in (HERE / "build.py", HERE / "npm.py", LOCK, *sources):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{file.relative_to(HERE).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def build(output: Path = OUTPUT) -> bool:
    """Make the bundle unless it is up to date; tell whether anything was done."""
    stamp = output / "stamp"
    wanted = fingerprint()
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return False
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".ide-", dir=output.parent) as scratch:
        project, fresh = Path(scratch) / "project", Path(scratch) / "fresh"
        if _npm_installed():
            project = HERE
        else:
            fetch(locked_packages(LOCK), project, UNUSED_SUFFIXES)
            shutil.copytree(HERE / "src", project / "src")
        bundle(project, fresh)
        (fresh / "stamp").write_text(wanted, "utf-8")
        if output.exists():
            output.rename(Path(scratch) / "old")
        fresh.rename(output)
    return True


def _npm_installed() -> bool:
    """Whether `npm ci` was run here: for work on the page, or a private registry."""
    record = HERE / "node_modules" / ".package-lock.json"
    if not record.is_file():
        return False
    wanted = locked_packages(LOCK)
    return set(wanted) <= set(locked_packages(record))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=OUTPUT, help="folder to make")
    output = parser.parse_args().output
    say = partial(print, file=sys.stderr)
    started = time.monotonic()
    try:
        if build(output):
            say(f"GraphiQL bundled in {time.monotonic() - started:.1f} s: {output}")
    except (BuildError, PackageError) as error:
        say(f"GraphiQL not bundled: {error}")
        return EXIT_REGISTRY if isinstance(error, RegistryError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Bundle GraphiQL into gql_app/_ide: locked npm tarballs, esbuild's binary, no node."""

import argparse
import base64
import hashlib
import http.client
import io
import json
import os
import platform
import shutil
import socket
import ssl
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path, PurePosixPath
from typing import Any

HERE = Path(__file__).resolve().parent
OUTPUT = HERE.parent / "gql_app" / "_ide"
PUBLIC_REGISTRY = "https://registry.npmjs.org/"
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
ATTEMPTS = 2
TIMEOUT_SECONDS = 10
EXIT_REGISTRY = 3


class BuildError(Exception):
    """The bundle can't be made; the message fits on one line."""


class RegistryError(BuildError):
    """The npm registry can't be reached or doesn't serve a locked package."""


@dataclass(frozen=True)
class Package:
    path: str  # below the project: node_modules/a or node_modules/a/node_modules/b
    name: str
    version: str
    integrity: str


def locked_packages(lock: Path) -> list[Package]:
    """The packages that this machine needs, as package-lock.json pins them."""
    entries: dict[str, dict[str, Any]] = json.loads(lock.read_text("utf-8"))["packages"]
    return [
        Package(
            path=path,
            name=entry.get("name", path.rpartition("node_modules/")[2]),
            version=entry["version"],
            integrity=entry["integrity"],
        )
        for path, entry in entries.items()
        if path and _runs_here(entry)
    ]


def _runs_here(entry: Mapping[str, Any]) -> bool:
    machine = platform.machine().lower()
    cpu = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(machine, machine)
    return sys.platform in entry.get("os", [sys.platform]) and cpu in entry.get(
        "cpu", [cpu]
    )


def registry_url() -> str:
    """Where npm would fetch from: its environment variable, its files, its default."""
    settings = {name.lower(): value for name, value in os.environ.items()}
    url = settings.get("npm_config_registry")
    npm = shutil.which("npm")
    if not url and npm:
        command = [npm, "config", "get", "registry"]
        answer = subprocess.run(
            command, cwd=HERE, capture_output=True, text=True, check=False
        )
        url = answer.stdout.strip()
    if not url or not url.startswith(("https://", "http://")):
        url = PUBLIC_REGISTRY
    return url.rstrip("/") + "/"


def download(package: Package, registry: str) -> bytes:
    """The package's tarball, proved to be the locked one by its sha512."""
    file_name = f"{package.name.rpartition('/')[2]}-{package.version}.tgz"
    tarball = _get(f"{registry}{package.name}/-/{file_name}")
    digest = base64.b64encode(hashlib.sha512(tarball).digest()).decode()
    if f"sha512-{digest}" not in package.integrity.split():
        raise BuildError(f"checksum of {file_name} differs from package-lock.json")
    return tarball


def _get(url: str) -> bytes:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with urllib.request.urlopen(
                url, timeout=TIMEOUT_SECONDS, context=_tls()
            ) as response:
                body: bytes = response.read()
                return body
        except urllib.error.HTTPError as error:
            error.close()
            if error.code < 500 or attempt == ATTEMPTS:
                raise RegistryError(f"npm registry: {error} ({url})") from error
        except (OSError, http.client.HTTPException) as error:
            if attempt == ATTEMPTS:
                reason = getattr(error, "reason", error)
                raise RegistryError(f"npm registry: {reason} ({url})") from error
        time.sleep(0.5)
    raise AssertionError("the last attempt returns or raises")


@cache
def _tls() -> ssl.SSLContext:
    # SSL_CERT_FILE and SSL_CERT_DIR are OpenSSL's own; the third is how npm users
    # announce a company's certificate authority. Proxies are urllib's own.
    context = ssl.create_default_context()
    if extra := os.environ.get("NODE_EXTRA_CA_CERTS"):
        context.load_verify_locations(extra)
    return context


def fetch(packages: Sequence[Package], project: Path) -> None:
    """Download, verify and unpack the packages under `project`, several at a time."""
    install = partial(_install, registry=registry_url(), project=project)
    install(packages[0])  # alone: it tells whether there is a registry at all
    with ThreadPoolExecutor(max_workers=8) as pool:
        tasks = [pool.submit(install, package) for package in packages[1:]]
        try:
            for task in tasks:
                task.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _install(package: Package, registry: str, project: Path) -> None:
    target = (project / package.path).resolve()
    with tarfile.open(fileobj=io.BytesIO(download(package, registry))) as archive:
        for member in archive:
            name = PurePosixPath(member.name)
            if not member.isfile() or name.suffix in UNUSED_SUFFIXES:
                continue
            file = target.joinpath(*name.parts[1:]).resolve()
            content = archive.extractfile(member)
            if not file.is_relative_to(target) or content is None:
                raise BuildError(f"{package.name} holds an unsafe path: {name}")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.read())


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
        binary.chmod(0o755)
        return binary
    raise BuildError(f"esbuild has no binary for {sys.platform} {platform.machine()}")


def fingerprint() -> str:
    """Changes whenever the bundle would."""
    digest = hashlib.sha256()
    sources = sorted(each for each in (HERE / "src").rglob("*") if each.is_file())
    for file in (HERE / "build.py", HERE / "package-lock.json", *sources):
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
            fetch(locked_packages(HERE / "package-lock.json"), project)
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
    wanted = locked_packages(HERE / "package-lock.json")
    return set(wanted) <= set(locked_packages(record))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=OUTPUT, help="folder to make")
    output = parser.parse_args().output
    say = partial(print, file=sys.stderr)
    # One look-up for a hundred connections: many resolvers drop some of a burst,
    # and each of those would wait for seconds. This process does nothing else.
    socket.getaddrinfo = cache(socket.getaddrinfo)
    started = time.monotonic()
    try:
        if build(output):
            say(f"GraphiQL bundled in {time.monotonic() - started:.1f} s: {output}")
    except BuildError as error:
        say(f"GraphiQL not bundled: {error}")
        return EXIT_REGISTRY if isinstance(error, RegistryError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

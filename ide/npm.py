"""npm packages as a package-lock.json pins them, fetched and proved without npm."""

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
import time
import urllib.error
import urllib.request
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path, PurePosixPath
from typing import Any

PUBLIC_REGISTRY = "https://registry.npmjs.org/"
ATTEMPTS = 2
TIMEOUT_SECONDS = 10


class PackageError(Exception):
    """A package can't be had as it is locked; the message fits on one line."""


class RegistryError(PackageError):
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
            command, cwd=Path(__file__).parent, capture_output=True, text=True
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
        raise PackageError(f"checksum of {file_name} differs from package-lock.json")
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


def fetch(
    packages: Sequence[Package], project: Path, unused: Collection[str] = ()
) -> None:
    """Download, verify and unpack the packages under `project`, several at a time.

    Files with a suffix in `unused` are left out.
    """
    install = partial(_install, registry=registry_url(), project=project, unused=unused)
    with _one_look_up(), ThreadPoolExecutor(max_workers=8) as pool:
        install(packages[0])  # alone: it tells whether there is a registry at all
        tasks = [pool.submit(install, package) for package in packages[1:]]
        try:
            for task in tasks:
                task.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


@contextmanager
def _one_look_up() -> Iterator[None]:
    """Look a host up once for hundreds of connections: many resolvers drop some of a
    burst, and each of those would wait for seconds."""
    look_up = socket.getaddrinfo
    socket.getaddrinfo = cache(look_up)
    try:
        yield
    finally:
        socket.getaddrinfo = look_up


def _install(
    package: Package, registry: str, project: Path, unused: Collection[str]
) -> None:
    target = (project / package.path).resolve()
    with tarfile.open(fileobj=io.BytesIO(download(package, registry))) as archive:
        for member in archive:
            name = PurePosixPath(member.name)
            if not member.isfile() or name.suffix in unused:
                continue
            file = target.joinpath(*name.parts[1:]).resolve()
            content = archive.extractfile(member)
            if not file.is_relative_to(target) or content is None:
                raise PackageError(f"{package.name} holds an unsafe path: {name}")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.read())
            if member.mode & 0o100:  # a program
                file.chmod(0o755)

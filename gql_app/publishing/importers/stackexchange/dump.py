"""The files of a dump: checked as a whole, then streamed row by row."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NoReturn
from xml.parsers import expat

from gql_app.publishing.importers.stackexchange.errors import StackExchangeError
from gql_app.publishing.importers.stackexchange.rows import Row

NEEDED = ("Users", "Tags", "Posts", "Comments", "Votes", "PostLinks")
UNUSED = ("Badges", "PostHistory")
"""Files that a dump may have and that this domain has no place for."""

_CHUNK = 1 << 16
_SITE = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")


class Dump:
    """A directory with the XML files of one site, as Stack Exchange publishes them."""

    def __init__(self, directory: Path, site: str | None = None) -> None:
        """site: the site's host name; without it, the name of the directory."""
        self.directory = directory
        self.site = (site or directory.resolve().name).lower()
        if not _SITE.fullmatch(self.site):
            raise StackExchangeError(
                f"{self.site!r} can't be the name of a site; name it as in "
                "--site beer.stackexchange.com."
            )

    def check(self) -> dict[str, int]:
        """Read every file once; the number of rows in each.

        Raises StackExchangeError for the first file that is missing or broken.
        """
        if not self.directory.is_dir():
            raise StackExchangeError(f"{self.directory} is not a directory.")
        missing = [name for name in NEEDED if not self._path(name).is_file()]
        if missing:
            raise StackExchangeError(
                f"{self.directory} is not a Stack Exchange data dump: it has no "
                f"{', '.join(f'{name}.xml' for name in missing)}."
            )
        present = [name for name in UNUSED if self._path(name).is_file()]
        return {name: sum(1 for _ in self.rows(name)) for name in (*NEEDED, *present)}

    def rows(self, name: str) -> Iterator[Row]:
        """The rows of a file, such as "Users", one chunk in memory at a time."""
        path = self._path(name)
        try:
            with path.open("rb") as file:
                yield from _rows(file, root=name.lower())
        except OSError as error:
            raise StackExchangeError(f"{path}: {error.strerror}.") from error
        except _BrokenError as error:
            raise StackExchangeError(f"{path}, {error}.") from error

    def _path(self, name: str) -> Path:
        return self.directory / f"{name}.xml"


class _BrokenError(Exception):
    """The place and the reason why a file can't be read."""


def _rows(file: BinaryIO, root: str) -> Iterator[Row]:
    reader = _RowReader(root)
    while chunk := file.read(_CHUNK):
        yield from reader.feed(chunk)
    yield from reader.feed(b"", final=True)


class _RowReader:
    """Expat itself instead of ElementTree: rows are flat, so that no tree is needed,
    and here a document type can be refused, the one way to attack an XML parser."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._depth = 0
        self._found: list[Row] = []
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, chunk: bytes, final: bool = False) -> list[Row]:
        """The rows that end in this chunk."""
        self._found = []
        try:
            self._parser.Parse(chunk, final)
        except expat.ExpatError as error:
            self._fail(expat.ErrorString(error.code))
        return self._found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        expected = "row" if self._depth else self._root
        if name != expected:
            self._fail(f"<{name}> instead of <{expected}>")
        if self._depth:
            self._found.append(Row(attributes))
        self._depth += 1

    def _end(self, _: str) -> None:
        self._depth -= 1

    def _doctype(self, *_: object) -> None:
        self._fail("a document type, which dumps don't have")

    def _fail(self, reason: str) -> NoReturn:
        raise _BrokenError(f"line {self._parser.CurrentLineNumber}: {reason}")

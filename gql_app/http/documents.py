"""Documents known by their hash: persisted by clients (APQ) or trusted beforehand."""

import re
from collections import OrderedDict
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from gql_app.engine.errors import ConfigurationError
from gql_app.http.parameters import Parameters
from gql_app.http.status import (
    ForbiddenDocumentError,
    PersistedQueryNotFoundError,
    RefusedError,
    UnknownDocumentError,
)

_HASH = re.compile(r"[0-9a-f]{64}")
_DOCUMENT_ID = re.compile(r"sha256:([0-9a-f]{64})")


class DocumentStore(Protocol):
    """Documents by the lower-case hexadecimal SHA-256 of their UTF-8 text."""

    async def get(self, digest: str) -> str | None: ...


class TrustedDocuments:
    """The documents of a directory, read once."""

    def __init__(self, documents: Mapping[str, str]) -> None:
        self._documents = dict(documents)

    @classmethod
    def from_directory(cls, directory: Path) -> "TrustedDocuments":
        return cls({hash_of(text): text for text in read_directory(directory).values()})

    async def get(self, digest: str) -> str | None:
        return self._documents.get(digest)

    def __len__(self) -> int:
        return len(self._documents)


class RecentDocuments:
    """What clients have persisted lately (APQ), in this process alone.

    Bounded in number and in characters, so that nobody can fill the memory with it.
    """

    def __init__(self, *, entries: int = 1_000, characters: int = 8_000_000) -> None:
        self._documents: OrderedDict[str, str] = OrderedDict()
        self._entries = entries
        self._room = characters

    async def get(self, digest: str) -> str | None:
        if digest not in self._documents:
            return None
        self._documents.move_to_end(digest)
        return self._documents[digest]

    async def add(self, digest: str, text: str) -> None:
        if digest in self._documents:
            return
        self._documents[digest] = text
        self._room -= len(text)
        while self._room < 0 or len(self._documents) > self._entries:
            _, dropped = self._documents.popitem(last=False)
            self._room += len(dropped)


class Documents:
    """Which document a request means, and whether it may be run.

    `only_trusted` admits the documents of `trusted` and nothing else, whether they
    are named by their hash or sent as text. `recent` is where APQ keeps documents;
    None switches it off.
    """

    def __init__(
        self,
        *,
        trusted: DocumentStore | None = None,
        recent: RecentDocuments | None = None,
        only_trusted: bool = False,
    ) -> None:
        self._trusted = trusted if trusted is not None else TrustedDocuments({})
        self._recent = None if only_trusted else recent
        self._only_trusted = only_trusted

    def as_sent(self, parameters: Parameters) -> str | None:
        """The document to run if nothing need be looked up or checked for it."""
        if parameters.extensions or parameters.document_id or self._only_trusted:
            return None
        return parameters.query

    async def text(self, parameters: Parameters) -> str:
        """The document to run; raises a RefusedError."""
        query, digest = parameters.query, _wanted_hash(parameters)
        if query is None:
            return await self._known(digest, parameters)
        if parameters.document_id is not None:
            raise RefusedError("Send either `query` or `documentId`, not both.")
        if digest is not None and digest != hash_of(query):
            raise RefusedError(
                "The hash in `extensions.persistedQuery` is not the query's."
            )
        if self._only_trusted and await self._trusted.get(hash_of(query)) is None:
            raise ForbiddenDocumentError("Only trusted documents are accepted.")
        return query

    async def remember(self, parameters: Parameters) -> None:
        """To be called when the document was fit to be run: others aren't kept."""
        digest = _wanted_hash(parameters)
        if self._recent and digest is not None and parameters.query is not None:
            await self._recent.add(digest, parameters.query)

    async def _known(self, digest: str | None, parameters: Parameters) -> str:
        if digest is None:
            raise RefusedError("The request has no document: `query` is missing.")
        found = await self._trusted.get(digest)
        if found is None and self._recent is not None:
            found = await self._recent.get(digest)
        if found is not None:
            return found
        if parameters.document_id is not None:
            raise UnknownDocumentError("No document has this `documentId`.")
        # Apollo Client goes by these two messages: send the text, or never ask again.
        if self._recent is None:
            raise RefusedError("PersistedQueryNotSupported")
        raise PersistedQueryNotFoundError("PersistedQueryNotFound")


def read_directory(directory: Path) -> dict[Path, str]:
    """Each `.graphql` file below a directory, its text exactly as its hash has it."""
    if not directory.is_dir():
        raise ConfigurationError(
            f"{directory}: there is no such directory of documents"
        )
    return {path: _read(path) for path in sorted(directory.rglob("*.graphql"))}


def hash_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: is not UTF-8 ({error})") from error


def _wanted_hash(parameters: Parameters) -> str | None:
    """Of a document named by `documentId` or `extensions.persistedQuery`."""
    if parameters.document_id is not None:
        named = _DOCUMENT_ID.fullmatch(parameters.document_id)
        if named is None:
            raise RefusedError(
                "`documentId` must be `sha256:` and 64 hexadecimal digits."
            )
        return named[1]
    persisted = parameters.extensions.get("persistedQuery")
    return None if persisted is None else _persisted_hash(persisted)


def _persisted_hash(persisted: Any) -> str:
    if not isinstance(persisted, dict) or persisted.get("version") != 1:
        raise RefusedError("`extensions.persistedQuery` must have version 1.")
    digest = persisted.get("sha256Hash")
    if not isinstance(digest, str) or not _HASH.fullmatch(digest):
        raise RefusedError("`sha256Hash` must have 64 lower-case hexadecimal digits.")
    return digest

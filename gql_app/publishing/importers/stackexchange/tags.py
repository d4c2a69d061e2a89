"""Tags.xml and the tag wikis in Posts.xml -> tags with descriptions."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from gql_app.publishing.base import table_of
from gql_app.publishing.excerpts import TextFormat, plain_text
from gql_app.publishing.importers.stackexchange.batch import Batch
from gql_app.publishing.importers.stackexchange.errors import DroppedError
from gql_app.publishing.importers.stackexchange.rows import Row
from gql_app.publishing.tag import Tag

_LONGEST = 4000


class Tags:
    """Writes the tags and remembers, for each, which posts describe it.

    A tag's excerpt is its description; the longer wiki stands in where the excerpt is
    empty. Excerpts have to be written before wikis.
    """

    def __init__(self) -> None:
        self._excerpts: dict[int, str] = {}
        self._wikis: dict[int, str] = {}
        self._described: set[str] = set()

    def write(self, batch: Batch) -> None:
        tags = batch.keep(batch.rows, lambda row: self._tag(batch, row))
        batch.insert(Tag, tags, key=("name",))

    def write_excerpts(self, batch: Batch) -> None:
        self._describe(batch, "4", self._excerpts)

    def write_wikis(self, batch: Batch) -> None:
        self._describe(batch, "5", self._wikis)

    def _tag(self, batch: Batch, row: Row) -> dict[str, Any]:
        name = row.text("TagName", most=40).lower()
        for attribute, names in (
            ("ExcerptPostId", self._excerpts),
            ("WikiPostId", self._wikis),
        ):
            number = batch.optional(row, attribute, Row.number)
            if number is not None:
                names[number] = name
        return {"name": name}

    def _describe(self, batch: Batch, kind: str, names: Mapping[int, str]) -> None:
        rows = (row for row in batch.rows if row.get("PostTypeId") == kind)
        texts = batch.keep(rows, lambda row: self._text(row, names))
        tag = table_of(Tag)
        for name, text in texts:
            # A description that someone wrote here since is left alone.
            bare = sa.and_(tag.c.name == name, tag.c.description.is_(None))
            written = batch.connection.execute(
                sa.update(tag).where(bare).values(description=text)
            )
            batch.report.kept("tag description", written.rowcount, 1)

    def _text(self, row: Row, names: Mapping[int, str]) -> tuple[str, str]:
        name = names.get(row.number("Id"))
        if name is None:
            raise DroppedError("tag wiki that no tag refers to")
        text = plain_text(row.get("Body") or "", TextFormat.HTML)
        if not text:
            raise DroppedError("tag wiki without text")
        if name in self._described:
            raise DroppedError("tag wiki of a tag that its excerpt describes")
        if len(text) > _LONGEST:
            raise DroppedError(f"tag wiki longer than {_LONGEST} characters")
        self._described.add(name)
        return name, text

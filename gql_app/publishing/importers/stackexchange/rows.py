"""One row of a dump: attributes that are text, read as what they mean."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from gql_app.publishing.importers.stackexchange.errors import DroppedError

_INTEGER = re.compile(r"-?\d{1,10}")
_LARGEST = 2**31 - 1  # what an INTEGER column holds on PostgreSQL


@dataclass(frozen=True, slots=True)
class Row:
    """An attribute that is missing or empty means NULL. One that has to be there drops
    the row unless it can be read; see `Batch.optional` for others."""

    attributes: Mapping[str, str]

    def get(self, name: str) -> str | None:
        """The attribute, or None if there is none or nothing in it."""
        value = self.attributes.get(name, "")
        return value if value.strip() else None

    def text(self, name: str, most: int | None = None) -> str:
        """Text that has to be there, with at most so many characters."""
        value = self.get(name)
        if value is None:
            raise DroppedError(f"no {name}")
        if most is not None and len(value) > most:
            raise DroppedError(f"{name} longer than {most} characters")
        return value

    def number(self, name: str) -> int:
        """A 32 bit integer that has to be there."""
        value = self.text(name)
        if not _INTEGER.fullmatch(value) or abs(int(value)) > _LARGEST:
            raise DroppedError(f"{name} that is no 32 bit integer")
        return int(value)

    def moment(self, name: str) -> datetime:
        """A moment that has to be there; dumps write them in UTC without saying so."""
        try:
            moment = datetime.fromisoformat(self.text(name))
            return (
                moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
            )
        except (ValueError, OverflowError):
            raise DroppedError(f"{name} that is no date and time") from None

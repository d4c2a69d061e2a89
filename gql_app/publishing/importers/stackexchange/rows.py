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
    """A missing attribute means NULL. What can't be read drops the row."""

    attributes: Mapping[str, str]

    def get(self, name: str) -> str | None:
        """The attribute, or None if there is none or nothing in it."""
        return self.attributes.get(name) or None

    def text(self, name: str, most: int | None = None) -> str:
        """Text that has to be there, with at most so many characters."""
        value = self.attributes.get(name, "")
        if not value.strip():
            raise DroppedError(f"no {name}")
        if most is not None and len(value) > most:
            raise DroppedError(f"{name} longer than {most} characters")
        return value

    def number(self, name: str, missing: int | None = None) -> int:
        """A 32 bit integer that has to be there unless `missing` stands in for it."""
        value = self.attributes.get(name)
        if value is None and missing is not None:
            return missing
        if value is None:
            raise DroppedError(f"no {name}")
        if not _INTEGER.fullmatch(value) or abs(int(value)) > _LARGEST:
            raise DroppedError(f"{name} is not a 32 bit integer")
        return int(value)

    def moment(self, name: str) -> datetime:
        """A moment that has to be there; dumps write them in UTC without saying so."""
        found = self.moment_or_none(name)
        if found is None:
            raise DroppedError(f"no {name}")
        return found

    def moment_or_none(self, name: str) -> datetime | None:
        value = self.attributes.get(name)
        if value is None:
            return None
        try:
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        except ValueError:
            raise DroppedError(f"{name} is not a date and time") from None

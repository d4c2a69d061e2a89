"""Names for addresses, made from titles and display names."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

# Letters that Unicode does not take apart into a base letter and a mark.
_SPELLED = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}
)


def slugify(text: str, longest: int = 80) -> str:
    """Lower-case ASCII words joined by hyphens, cut after a word; "" if there are
    none."""
    spelled = unicodedata.normalize("NFKD", text.lower().translate(_SPELLED))
    ascii_text = spelled.encode("ascii", "ignore").decode().replace("'", "")
    slug = "-".join(re.findall(r"[a-z0-9]+", ascii_text))
    if len(slug) <= longest:
        return slug
    head, hyphen, _ = slug[: longest + 1].rpartition("-")
    return head if hyphen else slug[:longest]


@dataclass(frozen=True)
class Wish:
    """A wanted name, and what to add to it when others have it already."""

    name: str
    addition: str

    def spelled(self, attempt: int) -> str:
        """`name`, `name-addition`, `name-addition-2`, `name-addition-3` ..."""
        if attempt == 0:
            return self.name
        more = "" if attempt == 1 else f"-{attempt}"
        return f"{self.name}-{self.addition}{more}"


def unused_names(
    connection: Connection, column: ColumnElement[Any], wishes: Sequence[Wish]
) -> list[str]:
    """For each wish the first spelling that neither the column nor an earlier wish has.

    The order of the wishes decides, so the same wishes always get the same names.
    """
    names: dict[int, str] = {}
    used: set[str] = set()
    attempt = 0
    while len(names) < len(wishes):
        wanted = {
            place: wish.spelled(attempt)
            for place, wish in enumerate(wishes)
            if place not in names
        }
        found = select(column).where(column.in_(set(wanted.values())))
        used.update(connection.execute(found).scalars())
        for place, name in wanted.items():
            if name not in used:
                names[place] = name
                used.add(name)
        attempt += 1
    return [names[place] for place in range(len(wishes))]

"""What an import did: rows written, found again, kept in part and not kept."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Report:
    """Counts by table, and by file and reason. Printing it tells everything."""

    site: str
    new: Counter[str] = field(default_factory=Counter)
    """Rows written, by table."""
    known: Counter[str] = field(default_factory=Counter)
    """Rows that were there already, from an earlier import or twice in the dump."""
    partial: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Rows kept without a part of them, by file and reason."""
    dropped: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Rows that could not be kept, by file and reason."""

    def kept(self, table: str, new: int, offered: int) -> None:
        """Of the offered rows so many were new; the others were there already."""
        self.new[table] += new
        self.known[table] += offered - new

    def __str__(self) -> str:
        lines = [self.site, f"{'':12}{'new':>9}{'there before':>15}"]
        lines += [
            f"{table:12}{self.new[table]:9,}{self.known[table]:15,}"
            for table in self.new
        ]
        lines += _section("Kept in part:", self.partial)
        lines += _section("Not kept:", self.dropped)
        return "\n".join(lines)


def _section(title: str, counts: Counter[tuple[str, str]]) -> list[str]:
    if not counts:
        return []
    rows = [f"{n:9,}  {name}.xml: {reason}" for (name, reason), n in counts.items()]
    return [title, *rows]

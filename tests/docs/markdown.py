"""Pages of the documentation: their code blocks, links and headings."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

_BLOCK = re.compile(r"^```(\w+)?[ ]*([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. `title` is what follows the language on its first line."""

    language: str
    title: str
    text: str
    line: int


@dataclass(frozen=True)
class Page:
    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """The page without its blocks."""
        return _BLOCK.sub("", self.text)

    @cached_property
    def blocks(self) -> list[Block]:
        return [
            Block(
                language=found[1] or "",
                title=found[2].strip(),
                text=found[3],
                line=self.text.count("\n", 0, found.start()) + 2,
            )
            for found in _BLOCK.finditer(self.text)
        ]

    @property
    def links(self) -> list[str]:
        return _LINK.findall(self.prose)

    @property
    def anchors(self) -> set[str]:
        """What links can point to, as the usual forges name headings."""
        return {_anchor(heading) for heading in _HEADING.findall(self.prose)}


def _anchor(heading: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.replace(" ", "-")

"""The Dockerfile as data: its instructions, and which files it takes."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Dockerfile:
    """Each instruction has its name and the rest of its (joined) line."""

    text: str

    @classmethod
    def of_the_project(cls) -> "Dockerfile":
        return cls((ROOT / "Dockerfile").read_text("utf-8"))

    @cached_property
    def instructions(self) -> list[tuple[str, str]]:
        without_comments = re.sub(r"^#.*\n", "", self.text, flags=re.MULTILINE)
        lines = re.sub(r"\\\n\s*", "", without_comments).splitlines()
        pairs = [line.split(" ", 1) for line in lines if line]
        return [(name, rest) for name, rest in pairs]

    def all(self, name: str) -> list[str]:
        return [rest for each, rest in self.instructions if each == name]

    def command(self, name: str) -> list[str]:
        """The words of the last ENTRYPOINT, CMD or HEALTHCHECK, which has no shell."""
        words = json.loads(re.sub(r"^[^\[]*", "", self.all(name)[-1]))
        assert isinstance(words, list)
        return words

    @property
    def environment(self) -> dict[str, str]:
        """What processes of the image find, besides what the base image sets."""
        final = self.text.rpartition("\nFROM ")[2]
        words = " ".join(Dockerfile(f"FROM {final}").all("ENV"))
        return dict(word.split("=", 1) for word in words.split())

    @property
    def copied(self) -> list[str]:
        """What is taken from the build's context: paths in the project."""
        copies = [rest.split() for rest in self.all("COPY") if "--from" not in rest]
        return [source for *sources, _ in copies for source in sources]

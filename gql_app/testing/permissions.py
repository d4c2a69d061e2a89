"""The permission matrix: what each viewer may do, beside what the project says of it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gql_app.engine import Viewer
from gql_app.testing.attempts import Attempting
from gql_app.testing.client import Client
from gql_app.testing.visible import Reading

Table = Mapping[str, str]
"""Who may do what: names of viewers, separated by spaces. `~name` may in some rows."""


@dataclass(frozen=True)
class Permissions:
    """Tries everything that the schema has, as each viewer, on the rows that are there.

    viewers: those who try, by names of your choice.
    attempts: for each mutation variables that would do, with all fields of its input.
        For another attempt at the same mutation append a label: `updatePost (own)`.
    unattempted: mutations, and fields of inputs such as `updatePost.slug`, to leave out.
    """

    viewers: Mapping[str, Viewer]
    attempts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    unattempted: Collection[str] = ()

    def table(self, client: Client) -> dict[str, str]:
        """What is so: by row, field, mutation and mutation's field, who may.

        `Post 1` is a row, by its primary key: who finds it. `Post.title` is a field: who
        may read it in the rows that they find. `createPost` is an attempt at a mutation
        without, `createPost.tags` with that optional field of its input; nothing is
        changed. AssertionError if a mutation, or a field of its input, isn't attempted.
        """
        __tracebackhide__ = True
        found = Reading(client, self.viewers).verdicts()
        found |= Attempting(client, self.viewers, self.unattempted).verdicts(
            self.attempts
        )
        return {key: " ".join(names) for key, names in found.items()}

    def check(self, client: Client, expected: Table) -> None:
        """AssertionError, with every difference, unless the table is as expected.

        `Post.*` stands for all fields of Post that the expected table doesn't name.
        """
        __tracebackhide__ = True
        differences = list(self._differences(self.table(client), expected))
        if differences:
            raise AssertionError(
                "\n".join(["Viewers may do other things than expected:", *differences])
            )

    def _differences(self, found: Table, expected: Table) -> Iterator[str]:
        used = set()
        for key, names in found.items():
            said = key if key in expected else f"{key.partition('.')[0]}.*"
            used.add(said)
            if said not in expected:
                yield f'  not expected at all: "{key}": "{names}",'
            elif self._sorted(names) != self._sorted(expected[said]):
                yield f'  "{key}": expected "{expected[said]}", found "{names}"'
        for key, names in expected.items():
            if key not in used and names:  # nobody: as good as not there
                yield f'  expected, but not there: "{key}": "{names}",'

    def _sorted(self, names: str) -> list[str]:
        found = sorted(names.split())
        if unknown := {name.removeprefix("~") for name in found} - self.viewers.keys():
            raise ValueError(f"Not among the viewers: {', '.join(sorted(unknown))}.")
        return found

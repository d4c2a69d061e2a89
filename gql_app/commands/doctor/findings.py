"""What the doctor finds, and how it is told."""

import json as json_format
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Finding(NamedTuple):
    severity: Severity
    code: str
    """What kind of finding it is, such as `missing-index`."""
    where: str
    """A table, column, entity, file or line."""
    what: str
    fix: str
    """What to do about it, in a sentence."""

    @property
    def name(self) -> str:
        """By which it can be ignored: `missing-index:book(title, id)`."""
        return f"{self.code}:{self.where}"


def report(found: Sequence[Finding], *, fails: bool, json: bool) -> str:
    """The findings for people, the worst first, or as JSON for tools."""
    ordered = sorted(found, key=lambda one: (list(Severity).index(one.severity), one))
    if json:
        listed = [finding._asdict() for finding in ordered]
        return json_format.dumps({"fails": fails, "findings": listed}, indent=2)
    lines = [
        f"{one.severity}: {one.where}: {one.what} [{one.code}]\n    {one.fix}"
        for one in ordered
    ]
    counts = Counter(finding.severity for finding in found)
    told = [
        f"{count} {severity}{'s' if count > 1 else ''}"
        for severity in Severity
        if (count := counts[severity])
    ]
    return "\n".join([*lines, ", ".join(told) + "." if told else "Nothing is wrong."])

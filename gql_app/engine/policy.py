"""Policies: which rows a viewer may read, said once per entity."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, bindparam

_PREFIX = "viewer_"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks. The role decides the shape of what may be read, the claims (such as
    the viewer's id) only its values: statements are built once per role."""

    role: str = "anonymous"
    claims: Mapping[str, Any] = field(default_factory=dict)

    def parameters(self) -> dict[str, Any]:
        """The claims as the parameters that `ViewerTerms.claim` names."""
        return {f"{_PREFIX}{name}": value for name, value in self.claims.items()}


ANONYMOUS = Viewer()


@dataclass(frozen=True, slots=True)
class ViewerTerms:
    """The viewer as a rule sees it: a real role, and claims as SQL parameters."""

    role: str

    @property
    def anonymous(self) -> bool:
        return self.role == ANONYMOUS.role

    def claim(self, name: str) -> ColumnElement[Any]:
        """The viewer's claim; NULL, which equals nothing, where the viewer has none."""
        return bindparam(f"{_PREFIX}{name}", None)


Rule = Callable[[ViewerTerms, Any], ColumnElement[bool] | bool]
"""Given the viewer's terms and a row's columns by name: the condition to pass."""


def everyone(viewer: ViewerTerms, row: Any) -> bool:
    """Each row, for each viewer."""
    return True


def nobody(viewer: ViewerTerms, row: Any) -> bool:
    """No row, for no viewer."""
    return False


@dataclass(frozen=True, slots=True)
class Policy:
    """What viewers may do with the rows of one entity.

    `read` is called once per role. `within` names a to-one relation: a row is then
    readable only where the row at the relation's end is readable, too.
    """

    read: Rule
    within: str | None = None

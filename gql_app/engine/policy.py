"""Policies: which rows a viewer may read and write, said once per entity."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, Literal, TypeAlias

from sqlalchemy import ColumnElement, bindparam

_PREFIX = "viewer_"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks. The role decides the shape of what may be read, the claims (such as
    the viewer's id) only its values: statements are built once per role."""

    role: str = "anonymous"
    claims: Mapping[str, Any] = field(default_factory=dict)
    expires: float = field(default=inf, compare=False)
    """Until when this is known, in Unix time: connections that stay open end then."""

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


def everyone(_viewer: ViewerTerms, _row: Any) -> bool:
    """Each row, for each viewer."""
    return True


def nobody(_viewer: ViewerTerms, _row: Any) -> bool:
    """No row, for no viewer."""
    return False


@dataclass(frozen=True, slots=True)
class Claim:
    """In `Policy.presets`: the value of the viewer's claim with that name."""

    name: str


@dataclass(frozen=True, slots=True)
class Expression:
    """In `Policy.presets`: what the database finds, such as a name in another table.
    `of` makes the SQL of the viewer's terms, once per role."""

    of: Callable[[ViewerTerms], ColumnElement[Any]]


Preset: TypeAlias = Claim | Expression | Callable[[Viewer], Any]
"""What a column is given instead of being asked for."""

Action = Literal["create", "update", "delete", "restore", "purge"]


@dataclass(frozen=True, slots=True)
class Policy:
    """What viewers may do with the rows of one entity; without a rule, nobody may.

    Rules are called once per role. `within` names a to-one relation: a row can then be
    read and written only where the row at the relation's end is readable, too.

    `create` must hold of a new row, `update` of a row before a change and after it,
    `delete` of a row that is deleted; `restore` and `purge`, of rows that were deleted
    softly, are as `delete` unless given. Rows that a viewer can't read can't be changed
    either, whatever these say. `presets` are columns that new rows get from the viewer,
    not from the input. `writers` are columns that only certain roles may set.

    `readers` are columns that may be read only where their rule holds of the row. To
    everybody else they are NULL, wherever a client can see or infer it.
    """

    read: Rule
    within: str | None = None
    create: Rule | None = None
    update: Rule | None = None
    delete: Rule | None = None
    restore: Rule | None = None
    purge: Rule | None = None
    presets: Mapping[str, Preset] = field(default_factory=dict)
    writers: Mapping[str, Collection[str]] = field(default_factory=dict)
    readers: Mapping[str, Rule] = field(default_factory=dict)

    def rule(self, action: Action) -> Rule | None:
        """The rule for an action; None if nobody may do it."""
        own: Rule | None = getattr(self, action)
        falls_back = own is None and action in ("restore", "purge")
        return self.delete if falls_back else own

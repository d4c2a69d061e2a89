"""Drafts: what clients want to be written, parsed and valid, before any statement."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from gql_app.engine.entity import Column, Entity, Relation
from gql_app.engine.errors import Path

Key: TypeAlias = tuple[Any, ...]


@dataclass(slots=True)
class Reference:
    """A row that is named by the values of some columns, such as its key; `edge` is the
    link to it, if that has columns of its own."""

    entity: Entity
    match: tuple[Column, ...]
    key: Key
    path: Path
    edge: "Draft | None" = None


@dataclass(slots=True)
class Draft:
    """A row to write: its columns (and other inputs, for hooks) by attribute name.

    `sent` are the names that the client gave; the rest are defaults. `references` are
    rows that foreign keys among the values name, `parents` those that are still to be
    found or made, `branches` what else is written at the ends of its relations. `edge`
    is the link to the row, as in a Reference.
    """

    entity: Entity
    path: Path
    values: dict[str, Any]
    sent: frozenset[str]
    references: list[Reference] = field(default_factory=list)
    parents: list[tuple[Relation, "Reference | Draft"]] = field(default_factory=list)
    branches: list["Branch"] = field(default_factory=list)
    edge: "Draft | None" = None

    def field_path(self, name: str) -> Path:
        """Where the client sent the column, or the draft if it didn't."""
        if name not in self.sent:
            return self.path
        return (*self.path, self.entity.columns[name].field)

    def asks_for(self, name: str) -> bool:
        """Whether clients can send the column."""
        models = (self.entity.create, self.entity.update)
        fields = (field for model in models if model for field in model.fields.values())
        return any(field.name == name for field in fields)


@dataclass(slots=True)
class Branch:
    """What a nested write does with the rows at the end of a to-many relation (or of a
    to-one whose foreign key is at the other end). `references` are rows that the links'
    own columns name."""

    relation: Relation
    path: Path
    set: list[Reference] | None = None
    add: list[Reference] = field(default_factory=list)
    remove: list[Reference] = field(default_factory=list)
    create: list[Draft] = field(default_factory=list)
    connect_or_create: list[Draft] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)


def key_of(entity: Entity, values: Mapping[str, Any]) -> Key:
    """The primary key among a row's values, which go by attribute name."""
    return tuple(values[column.name] for column in entity.key)

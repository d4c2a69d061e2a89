"""What the engine knows of a SQLModel class: its columns, keys and relations."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from gql_app.engine.errors import BadUserInputError
from gql_app.engine.hooks import Hooks
from gql_app.engine.identifiers import decode_id, encode_id, not_an_id
from gql_app.engine.policy import Policy, Rule
from gql_app.engine.scalars import (
    BIG_INT,
    DATETIME,
    IDENTIFIER,
    INT,
    Scalar,
)
from gql_app.engine.values import FALLIBLE, checked, same


@dataclass(frozen=True, eq=False, slots=True)
class Column:
    """A table's column. `field` is its GraphQL name; a column that the read model
    doesn't list is not `visible` and has no scalar unless one is known.

    `identifies` is the entity whose global id stands for the value: the entity itself
    for a primary key named `id`, the referenced entity for a foreign key to one.
    `readers` says where it may be read; None: wherever the row may. `settle` makes of a
    value what the column gives back once it has stored that.
    """

    name: str
    field: str
    source: sa.Column[Any]
    scalar: Scalar | None
    visible: bool
    nullable: bool
    description: str
    deprecation: str | None = None
    identifies: str | None = None
    readers: Rule | None = None
    settle: Callable[[Any], Any] = same

    @property
    def may_be_null(self) -> bool:
        """Whether some viewer may find NULL in it."""
        return bool(self.source.nullable) or self.readers is not None

    @property
    def exposed(self) -> Scalar:
        """The scalar that clients see; only for columns that have one."""
        assert self.scalar is not None
        return self.scalar if self.identifies is None else IDENTIFIER

    def read(self, value: Any) -> Any:
        """The value of the exposed scalar that a column's value stands for."""
        if self.identifies is None or value is None:
            return value
        return encode_id(self.identifies, [self.key_text(value)])

    def write(self, value: Any) -> Any:
        """The column's value that a value of the exposed scalar stands for; raises
        BadUserInputError for an id of something else, and for what can't be stored."""
        if self.identifies is None:
            return checked(value) if isinstance(value, FALLIBLE) else value
        name, parts = decode_id(value)
        if name != self.identifies or len(parts) != 1:
            raise not_an_id(value, self.identifies)
        try:
            return self.key_value(parts[0])
        except (ValueError, KeyError, BadUserInputError):
            raise not_an_id(value, self.identifies) from None

    def key_writer(self) -> Callable[[Any], Any]:
        """As `write`, for values that are matched with those of rows."""
        if self.identifies is not None:
            return self.write
        settle = self.settle
        return checked if settle is same else lambda value: settle(checked(value))

    def key_text(self, value: Any) -> str:
        """The value as a part of a global id."""
        assert self.scalar is not None
        return str(self.scalar.dump(value))

    def key_value(self, text: str) -> Any:
        """The value that `key_text` was given; ValueError for any other text."""
        assert self.scalar is not None
        loader = BIG_INT if self.scalar is INT else self.scalar
        value = self.settle(loader.load(text))
        if self.key_text(value) != text:
            raise ValueError(text)
        return value


def settled(columns: Sequence[Column], key: Sequence[Any]) -> tuple[Any, ...]:
    """The values as the columns give them back, to be found among those of rows."""
    pairs = zip(columns, key, strict=True)
    return tuple(column.settle(value) for column, value in pairs)


@dataclass(frozen=True, eq=False, slots=True)
class Computed:
    """A field that a plain function makes of the values of named columns."""

    field: str
    function: Callable[..., Any]
    columns: tuple[Column, ...]
    scalar: Scalar
    many: bool
    nullable: bool
    description: str

    @property
    def has_readers(self) -> bool:
        """Whether not everybody may read what it is made of."""
        return any(column.readers for column in self.columns)


@dataclass(frozen=True, eq=False, slots=True)
class Link:
    """The table between the two ends of an n-n relation.

    `near` and `far` are its columns that refer to the relation's `local` and `remote`
    ones, in the same order; `columns` are those that clients see on the edge.
    """

    table: sa.Table
    near: tuple[sa.Column[Any], ...]
    far: tuple[sa.Column[Any], ...]
    entity: "Entity | None"
    columns: tuple[Column, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Relation:
    """A way from the rows of `source` to those of `target` with equal columns.

    `local` and `remote` pair up; with a link, `local` meets `link.near` and
    `link.far` meets `remote`.
    """

    name: str
    field: str
    source: "Entity"
    target: "Entity"
    many: bool
    nullable: bool
    local: tuple[Column, ...]
    remote: tuple[Column, ...]
    link: Link | None
    description: str

    @property
    def has_readers(self) -> bool:
        """Whether not everybody may read the columns that it goes by."""
        return any(column.readers for column in (*self.local, *self.remote))

    @property
    def title(self) -> str:
        """As developers and clients know it, such as `Post.comments`."""
        return f"{self.source.name}.{self.field}"

    def reverses(self, other: "Relation") -> bool:
        """Whether it leads back along the same foreign key."""
        return (
            self.link is None
            and other.link is None
            and self.local == other.remote
            and self.remote == other.local
        )


@dataclass(frozen=True, eq=False, slots=True)
class ForeignKey:
    """Columns that name a row of another entity, whether or not a relation follows."""

    target: "Entity"
    local: tuple[Column, ...]
    remote: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class OrderTerm:
    """One column of an entity's default order."""

    column: Column
    descending: bool


@dataclass(frozen=True, eq=False, slots=True)
class InputField:
    """A field of a create or update model. One that is no column of the table needs a
    hook that turns it into columns."""

    name: str
    field: str
    column: Column | None
    scalar: Scalar
    required: bool
    description: str

    @property
    def exposed(self) -> Scalar:
        """The scalar that clients send."""
        return self.scalar if self.column is None else self.column.exposed


@dataclass(frozen=True, eq=False, slots=True)
class InputModel:
    """A create or update model, with its fields by their GraphQL names."""

    model: type[SQLModel]
    fields: Mapping[str, InputField]


@dataclass(eq=False, repr=False, slots=True)
class Entity:
    """A table with its read model, as one GraphQL object type.

    Made by `inspection.describe`, which fills in relations and foreign keys once every
    entity is there; nothing changes it afterwards. `members` has what filters and orders may
    name, by GraphQL name: visible columns, relations, and to-many relations once more
    as their counts.
    """

    name: str
    plural: str
    model: type[SQLModel]
    table: sa.Table
    description: str
    policy: Policy
    columns: Mapping[str, Column]
    key: tuple[Column, ...]
    unique: tuple[tuple[Column, ...], ...]
    order: tuple[OrderTerm, ...]
    create: InputModel | None = None
    update: InputModel | None = None
    nested: tuple[str, ...] = ()
    hooks: Hooks = field(default_factory=Hooks)
    computed: tuple[Computed, ...] = ()
    relations: dict[str, Relation] = field(default_factory=dict)
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    by_source: dict[sa.Column[Any], Column] = field(default_factory=dict)
    members: dict[str, "Column | Relation"] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """As developers know it; relations have one, too."""
        return self.name

    def __repr__(self) -> str:
        return f"<Entity {self.name}>"

    @property
    def visible(self) -> list[Column]:
        return [column for column in self.columns.values() if column.visible]

    @property
    def version(self) -> Column | None:
        """The column that counts the changes of a row, if there is one."""
        column = self.columns.get("version")
        return column if column and column.scalar in (INT, BIG_INT) else None

    @property
    def deleted_at(self) -> Column | None:
        """The column that marks deleted rows, where they are kept."""
        column = self.columns.get("deleted_at")
        soft = column and column.scalar is DATETIME and column.source.nullable
        return column if soft else None

    @property
    def has_id(self) -> bool:
        """Whether rows have a global id: clients may see the whole primary key."""
        return all(column.visible for column in self.key)

    @property
    def root_field(self) -> str:
        return self.name[0].lower() + self.name[1:]

    @property
    def list_field(self) -> str:
        return self.plural[0].lower() + self.plural[1:]

    def encode_key(self, values: Sequence[Any]) -> str:
        """The global id of the row with this primary key."""
        pairs = zip(self.key, values, strict=True)
        return encode_id(self.name, [column.key_text(value) for column, value in pairs])

    def decode_key(self, text: str) -> tuple[Any, ...]:
        """The primary key in a global id; BadUserInputError if it isn't one of ours."""
        name, parts = decode_id(text)
        if name != self.name:
            raise not_an_id(text, self.name)
        return self.key_values(text, parts)

    def key_values(self, text: str, parts: Sequence[str]) -> tuple[Any, ...]:
        """The key values written in the parts of the global id `text`."""
        try:
            pairs = zip(self.key, parts, strict=True)
            return tuple(column.key_value(part) for column, part in pairs)
        except (ValueError, KeyError, BadUserInputError):
            raise not_an_id(text, self.name) from None

"""Records: rows on their way to a client, holding just the columns that were read."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gql_app.engine.entity import Column, Entity


class Record:
    """One row of an entity. Columns are attributes, under their Python names.

    Nothing loads behind a reader's back: a column that wasn't selected, or a relation,
    raises AttributeError.
    """

    __slots__ = ("_entity", "_values")

    def __init__(self, entity: Entity, values: Mapping[str, Any]) -> None:
        self._entity = entity
        self._values = values

    @property
    def entity_(self) -> Entity:
        """The row's entity; the underscore keeps clear of column names."""
        return self._entity

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            raise AttributeError(
                f"{self._entity.name}.{name} was not read; relations never load lazily."
            ) from None


def record(entity: Entity, columns: Sequence[Column], row: Iterable[Any]) -> Record:
    """The record of a row that has these columns."""
    names = (column.name for column in columns)
    return Record(entity, dict(zip(names, row, strict=True)))


def values_of(row: Any, columns: Sequence[Column]) -> tuple[Any, ...]:
    """The values of a record's (or a SQLModel instance's) columns."""
    return tuple(getattr(row, column.name) for column in columns)

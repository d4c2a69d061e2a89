"""Shaping: Python code, generated once, that makes response objects of raw rows."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from gql_app.engine.dialects import Dialect
from gql_app.engine.entity import Column, Entity, Relation
from gql_app.engine.plan.leaves import Convert, bail, reader
from gql_app.engine.queries import Selection


class Place:
    """Where in a row a value is; known once everything to select is."""

    __slots__ = ("index",)

    def __init__(self) -> None:
        self.index = -1


Code: TypeAlias = Sequence["str | Place"]
"""Source text of an expression; a place stands for the value there in the row `r`."""


class Shape:
    """One entity's part of a row: the columns and joins that the code refers to."""

    def __init__(self, entity: Entity) -> None:
        self.entity = entity
        self._columns: dict[Column, Place] = {}
        self._edge: dict[Column, Place] = {}
        self._joins: dict[Relation, tuple[Place, Shape]] = {}

    def column(self, column: Column) -> Place:
        return self._columns.setdefault(column, Place())

    def edge(self, column: Column) -> Place:
        return self._edge.setdefault(column, Place())

    def join(self, relation: Relation) -> tuple[Place, "Shape"]:
        """The to-one relation's row, and the place that is NULL if there is none."""
        if relation not in self._joins:
            self._joins[relation] = (Place(), Shape(relation.target))
        return self._joins[relation]

    def selection(self) -> Selection:
        joins = [(one, inner.selection()) for one, (_, inner) in self._joins.items()]
        return Selection(tuple(self._columns), tuple(self._edge), tuple(joins))

    def place(self, start: int) -> int:
        """Number the places from `start` on, in the order of `Selection`; the next."""
        for place in (*self._columns.values(), *self._edge.values()):
            place.index = start
            start += 1
        for marker, inner in self._joins.values():
            marker.index = start
            start = inner.place(start + 1)
        return start


class Names:
    """The objects that generated code refers to, by the names it has for them."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.objects: dict[str, Any] = {"bail": bail}

    def name(self, value: Any) -> str:
        name = f"k{len(self.objects)}"
        self.objects[name] = value
        return name

    def converted(self, place: Place, convert: Convert | None) -> Code:
        """The value, which isn't None, converted."""
        return [place] if convert is None else [self.name(convert), "(", place, ")"]

    def guarded(self, place: Place, code: Code, *, nullable: bool) -> Code:
        """The code, unless the place has None: then None, or no result at all."""
        otherwise = "None" if nullable else "bail()"
        if list(code) == [place] and nullable:
            return code
        return ["(", otherwise, " if ", place, " is None else ", *code, ")"]

    def key(self, columns: Sequence[Column], shape: Shape) -> Code:
        """The key that these columns are: what maps of children are looked up by."""
        parts: list[str | Place] = []
        for column in columns:
            place = shape.column(column)
            code = self.converted(place, reader(column, self.dialect))
            parts += [*self.guarded(place, code, nullable=True), ","]
        return ["(", *parts, ")"] if len(columns) > 1 else parts[:-1]


def compiled(
    parameters: Sequence[str], code: Code, objects: Mapping[str, Any]
) -> tuple[Callable[..., Any], str]:
    """A function with the code for its result, and its source text.

    The code holds nothing of a client's but response keys, written with `repr`.
    """
    text = "".join(
        part if isinstance(part, str) else f"r[{part.index}]" for part in code
    )
    source = f"def shape({', '.join(parameters)}):\n    return {text}\n"
    namespace: dict[str, Any] = dict(objects)
    exec(source, namespace)  # noqa: S102  # this is what the module is for
    # Popped, so that the function and its globals are no cycle: see `Plans`.
    function: Callable[..., Any] = namespace.pop("shape")
    return function, source

"""Operations: valid ones over any schema of ours, drawn by Hypothesis."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
)

from tests.plan.inputs import Dice, Draw, Inputs, Name, Pool, literal

Cursors = Callable[[str, str, str], Sequence[str]]
"""The cursors of a list: of a type's field with these arguments."""

_KEYS = ("a", "b", "id", "node", "nodes", "rows", "total", "r", "None", "get0", "name_")
_MOST = 60
_ANY_CURSOR = "bm9uc2Vuc2U="


@dataclass(frozen=True)
class Operation:
    """A document, the operation meant in it, and the sets of its variables."""

    text: str
    name: str | None
    variables: Sequence[Mapping[str, Any]]


@dataclass
class Writer:
    """Writes one operation.

    Each response key has one meaning in the whole document, so that whatever meets
    under it can be merged.
    """

    draw: Draw
    schema: GraphQLSchema
    pool: Pool
    cursors: Cursors
    meanings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    used: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    fragments: dict[str, tuple[str, str]] = field(default_factory=dict)
    left: int = _MOST
    """How many selections there may still be, beside a last one in each block."""

    def __post_init__(self) -> None:
        self.dice = Dice(self.draw)
        self.inputs = Inputs(self.dice, self.pool)

    def operation(self) -> Operation:
        """A query with at least one field of its own, and what it needs."""
        query = self.schema.query_type
        assert query is not None
        depth = self.dice.number(1, 4)
        # A query for __typename alone is one about the schema: there is no plan.
        fields = self._fields(query, depth)
        first = self._field(query, self.dice.one_of(fields), depth)
        rest = self._selections(query, depth) if self.dice.chance(30) else ""
        name = "Q" if self.dice.chance(30) else None
        definitions = ", ".join(self.inputs.declared.values())
        definitions = f"({definitions})" if definitions else ""
        parts = [f"query {name or ''}{definitions} {{ {first} {rest} }}"]
        parts += [
            f"fragment {fragment} on {kind} {body}"
            for fragment, (kind, body) in self.fragments.items()
        ]
        if name and self.dice.chance(30):
            parts.append("query Other { __typename }")
        return Operation("\n".join(parts), name, self.inputs.sets)

    def _block(self, kind: Any, depth: int) -> str:
        return f"{{ {self._selections(kind, depth)} }}"

    def _selections(self, kind: Any, depth: int) -> str:
        most = 5 if depth == 0 else 3
        many = range(1 + self.dice.number(0, most if self.left > 0 else 0))
        return " ".join(self._selection(kind, depth) for _ in many)

    def _selection(self, kind: Any, depth: int) -> str:
        self.left -= 1
        if self.left < 0:
            return "__typename"
        roll = self.dice.number(0, 99)
        if roll >= 94:
            return f"... {self._directives()} {self._block(kind, depth)}"
        if roll >= 88:
            condition = self._condition(kind)
            inner = self._block(condition, depth)
            return f"... on {condition.name} {self._directives()} {inner}"
        if roll >= 80:
            return f"...{self._fragment(kind, depth)} {self._directives()}"
        fields = self._fields(kind, depth)
        if roll >= 75 or not fields:
            alias = "t: " if self.dice.chance(20) else ""
            return f"{alias}__typename {self._directives()}"
        if isinstance(kind, GraphQLInterfaceType) and self.dice.chance(70):
            condition = self._condition(kind)
            return f"... on {condition.name} {self._block(condition, depth)}"
        return self._field(kind, self.dice.one_of(fields), depth)

    def _condition(self, kind: Any) -> Any:
        """A type that objects of this one have, or may have."""
        if isinstance(kind, GraphQLInterfaceType):
            inner = self.schema.get_possible_types(kind)
            return self.dice.one_of([*inner, kind])
        return self.dice.one_of([kind, *kind.interfaces])

    def _fragment(self, kind: Any, depth: int) -> str:
        known = [
            name for name, (other, _) in self.fragments.items() if other == kind.name
        ]
        if known and self.dice.chance(50):
            return self.dice.one_of(known)
        condition = self._condition(kind)
        body = self._block(condition, depth)
        name = f"F{len(self.fragments)}"
        self.fragments[name] = (condition.name, body)
        return name

    def _fields(self, kind: Any, depth: int) -> list[str]:
        part = kind.name.endswith(("Connection", "Edge"))
        names = [
            name
            for name, one in kind.fields.items()
            if depth > 0 or part or is_leaf_type(get_named_type(one.type))
        ]
        leaves = [name for name in names if is_leaf_type(_named(kind, name))]
        # Half of an entity's fields are columns; what is below them is rarer.
        inner = [name for name in names if name not in leaves]
        return leaves + inner * (1 + len(leaves) // max(1, len(inner)))

    def _directives(self) -> str:
        both = ["skip", "include"]
        if not self.dice.chance(5):
            both = [self.dice.one_of(both)] if self.dice.chance(8) else []
        return " ".join(f"@{name}(if: {self.inputs.condition()})" for name in both)

    def _field(self, kind: Any, name: str, depth: int) -> str:
        known = self.used.get(kind.name)
        if known and self.dice.chance(12):
            key, name, arguments = self.dice.one_of(known)
            depth = max(depth, 1)
        else:
            arguments = self._arguments(kind, name, kind.fields[name])
            key = self._key(kind, name, arguments)
            self.used.setdefault(kind.name, []).append((key, name, arguments))
        alias = "" if key == name else f"{key}: "
        named = _named(kind, name)
        inner = ""
        if isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
            part = kind.name.endswith(("Connection", "Edge"))
            inner = self._block(named, depth if part else depth - 1)
        return f"{alias}{name}{arguments} {self._directives()} {inner}"

    def _key(self, kind: Any, name: str, arguments: str) -> str:
        meaning = (name, arguments, str(kind.fields[name].type))
        for key in (name, self.dice.one_of(_KEYS)):
            if not self.dice.chance(15) and self._means(key, meaning):
                return key
        key = f"{name}{len(self.meanings)}"
        assert self._means(key, meaning)
        return key

    def _means(self, key: str, meaning: tuple[str, ...]) -> bool:
        return self.meanings.setdefault(key, meaning) == meaning

    def _arguments(self, kind: Any, name: str, one: GraphQLField) -> str:
        if "first" in one.args:
            given = self._page(kind, name, one)
        else:
            given = {
                argument: self.inputs.argument(declared.type, argument)
                for argument, declared in one.args.items()
            }
        inner = ", ".join(f"{key}: {literal(value)}" for key, value in given.items())
        return f"({inner})" if given else ""

    def _page(self, kind: Any, name: str, one: GraphQLField) -> dict[str, Any]:
        sides = [side for side in ("after", "before") if self.dice.chance(20)]
        draw = self.inputs.fixed if sides else self.inputs.argument
        rows = {
            argument: draw(one.args[argument].type, argument)
            for argument in ("where", "orderBy")
            if self.dice.chance(40)
        }
        given: dict[str, Any] = {}
        if sides:
            arguments = "".join(f", {key}: {literal(rows[key])}" for key in rows)
            found = self.cursors(kind.name, name, arguments)
            if self.dice.chance(3):
                found = [_ANY_CURSOR]
            given = {side: self.dice.one_of(found) for side in sides if found}
            rows = {
                key: self.inputs.same(one.args[key].type, value)
                for key, value in rows.items()
            }
        return {**self._size(one), **given, **rows}

    def _size(self, one: GraphQLField) -> dict[str, Any]:
        """Mostly one of `first` and `last`, mostly small; rarely what is an error."""
        name = self.dice.one_of(("first", "last"))
        roll = self.dice.number(0, 99)
        if roll < 30:
            return {}
        if roll >= 98:
            wrong = self.dice.one_of((-1, 101, 2**31 - 1))
            return {name: wrong, "last": self.dice.number(0, 2)}
        size = 100 if roll >= 93 else self.dice.number(0, 5)
        other = {"first" if name == "last" else "last": None} if roll == 31 else {}
        if self.dice.chance(20):
            return {name: self.inputs.argument(one.args[name].type, "first"), **other}
        return {name: size, **other}


def _named(kind: Any, name: str) -> Any:
    return get_named_type(kind.fields[name].type)


__all__ = ["Name", "Operation", "Writer"]

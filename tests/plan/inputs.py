"""Input values for any GraphQL input type: literals, variables, absent and null."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
)

Chosen = TypeVar("Chosen")
Draw = Callable[[int, int], int]
"""An integer from the least to the most, both included."""
Pool = Callable[[str, str], Sequence[Any]]
"""JSON values for a field of that name and a scalar of that name."""

WAYS = 2
"""With how many sets of variables each operation runs."""
_DEEPEST = 4
_MISSING = object()


class Name(str):
    """A member of an enum: in a literal it has no quotes."""

    __slots__ = ()


class Variable(str):
    """The name of a variable in the place of a value."""

    __slots__ = ()


def literal(value: Any) -> str:
    """The value as GraphQL writes it."""
    match value:
        case Variable():
            return f"${value}"
        case Name():
            return str(value)
        case dict():
            inner = ", ".join(f"{name}: {literal(one)}" for name, one in value.items())
            return f"{{{inner}}}"
        case list():
            return f"[{', '.join(map(literal, value))}]"
    return json.dumps(value, ensure_ascii=False)


@dataclass
class Dice:
    """Choices made of drawn numbers; the least mean no, none and the first."""

    draw: Draw

    def chance(self, percent: int) -> bool:
        return self.number(0, 99) >= 100 - percent

    def number(self, least: int, most: int) -> int:
        return self.draw(least, most)

    def one_of(self, choices: Sequence[Chosen]) -> Chosen:
        return choices[self.number(0, len(choices) - 1)]

    def some(self, choices: Sequence[Chosen]) -> list[Chosen]:
        """One or none."""
        return [self.one_of(choices)] if choices and self.chance(50) else []


@dataclass
class Inputs:
    """Draws values, and declares the variables that they use."""

    dice: Dice
    pool: Pool
    declared: dict[str, str] = field(default_factory=dict)
    """The definitions of the variables, by name."""
    sets: list[dict[str, Any]] = field(
        default_factory=lambda: [{} for _ in range(WAYS)]
    )

    def argument(self, kind: Any, name: str) -> Any:
        """A value for an argument: it may be, or contain, variables."""
        return self._value(kind, name, 0, fixed=False)

    def fixed(self, kind: Any, name: str) -> Any:
        """A value without variables."""
        return self._value(kind, name, 0, fixed=True)

    def condition(self) -> str:
        """What `@skip` and `@include` take."""
        if self.dice.chance(50):
            return literal(self.dice.chance(50))
        values = [self.dice.chance(50) for _ in range(WAYS)]
        if self.dice.chance(30):
            default = literal(self.dice.chance(50))
            return f"${self._declare(f'Boolean! = {default}', values)}"
        return f"${self._declare('Boolean!', values)}"

    def same(self, kind: Any, value: Any) -> Any:
        """The value itself, or a variable that always has it."""
        if not self.dice.chance(40):
            return value
        return self._declare(str(kind), [value] * WAYS)

    def _declare(self, definition: str, values: Sequence[Any]) -> Variable:
        name = f"v{len(self.declared)}"
        self.declared[name] = f"${name}: {definition}"
        for one, value in zip(self.sets, values, strict=True):
            if value is not _MISSING:
                one[name] = value
        return Variable(name)

    def _variable(self, kind: Any, hint: str, depth: int, strict: bool) -> Variable:
        values = [self._value(kind, hint, depth, fixed=True) for _ in range(WAYS)]
        if strict:
            return self._declare(f"{get_nullable_type(kind)}!", values)
        definition = str(kind)
        has_default = self.dice.chance(35)
        if has_default:
            default = self._present(kind, hint, depth, fixed=True)
            # A nullable variable may stand where null may not, if it has a default.
            if self.dice.chance(50):
                definition = str(get_nullable_type(kind))
            definition += f" = {literal(default)}"
        if has_default or not is_non_null_type(kind):
            values = [_MISSING if self.dice.chance(30) else one for one in values]
        return self._declare(definition, values)

    def _value(self, kind: Any, hint: str, depth: int, *, fixed: bool) -> Any:
        if not fixed and self.dice.chance(15):
            return self._variable(kind, hint, depth, strict=False)
        if not is_non_null_type(kind) and self.dice.chance(4):
            return None
        return self._present(kind, hint, depth, fixed=fixed)

    def _present(self, kind: Any, hint: str, depth: int, *, fixed: bool) -> Any:
        kind = get_nullable_type(kind)
        if is_list_type(kind):
            many = range(self.dice.number(0, 3))
            return [self._value(kind.of_type, hint, depth, fixed=fixed) for _ in many]
        if isinstance(kind, GraphQLInputObjectType):
            return self._object(kind, hint, depth + 1, fixed=fixed)
        if isinstance(kind, GraphQLEnumType):
            return Name(self.dice.one_of(list(kind.values)))
        return self._scalar(kind.name, hint)

    def _object(
        self, kind: GraphQLInputObjectType, hint: str, depth: int, *, fixed: bool
    ) -> Mapping[str, Any]:
        names = list(kind.fields)
        if depth > _DEEPEST:
            names = [name for name in names if _is_shallow(kind.fields[name].type)]
        if kind.is_one_of:
            name = self.dice.one_of(names)
            given = get_nullable_type(kind.fields[name].type)
            hint = _hint(kind, name, hint)
            if not fixed and self.dice.chance(20):
                return {name: self._variable(given, hint, depth, strict=True)}
            return {name: self._present(given, hint, depth, fixed=fixed)}
        least = self.dice.some(names) or self.dice.some(names) or self.dice.some(names)
        required = [name for name in names if is_non_null_type(kind.fields[name].type)]
        chosen = dict.fromkeys([*required, *least, *self.dice.some(names)])
        return {
            name: self._member(kind, name, _hint(kind, name, hint), depth, fixed)
            for name in chosen
        }

    def _member(
        self,
        kind: GraphQLInputObjectType,
        name: str,
        hint: str,
        depth: int,
        fixed: bool,
    ) -> Any:
        given = kind.fields[name].type
        # Elsewhere in a filter null is an error: now and then is enough.
        is_operator = kind.name.endswith("Filter") and name not in ("eq", "ne")
        if is_operator and not self.dice.chance(2):
            given = get_nullable_type(given)
            if not fixed and self.dice.chance(15):
                return self._variable(given, hint, depth, strict=True)
            return self._present(given, hint, depth, fixed=fixed)
        return self._value(given, hint, depth, fixed=fixed)

    def _scalar(self, name: str, hint: str) -> Any:
        if name == "Boolean":
            return self.dice.chance(50)
        if hint.endswith("Count"):
            return self.dice.number(0, 4)
        value = self.dice.one_of(self.pool(hint, name))
        if name == "String" and self.dice.chance(25):
            start = self.dice.number(0, len(value))
            return value[start : self.dice.number(start, len(value))]
        return value


def _hint(kind: GraphQLInputObjectType, name: str, hint: str) -> str:
    """What the values under that name are compared with."""
    if kind.name.endswith("Filter"):
        return hint
    owner = kind.name.removesuffix("Where").removesuffix("By")
    return f"{owner}.id" if name == "id" else name


def _is_shallow(kind: Any) -> bool:
    named = get_named_type(kind)
    is_object = isinstance(named, GraphQLInputObjectType)
    return not is_object or named.name.endswith("Filter")

"""A mutation for each field of the schema, with a row of the world as its target."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_required_input_field,
)

from tests.permissions.conftest import Call
from tests.permissions.expected import WRITE
from tests.permissions.world import ENTITIES, World, missing

FIELDS: Mapping[str, Mapping[str, Any]] = {
    "CreatePostInput": {
        "title": "New",
        "body": "New text.",
        "format": "MARKDOWN",
        "tags": {"connectOrCreate": [{"name": "sql"}]},
    },
    "UpdatePostInput": {
        "title": "New",
        "body": "New text.",
        "format": "HTML",
        "tags": {"set": []},
    },
    "SetPostInput": {"title": "New", "body": "New text.", "format": "HTML"},
    "CreateCommentInput": {
        "body": "New words.",
        "format": "MARKDOWN",
        "postId": "the target",
        "parentId": None,
    },
    "UpdateCommentInput": {"body": "New words.", "format": "HTML"},
    "CreatePostLinkInput": {
        "postId": "the target",
        "targetId": "another post",
        "kind": "DUPLICATE",
    },
    "CreateTagInput": {"name": "new-tag", "description": "New."},
    "UpdateTagInput": {"description": "New.", "name": "sequel"},
    "UpdateUserInput": {
        "displayName": "New",
        "email": "new@example.org",
        "role": "READER",
    },
    "UpdateProfileInput": {
        "bio": "New.",
        "website": "https://example.org",
        "location": "New",
    },
}
"""A good value for each field of each input; a field that isn't here fails the tests."""


@dataclass(frozen=True)
class Attempt:
    """A mutation of one row; `input` names what it sends, if it sends one."""

    mutation: str
    label: str
    call: Call
    input: tuple[str, str] | None


class Mutations:
    """What the schema's mutations look like as operations that are only tried."""

    def __init__(self, schema: GraphQLSchema, world: World) -> None:
        assert schema.mutation_type is not None
        self.fields: Mapping[str, GraphQLField] = schema.mutation_type.fields
        self._world = world

    def attempts(self, name: str) -> Iterator[Attempt]:
        """One for each row of the table, and each field of an input to change rows."""
        entity, cases = WRITE[name]
        for label in cases:
            target = self._world.id(entity, label)
            for field in self._sent(name):
                call = self.call(name, target, label, field and field[1])
                yield Attempt(name, label, call, field)

    def missing(self, name: str, attempt: Attempt) -> Call:
        """The same for a row that was never there."""
        target = missing(ENTITIES[WRITE[name][0]])
        return self.call(
            name, target, attempt.label, attempt.input and attempt.input[1]
        )

    def call(self, name: str, target: str, label: str, only: str | None) -> Call:
        """The mutation of the target; an update sends one field `only`."""
        field = self.fields[name]
        head = ", ".join(f"${key}: {one.type}" for key, one in field.args.items())
        given = ", ".join(f"{key}: ${key}" for key in field.args)
        wanted = _selection(field)
        query = f"mutation({head}) @dryRun {{ {name}({given}) {{ {wanted} }} }}"
        variables = {
            key: self._value(name, key, get_named_type(one.type), (target, label, only))
            for key, one in field.args.items()
        }
        if "inputs" in variables:
            variables["inputs"] = [variables["inputs"]]
        return Call(query, variables)

    def _sent(self, name: str) -> list[tuple[str, str] | None]:
        args = self.fields[name].args
        for key in ("input", "set"):
            if key in args and name.startswith("update"):
                kind = get_named_type(args[key].type)
                assert isinstance(kind, GraphQLInputObjectType)
                return [(kind.name, field) for field in kind.fields]
        return [None]

    def _value(
        self,
        name: str,
        argument: str,
        kind: GraphQLNamedType,
        aim: tuple[str, str, str | None],
    ) -> Any:
        target, label, only = aim
        if argument in ("id", "postId", "userId"):
            return target
        if argument in ("input", "inputs", "set"):
            assert isinstance(kind, GraphQLInputObjectType)
            return self._input(kind, target, label, only)
        fixed: dict[str, Any] = {
            "expectedVersion": 2,
            "kind": "LIKE",
            "onConflict": "NAME",
            "atMost": 100,
        }
        if argument == "commentId":
            return self._world.id("Comment", label)
        if argument == "where":
            return self._where(WRITE[name][0], target)
        return fixed[argument]

    def _where(self, entity: str, target: str) -> Any:
        key = ENTITIES[entity].decode_key(target)
        columns = zip(ENTITIES[entity].key, key, strict=True)
        values = {column.field: column.read(value) for column, value in columns}
        return {
            field: {"eq": getattr(value, "name", value)}
            for field, value in values.items()
        }

    def _input(
        self, kind: GraphQLInputObjectType, target: str, label: str, only: str | None
    ) -> Any:
        samples = FIELDS[kind.name]
        assert samples.keys() == kind.fields.keys(), kind.name
        if only is not None:
            return {only: samples[only]}
        found = dict(samples)
        if "postId" in found:
            found["postId"] = target
        if "targetId" in found:
            other = "archived" if label == "published" else "published"
            found["targetId"] = self._world.id("Post", other)
        required = [
            key for key, one in kind.fields.items() if is_required_input_field(one)
        ]
        assert all(found[key] is not None for key in required)
        return found


def _selection(field: GraphQLField) -> str:
    """All parts of the payload, with the ids of rows, and why there are none."""
    payload = get_named_type(field.type)
    assert isinstance(payload, GraphQLObjectType)
    parts = []
    for name, one in payload.fields.items():
        kind = get_named_type(one.type)
        if name == "errors":
            parts.append("errors { __typename code message path }")
        elif isinstance(kind, GraphQLObjectType):
            parts.append(f"{name} {{ id }}")
        else:
            parts.append(name)
    return " ".join(parts)


def affected(payload: Mapping[str, Any]) -> int:
    """How many rows the payload says were written."""
    if payload["errors"]:
        return 0
    values = [value for name, value in payload.items() if name != "errors"]
    counted = [value for value in values if isinstance(value, int)]
    counted += [len(value) for value in values if isinstance(value, list)]
    counted += [value is not None for value in values if not counted]
    return max(counted)

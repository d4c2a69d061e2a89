"""Mutations: which fields Mutation has for which entity, and their resolvers."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import strawberry
from graphql import GraphQLResolveInfo

from gql_app.engine.entity import Entity
from gql_app.engine.names import words
from gql_app.engine.sdl import Field, Value, list_of, optional
from gql_app.engine.types import Types
from gql_app.engine.writing.context import WritingContext
from gql_app.engine.writing.inputs import WriteInputs
from gql_app.engine.writing.payloads import payload_type
from gql_app.engine.writing.shapes import creatable, updatable
from gql_app.engine.writing.targets import conflict_target_type, conflict_targets
from gql_app.engine.writing.verbs import Arguments, Verb, Written, write
from gql_app.engine.writing.writer import Writer

Info = GraphQLResolveInfo[WritingContext]

ID = strawberry.ID


@dataclass(frozen=True, eq=False, slots=True)
class WriteField:
    """A field of Mutation, generated or not, all of whose work a function does in the
    transaction: given the arguments by their GraphQL names, without those that were
    left out, it says which rows the payload is about."""

    work: Callable[[Writer, Arguments], Written]
    title: str
    """As developers know it, such as `create Post`."""


def write_resolver(spec: WriteField) -> Callable[..., Awaitable[Written]]:
    """The graphql-core resolver of such a mutation."""

    async def resolve(_: Any, info: Info, **arguments: Any) -> Written:
        return await info.context.write(spec.work, arguments)

    return resolve


class Mutations:
    """Makes the fields of Mutation: for each entity what its models and policy allow."""

    def __init__(self, entities: Sequence[Entity], types: Types) -> None:
        self._entities = entities
        self._types = types
        self._inputs = WriteInputs()

    def root_fields(self) -> dict[str, Field]:
        """`createPost`, `updatePosts`, ... of all entities."""
        return {
            name: field
            for entity in self._entities
            for name, field in (
                *self._creating(entity),
                *self._updating(entity),
                *self._deleting(entity),
            )
        }

    def _creating(self, entity: Entity) -> Iterator[tuple[str, Field]]:
        if not creatable(entity):
            return
        name = words(entity.name)
        new = self._inputs.create(entity)
        one = Value(new, "The new row.")
        yield self._field(entity, "create", f"Create a {name}.", {"input": one})
        several = Value(list_of(new), "The new rows.")
        title = f"Create several {words(entity.plural)}, all or none."
        yield self._field(entity, "createMany", title, {"inputs": several})
        if updatable(entity) and conflict_targets(entity):
            kind = conflict_target_type(entity)
            target = Value(kind, "The unique key that tells whether there is one.")
            title = f"Change the {name} with a certain unique key, or create it."
            arguments = {"input": one, "onConflict": target}
            yield self._field(entity, "upsert", title, arguments)

    def _updating(self, entity: Entity) -> Iterator[tuple[str, Field]]:
        if not updatable(entity):
            return
        change = Value(self._inputs.update(entity), "What to change.")
        title = f"Change a {words(entity.name)}."
        arguments = {**_named(entity), "input": change}
        yield self._field(entity, "update", title, arguments)
        title = (
            f"Change all {words(entity.plural)} that pass a filter, and that you may."
        )
        same = Value(self._inputs.columns(entity), "What to change, in all of them.")
        arguments = {**self._filter(entity), "set": same}
        yield self._field(entity, "updateMany", title, arguments)

    def _deleting(self, entity: Entity) -> Iterator[tuple[str, Field]]:
        policy, name = entity.policy, words(entity.name)
        if not entity.has_id:
            return
        if policy.delete is not None:
            title = f"Delete a {name}."
            yield self._field(entity, "delete", title, _named(entity))
            title = f"Delete all {words(entity.plural)} that pass a filter, and that you may."
            yield self._field(entity, "deleteMany", title, self._filter(entity))
        identified = {"id": Value(ID, "The global id.")}
        if entity.deleted_at is not None and policy.rule("restore") is not None:
            title = f"Bring a deleted {name} back."
            yield self._field(entity, "restore", title, identified)
        if entity.deleted_at is not None and policy.rule("purge") is not None:
            title = f"Delete a deleted {name} for good."
            yield self._field(entity, "purge", title, identified)

    def _field(
        self, entity: Entity, verb: Verb, title: str, arguments: dict[str, Value]
    ) -> tuple[str, Field]:
        many = verb.endswith("Many")
        stem = verb.removesuffix("Many")
        name = stem + (entity.plural if many else entity.name)
        payload = f"{name[0].upper()}{name[1:]}Payload"
        kind = payload_type(entity, verb, payload, self._types.objects)

        def work(writer: Writer, given: Arguments) -> Written:
            return write(writer, entity, verb, given)

        spec = WriteField(work, f"{verb} {entity.name}")
        return name, Field(kind, title, spec, arguments)

    def _filter(self, entity: Entity) -> dict[str, Value]:
        return {
            "where": Value(self._types.wheres.where(entity), "Which rows."),
            "atMost": Value(int, "More rows than that are an error: none is changed."),
        }


def _named(entity: Entity) -> dict[str, Value]:
    named = {"id": Value(ID, "The global id.")}
    if entity.version is not None:
        kind = optional(entity.version.exposed.annotation)
        title = "The version that the change is meant for; no other is changed."
        named["expectedVersion"] = Value(kind, title)
    return named

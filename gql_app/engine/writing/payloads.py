"""Payloads: what mutations answer with, and the errors that say why nothing was done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import strawberry
from graphql import GraphQLObjectType, GraphQLResolveInfo, get_named_type

from gql_app.engine.context import Context
from gql_app.engine.entity import Entity
from gql_app.engine.errors import (
    ConflictError,
    EngineError,
    ErrorCode,
    ForbiddenError,
    NotFoundError,
    RolledBackError,
    UnauthenticatedError,
    UniqueViolationError,
)
from gql_app.engine.loaders import row_loader
from gql_app.engine.records import Record
from gql_app.engine.scalars import enum_scalar
from gql_app.engine.sdl import SPEC, Field, declare, define_type, list_of, optional
from gql_app.engine.selections import below, needed_columns
from gql_app.engine.types import Node
from gql_app.engine.writing.drafts import Key
from gql_app.engine.writing.update import StaleVersionError
from gql_app.engine.writing.verbs import Verb, Written

Info = GraphQLResolveInfo[Context]


@dataclass(frozen=True, eq=False, slots=True)
class PayloadField:
    """A part of a payload: `row`, `rows`, `deletedId`, ... or of one of its errors."""

    part: str
    entity: Entity | None = None


@dataclass(frozen=True, slots=True)
class Complaint:
    """An error in a payload. (graphql-core raises exceptions that it is given.)"""

    error: EngineError

    @property
    def type_name(self) -> str:
        """The GraphQL type, by the class of the error."""
        return next(name for kind, name in _TYPE_NAMES if isinstance(self.error, kind))

    @property
    def current(self) -> tuple[Entity, Key] | None:
        """The row that a conflict is about."""
        error = self.error
        if isinstance(error, StaleVersionError):
            return error.entity, error.key
        return None


_TYPE_NAMES: Sequence[tuple[type[EngineError], str]] = (
    (RolledBackError, "RolledBackError"),
    (UniqueViolationError, "UniqueViolationError"),
    (ConflictError, "ConflictError"),
    (NotFoundError, "NotFoundError"),
    (ForbiddenError, "ForbiddenError"),
    (UnauthenticatedError, "ForbiddenError"),
    (EngineError, "ValidationError"),
)
_ABOUT = {
    "ValidationError": "The input is wrong, at the path.",
    "NotFoundError": "What the input names isn't there, or you may not see it.",
    "ForbiddenError": "You may not do that.",
    "ConflictError": "The row is not, or no longer, what the input takes it for.",
    "UniqueViolationError": "Another row has the value already.",
    "RolledBackError": "Nothing is wrong here, but another field of the operation "
    "failed: all of it was undone.",
}


class Failure:
    """The payload of a field that wrote nothing: every part of it but errors is null."""

    def __init__(self, errors: Sequence[EngineError]) -> None:
        self.errors = [Complaint(error) for error in errors]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)


enum_scalar(ErrorCode)


def _part(name: str, description: str) -> Any:
    metadata = {SPEC: PayloadField(name)}
    return strawberry.field(description=description, metadata=metadata)


@strawberry.interface(description="Why a mutation wrote nothing.")
class MutationError:
    """What `errors` in payloads are, in those of hand-written mutations as well."""

    code: ErrorCode = _part("code", "What kind of error it is.")
    message: str = _part("message", "What is wrong, for people.")
    path: list[str] | None = _part(
        "path", "Where in the arguments, by names and list indices; null for nowhere."
    )


def _define_errors() -> Mapping[str, type]:
    found = {}
    for name, text in _ABOUT.items():
        own = {}
        if name == "ConflictError":
            title = "The row as it is now; null if the conflict is of another kind."
            own["current"] = Field(optional(Node), title, PayloadField("current"))
        found[name] = define_type(declare(name, MutationError), own, text)
    return found


ERROR_TYPES = _define_errors()


def payload_type(
    entity: Entity, verb: Verb, name: str, objects: Mapping[Entity, type]
) -> type:
    """`CreatePostPayload`: what was written, or the errors."""
    kind: Any = objects[entity]
    row = Field(optional(kind), "The row as it is now.", PayloadField("row", entity))
    rows = Field(
        optional(list_of(kind)),
        "The rows as they are now.",
        PayloadField("rows", entity),
    )
    gone = Field(optional(_ID), "Its global id.", PayloadField("deletedId", entity))
    all_gone = Field(
        optional(list_of(_ID)), "Their global ids.", PayloadField("deletedIds", entity)
    )
    count = Field(
        optional(int), "How many rows were changed.", PayloadField("affectedCount")
    )
    created = Field(optional(bool), "Whether the row is new.", PayloadField("created"))
    one, many = {entity.root_field: row}, {entity.list_field: rows}
    parts: dict[str, Field] = {
        "create": one,
        "createMany": many,
        "update": one,
        "updateMany": {**many, "affectedCount": count},
        "upsert": {**one, "created": created},
        "delete": {"deletedId": gone},
        "deleteMany": {"deletedIds": all_gone, "affectedCount": count},
        "restore": one,
        "purge": {"deletedId": gone},
    }[verb]
    errors = Field(
        list_of(MutationError), "Why nothing was written.", PayloadField("errors")
    )
    title = f"What {name[0].lower()}{name[1:].removesuffix('Payload')} did."
    return define_type(declare(name), {**parts, "errors": errors}, title)


_ID = strawberry.ID


def part_resolver(spec: PayloadField) -> Any:
    """The graphql-core resolver of a part of a payload, or of an error in it."""
    simple = _SIMPLE.get(spec.part)
    if simple is not None:
        return lambda source, _: simple(source)
    if spec.part == "current":
        return _current
    entity = spec.entity
    assert entity is not None
    if spec.part in ("deletedId", "deletedIds"):
        many = spec.part == "deletedIds"
        return lambda source, _: _deleted(entity, source, many)
    return _rows(entity, many=spec.part == "rows")


_SIMPLE: Mapping[str, Any] = {
    "code": lambda complaint: complaint.error.code,
    "message": lambda complaint: complaint.error.message,
    "path": lambda complaint: [str(part) for part in complaint.error.path] or None,
    "errors": lambda payload: getattr(payload, "errors", ()),
    "created": lambda payload: payload.created,
    "affectedCount": lambda payload: _count(payload),
}


def _count(payload: Written | Failure) -> int | None:
    if isinstance(payload, Failure):
        return None
    return len(payload.keys) + len(payload.deleted)


def _deleted(entity: Entity, payload: Written | Failure, many: bool) -> Any:
    if isinstance(payload, Failure):
        return None
    found = [entity.encode_key(key) for key in payload.deleted]
    return found if many else found[0]


def _rows(entity: Entity, *, many: bool) -> Any:
    async def resolve(payload: Written | Failure, info: Info) -> Any:
        if isinstance(payload, Failure):
            return None
        columns = needed_columns(entity, [below(info)])
        loader = row_loader(info.context, entity, entity.key, columns)
        if not many:
            return await loader.load(payload.keys[0])
        found = await loader.load_many(list(payload.keys))
        # A row that its own writer may not read is left out, as it is in lists.
        return [row for row in found if row is not None]

    return resolve


async def _current(complaint: Complaint, info: Info) -> Record | None:
    if complaint.current is None:
        return None
    entity, key = complaint.current
    object_type = info.schema.get_type(entity.name)
    assert isinstance(object_type, GraphQLObjectType)
    columns = needed_columns(entity, [below(info, object_type)])
    return await row_loader(info.context, entity, entity.key, columns).load(key)


def has_errors(return_type: Any) -> bool:
    """Whether a field's type is a payload: it can say what was wrong."""
    named = get_named_type(return_type)
    if not isinstance(named, GraphQLObjectType) or "errors" not in named.fields:
        return False
    errors: Any = get_named_type(named.fields["errors"].type)
    return bool(errors.name == "MutationError")

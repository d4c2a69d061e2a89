"""Hand-written mutations, in the shape of the generated ones."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Generic, TypeVar

import strawberry
from sqlmodel import SQLModel
from strawberry.types.field import StrawberryField

from gql_app.engine.api import Api
from gql_app.engine.entity import Entity
from gql_app.engine.errors import BadUserInputError, EngineError
from gql_app.engine.input_models import input_model
from gql_app.engine.mapping import ScalarMap
from gql_app.engine.sdl import (
    Field,
    Value,
    declare,
    define_input,
    define_type,
    list_of,
    optional,
)
from gql_app.engine.values import check_text
from gql_app.engine.writing.payloads import MutationError, PayloadField
from gql_app.engine.writing.problems import ProblemsError
from gql_app.engine.writing.validation import problem, validated

Model = TypeVar("Model", bound=SQLModel)


def entity_of(api: Api, model: type[SQLModel]) -> Entity:
    """What the engine knows of a registered table."""
    return next(entity for entity in api.entities if entity.model is model)


class Input(Generic[Model]):
    """The input type that a model describes, and how to read it."""

    def __init__(self, model: type[Model]) -> None:
        described = input_model(model, {}, ScalarMap({}))
        assert described is not None
        self._model, self._described = model, described
        fields = {
            name: Value(
                one.exposed.annotation
                if one.required
                else optional(one.exposed.annotation),
                one.description,
            )
            for name, one in described.fields.items()
        }
        self.type = define_input(
            declare(f"{model.__name__}Input"), fields, (model.__doc__ or "").strip()
        )

    def read(self, given: Any) -> Model:
        """The valid model; ProblemsError, with all that is wrong, otherwise."""
        sent: dict[str, Any] = {}
        problems: list[EngineError] = []
        for name, field in self._described.fields.items():
            value = getattr(given, name)
            if value is strawberry.UNSET:
                continue
            try:
                sent[field.name] = (
                    check_text(value) if isinstance(value, str) else value
                )
            except BadUserInputError as error:
                problems.append(BadUserInputError(error.message, path=("input", name)))
        found, details = validated(self._model, {} if problems else sent)
        if not problems:
            problems += [problem(one, self._described, ("input",)) for one in details]
        if problems:
            raise ProblemsError(problems)
        assert isinstance(found, self._model)
        return found


def row_field(entity: Entity, kind: type, description: str) -> Field:
    """A part of a payload, or of another value with `keys`: the row with the first."""
    return Field(optional(kind), description, PayloadField("row", entity))


def payload_type(name: str, parts: Mapping[str, Field]) -> type:
    """`PublishPostPayload`: the parts, each null on failure, and `errors`."""
    errors = Field(
        list_of(MutationError), "Why nothing was done.", PayloadField("errors")
    )
    title = f"What {name[0].lower()}{name[1:].removesuffix('Payload')} did."
    return define_type(declare(name), {**parts, "errors": errors}, title)


def mutation(
    resolver: Callable[..., Any],
    returns: Any,
    description: str,
    arguments: Mapping[str, Value],
) -> StrawberryField:
    """A mutation field; types and descriptions of arguments by their Python names."""
    resolver.__annotations__ = {
        "info": strawberry.Info,
        "return": returns,
        **{
            name: Annotated[
                value.annotation, strawberry.argument(description=value.description)
            ]
            for name, value in arguments.items()
        },
    }
    made: StrawberryField = strawberry.mutation(
        resolver=resolver, description=description
    )
    return made

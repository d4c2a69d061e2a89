"""Strawberry types made at run time: declared by name first, defined afterwards.

GraphQL types refer to each other in circles. A bare class per type is enough to refer
to; Strawberry reads the annotations only when the schema is built.
"""

import keyword
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import GenericAlias
from typing import Any, Optional

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField


@dataclass(frozen=True, slots=True)
class Value:
    """An argument or an input field: its annotation and description."""

    annotation: Any
    description: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an output type. `spec` says where its value comes from."""

    annotation: Any
    description: str
    spec: Any = None
    arguments: Mapping[str, Value] = field(default_factory=dict)
    deprecation: str | None = None


def optional(annotation: Any) -> Any:
    """The annotation or None."""
    return Optional[annotation]  # noqa: UP045  # "|" doesn't take every run-time type


def list_of(annotation: Any) -> Any:
    """A list of the annotation."""
    return GenericAlias(list, (annotation,))


def declare(name: str, *interfaces: type) -> type:
    """A class that annotations may refer to before it is defined."""
    return type(name, interfaces, {"__module__": __name__})


def define_type(declared: type, fields: Mapping[str, Field], description: str) -> type:
    """Make a declared class an object type. Fields go by their GraphQL names."""
    _set_fields(declared, {name: _output(name, one) for name, one in fields.items()})
    return strawberry.type(declared, description=description)


def define_input(
    declared: type,
    fields: Mapping[str, Value],
    description: str,
    *,
    one_of: bool = False,
) -> type:
    """Make a declared class an input type; its annotations say what is required."""
    _set_fields(declared, {name: _input(name, one) for name, one in fields.items()})
    return strawberry.input(declared, description=description, one_of=one_of)


def _set_fields(declared: type, fields: Mapping[str, StrawberryField]) -> None:
    declared.__annotations__ = {}
    for name, strawberry_field in fields.items():
        python_name = f"{name}_" if keyword.iskeyword(name) else name
        annotation = strawberry_field.type_annotation
        assert annotation is not None
        declared.__annotations__[python_name] = annotation.annotation
        setattr(declared, python_name, strawberry_field)


def _output(name: str, described: Field) -> StrawberryField:
    made = StrawberryField(
        graphql_name=name,
        type_annotation=StrawberryAnnotation(described.annotation),
        description=described.description,
        deprecation_reason=described.deprecation,
        metadata={} if described.spec is None else {SPEC: described.spec},
    )
    made.arguments = [
        StrawberryArgument(
            python_name=argument,
            graphql_name=argument,
            type_annotation=StrawberryAnnotation(value.annotation),
            description=value.description,
            default=strawberry.UNSET,
        )
        for argument, value in described.arguments.items()
    ]
    return made


def _input(name: str, described: Value) -> StrawberryField:
    return StrawberryField(
        graphql_name=name,
        type_annotation=StrawberryAnnotation(described.annotation),
        description=described.description,
        default=strawberry.UNSET,
    )


SPEC = "gql_app.spec"
"""The key of a field's spec in its Strawberry metadata."""

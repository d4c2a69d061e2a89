"""Create and update models -> what clients may send."""

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import SecretStr
from sqlmodel import SQLModel

from gql_app.engine.entity import Column, InputField, InputModel
from gql_app.engine.errors import ConfigurationError
from gql_app.engine.mapping import ScalarMap, strip
from gql_app.engine.names import camel, words
from gql_app.engine.policy import Policy
from gql_app.engine.scalars import STRING, Scalar


def input_model(
    model: type[SQLModel] | None,
    columns: Mapping[str, Column],
    scalars: ScalarMap,
    preset: Collection[str] = (),
) -> InputModel | None:
    """The model's fields but for those that are preset.

    Raises ConfigurationError for a field whose type has no scalar.
    """
    if model is None:
        return None
    fields = {}
    for name, info in model.model_fields.items():
        if name in preset:
            continue
        column = columns.get(name)
        scalar = _scalar(column, info.annotation, scalars)
        if scalar is None:
            raise ConfigurationError(
                f"{model.__name__}.{name} has the type {info.annotation}, which has no "
                "scalar yet: give one to Api(scalars={...})."
            )
        field = camel(name) if column is None else column.field
        fields[field] = InputField(
            name=name,
            field=field,
            column=column,
            scalar=scalar,
            required=info.is_required(),
            description=info.description
            or (f"The {words(name)}." if column is None else column.description),
        )
    return InputModel(model, fields)


def check_policy(policy: Policy, columns: Mapping[str, Column]) -> None:
    """Raise ConfigurationError if the policy names columns that aren't there, or has
    readers for one of the primary key."""
    unknown = {*policy.presets, *policy.writers, *policy.readers} - columns.keys()
    if unknown:
        raise ConfigurationError(f"The policy names {min(unknown)!r}: no such column.")
    for name in policy.readers:
        if columns[name].source.primary_key:
            raise ConfigurationError(
                f"The policy has readers for {name!r}, which is in the primary key: "
                "whoever reads a row can read its key."
            )


def _scalar(
    column: Column | None, annotation: Any, scalars: ScalarMap
) -> Scalar | None:
    if column is not None and column.scalar is not None:
        return column.scalar
    if strip(annotation) is SecretStr:
        return STRING
    return scalars.of_annotation(annotation)

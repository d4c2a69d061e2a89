"""Validation: Pydantic models and column types, with paths into the input."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from sqlmodel import Field, SQLModel

from gql_app.engine.entity import Column, InputModel
from gql_app.engine.errors import BadUserInputError, EngineError, Path
from gql_app.engine.mapping import plain_type
from gql_app.engine.names import words
from gql_app.engine.values import checked


@lru_cache(1024)
def _validator(model: type[SQLModel]) -> Callable[[dict[str, Any]], SQLModel]:
    """SQLModel's own validation prepares for tables, which takes longer than to validate."""
    is_table = sa.inspect(model, raiseerr=False) is not None
    return model.model_validate if is_table else TypeAdapter(model).validate_python


@lru_cache(1024)
def all_fields(model: InputModel) -> tuple[str, ...]:
    """The names of the model's fields."""
    return tuple(model.model.model_fields)


@lru_cache(1024)
def fields_of(model: InputModel, columns: frozenset[Column]) -> frozenset[str]:
    """The names of the model's fields for these columns."""
    names = {column.name for column in columns}
    return frozenset(names & set(all_fields(model)))


@lru_cache(1024)
def without(model: type[SQLModel], names: frozenset[str]) -> type[SQLModel]:
    """The model with these fields optional: their values come from elsewhere."""
    if not names:
        return model
    body: dict[str, Any] = {name: Field(default=None) for name in names}
    body["__annotations__"] = dict.fromkeys(names, Any)
    body["__module__"] = model.__module__
    made: type[SQLModel] = type(model)(model.__name__, (model,), body)  # type: ignore[misc]  # SQLModel's metaclass
    return made


def validated(
    model: type[SQLModel], values: dict[str, Any]
) -> tuple[SQLModel | None, list[ErrorDetails]]:
    """The model's instance, or what Pydantic says is wrong."""
    try:
        return _validator(model)(values), []
    except ValidationError as error:
        details = error.errors(
            include_url=False, include_context=False, include_input=False
        )
        return None, details


def problem(details: ErrorDetails, model: InputModel, path: Path) -> EngineError:
    """Pydantic's complaint as an error with a path in GraphQL names."""
    names = {field.name: name for name, field in model.fields.items()}
    first, *rest = details["loc"] or ("",)
    here = (names.get(str(first), str(first)), *rest) if first else ()
    message = details["msg"].removeprefix("Value error, ")
    message = message.removeprefix("Assertion failed, ")
    return BadUserInputError(f"{message.rstrip('.')}.", path=(*path, *here))


def storable(column: Column, value: Any) -> str | None:
    """Why the column can't hold the value; None if it can. Databases would say so too,
    but SQLite would not always, and none says it well."""
    if value is None:
        return None if column.source.nullable else "This can't be null."
    kind = plain_type(column.source.type)
    if isinstance(value, str) and isinstance(kind, sa.String):
        longest = kind.length
        if isinstance(kind, sa.Enum) or longest is None or len(value) <= longest:
            return None
        return f"At most {longest} characters fit here, not {len(value)}."
    if isinstance(value, Decimal) and isinstance(kind, sa.Numeric):
        return _decimal(value, kind)
    if isinstance(value, int) and isinstance(kind, sa.Integer):
        bits = next((wide for narrow, wide in _BITS if isinstance(kind, narrow)), 32)
        fits = -(2 ** (bits - 1)) <= value < 2 ** (bits - 1)
        return None if fits else f"An integer of at most {bits} bits is needed."
    return _json(value) if isinstance(kind, sa.JSON) else None


_BITS = ((sa.BigInteger, 64), (sa.SmallInteger, 16))


def _decimal(value: Decimal, kind: sa.Numeric[Any]) -> str | None:
    if kind.precision is None:
        return None
    scale = kind.scale or 0
    digits = value.normalize().as_tuple()
    assert isinstance(digits.exponent, int)
    if -digits.exponent > scale:
        return f"At most {scale} decimal places fit here."
    if len(digits.digits) + digits.exponent > kind.precision - scale:
        return f"At most {kind.precision - scale} digits fit before the point."
    return None


def _json(value: Any) -> str | None:
    """PostgreSQL refuses JSON with texts that it can't store, and there is no infinity
    in it."""
    try:
        for leaf in _leaves(value):
            checked(leaf)
    except BadUserInputError as error:
        return error.message
    return None


def _leaves(value: Any) -> Iterator[Any]:
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, dict):
            pending += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            pending += one
        else:
            yield one


def missing(name: str) -> str:
    """What to say of a required field that isn't there."""
    return f"The {words(name)} is needed."

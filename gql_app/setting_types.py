"""Types of settings: what their values must be beyond a number or a text."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from gql_app.engine.database import normalise_url
from gql_app.engine.errors import EngineError

# As browsers write it: in lower case, and without the port that goes without saying.
_ORIGIN = re.compile(
    r"(?!http://.+:80$|https://.+:443$)"
    r"[a-z][a-z0-9+.-]*://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?"
)


def _check_database(value: str) -> str:
    try:
        normalise_url(value)
    except EngineError as error:
        raise ValueError(error.message) from None
    return value


def _check_key(value: SecretStr) -> SecretStr:
    if not 32 <= len(value.get_secret_value().encode()) <= 64:
        raise ValueError("A key has 32 to 64 bytes")
    return value


def _check_origin(value: str) -> str:
    if value != "*" and not _ORIGIN.fullmatch(value):
        raise ValueError(
            "Origins are * or as browsers send them: https://app.example, "
            "http://localhost:3000"
        )
    return value


def _split(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _lower_case(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


DatabaseUrl = Annotated[str, AfterValidator(_check_database)]
CursorKey = Annotated[SecretStr, AfterValidator(_check_key)]
"""A key for BLAKE2."""
SigningKey = Annotated[SecretStr, Field(min_length=32)]
Origin = Annotated[str, AfterValidator(_check_origin)]
LogLevel = Annotated[
    Literal["debug", "info", "warning", "error"], BeforeValidator(_lower_case)
]

BY_COMMAS = BeforeValidator(_split)

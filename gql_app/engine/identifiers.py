"""Global object ids: opaque to clients, `Entity:key` in URL-safe base64 inside."""

import base64
import binascii
from collections.abc import Sequence
from urllib.parse import quote, unquote

from gql_app.engine.errors import BadUserInputError


def encode_id(entity: str, key: Sequence[str]) -> str:
    """The global id of the row of `entity` with these key values, written as text."""
    parts = ",".join(part if part.isalnum() else quote(part, safe="") for part in key)
    text = f"{entity}:{parts}".encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def decode_id(text: str) -> tuple[str, list[str]]:
    """Entity name and key texts; BadUserInputError for what `encode_id` never made."""
    try:
        padded = text + "=" * (-len(text) % 4)
        plain = base64.b64decode(padded.encode("ascii"), b"-_", validate=True).decode()
        entity, separator, parts = plain.partition(":")
        key = [unquote(part, errors="strict") for part in parts.split(",")]
        if not separator or encode_id(entity, key) != text:
            raise ValueError
    except (ValueError, binascii.Error):
        raise not_an_id(text) from None
    return entity, key


def not_an_id(text: str, entity: str | None = None) -> BadUserInputError:
    """The error for a text that is no id; or none of the entity."""
    shown = repr(text if len(text) <= 40 else f"{text[:40]}…")
    what = "an id" if entity is None else f"an id of {entity}"
    return BadUserInputError(f"{shown} is not {what}.")

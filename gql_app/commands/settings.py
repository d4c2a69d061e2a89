"""`gql-app settings`: every setting, as a file to fill in."""

import textwrap

from gql_app.settings import Settings


def settings_example() -> str:
    """Every setting with its description and default, as an `.env` to fill in."""
    return "\n".join(
        ["# Copy to .env, or set in the environment. Shown are the defaults.", ""]
        + [_example(name) for name in Settings.model_fields]
    )


def _example(name: str) -> str:
    field = Settings.model_fields[name]
    description = textwrap.fill(field.description or "", 78)
    default = field.default
    value = "" if name == "cursor_key" or default is None else default
    if isinstance(default, tuple):
        value = ",".join(default)
    lines = [f"# {line}" for line in description.splitlines()]
    return "\n".join([*lines, f"#{name.upper()}={value}", ""])

"""GraphQL names out of Python names."""

import re

from gql_app.engine.errors import ConfigurationError

_NAME = re.compile(r"(?!__)[A-Za-z_][A-Za-z0-9_]*")
_SIBILANT = ("s", "x", "z", "ch", "sh")


def camel(name: str) -> str:
    """`created_at`, `CreatedAt` and `createdAt` all become `createdAt`."""
    head, *tail = [part for part in name.split("_") if part] or [name]
    first = head.lower() if head.isupper() else head[0].lower() + head[1:]
    return checked(first + "".join(part[0].upper() + part[1:] for part in tail))


def pascal(name: str) -> str:
    """`created_at` becomes `CreatedAt`."""
    text = camel(name)
    return text[0].upper() + text[1:]


def plural(name: str) -> str:
    """The regular English plural; irregular ones are given at registration."""
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return name[:-1] + "ies"
    return name + ("es" if name.endswith(_SIBILANT) else "s")


def words(name: str) -> str:
    """`PostLink` and `post_link` both read `post link`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ")
    return spaced.lower().strip()


def checked(name: str) -> str:
    """The name itself; ConfigurationError if GraphQL doesn't allow it."""
    if not _NAME.fullmatch(name):
        raise ConfigurationError(f"{name!r} can't be a GraphQL name.")
    return name

"""What tests of mutations share: who asks, and how a refusal is read."""

from typing import Any

from sqlalchemy import Engine

from gql_app.engine import ANONYMOUS, Viewer
from gql_app.publishing.user import Role
from tests.publishing.rows import create_user

ERRORS = "errors { __typename code message path }"


def create_people(engine: Engine) -> dict[str, Viewer]:
    """One of each role, another author, and nobody."""
    roles = {**{role.value: role for role in Role}, "other": Role.AUTHOR}
    viewers = {}
    for name, role in roles.items():
        key = create_user(engine, username=name, display_name=name.title(), role=role)
        viewers[name] = Viewer(role.value, {"id": key})
    return {**viewers, "nobody": ANONYMOUS}


def code(payload: Any) -> str | None:
    """The code of the payload's error, if it has one."""
    codes = [error["code"] for error in payload["errors"]]
    return codes[0] if codes else None

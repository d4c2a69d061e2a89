"""Which application the commands are about: the publishing community, or one's own.

A `pyproject.toml` in the working folder names one's own, each part as `module:name`:

    [tool.gql_app]
    api = "bookshop.api:api"            # what `doctor` examines
    schema = "bookshop.schema:schema"   # what build_schema made of it
    app = "bookshop.app:create_app"     # an ASGI application, or what makes one
    limits = "bookshop.api:limits"      # if the Executor gets other limits than usual
"""

import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import FunctionType
from typing import Any, Protocol, TypeVar

import strawberry
from alembic.config import Config
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gql_app import migrations
from gql_app.commands.errors import CommandFailedError
from gql_app.engine.api import Api
from gql_app.engine.limits import Limits
from gql_app.settings import load_settings

FILE = Path("pyproject.toml")
TABLE = "[tool.gql_app]"

# By name, as one's own: to import the community would add its tables to the metadata
# that one's own tables are in.
COMMUNITY_API = "gql_app.publishing:api"
COMMUNITY_SCHEMA = "gql_app.app:create_schema"

Part = TypeVar("Part")


class NotThereError(Exception):
    """What a reference names is not there, or is something else."""


class Project(Protocol):
    """An application, each part of it loaded when it is asked for."""

    @property
    def ignored(self) -> Sequence[str]:
        """Patterns of findings that `doctor` doesn't report."""

    def api(self) -> Api: ...

    def schema(self) -> strawberry.Schema: ...

    def limits(self) -> Limits: ...

    def alembic(self) -> Config:
        """Alembic's configuration, for the database of the settings."""


class Community:
    """The publishing community of this package."""

    # Tables of the accounts and of idempotency keys, which no client is to see.
    ignored = tuple(
        f"unserved-table:{name}"
        for name in ("attempts", "idempotency_key", "refresh_token")
    )

    def api(self) -> Api:
        return load(COMMUNITY_API, Api)

    def schema(self) -> strawberry.Schema:
        create_schema = load(COMMUNITY_SCHEMA, FunctionType)
        schema: strawberry.Schema = create_schema()
        return schema

    def limits(self) -> Limits:
        return load_settings().limits

    def alembic(self) -> Config:
        return migrations.configuration(load_settings().database_url)


class Doctor(BaseModel):
    """What `[tool.gql_app.doctor]` may say."""

    model_config = ConfigDict(extra="forbid")

    ignore: list[str] = []


class Table(BaseModel):
    """What `[tool.gql_app]` may say."""

    model_config = ConfigDict(extra="forbid")

    api: str | None = Field(None, pattern=r"^[\w.]+:\w+$")
    schema_: str | None = Field(None, alias="schema", pattern=r"^[\w.]+:\w+$")
    app: str | None = Field(None, pattern=r"^[\w.]+:\w+$")
    limits: str | None = Field(None, pattern=r"^[\w.]+:\w+$")
    doctor: Doctor = Doctor()


@dataclass(frozen=True)
class OwnProject:
    """The application that `pyproject.toml` names."""

    table: Table

    @property
    def ignored(self) -> Sequence[str]:
        return self.table.doctor.ignore

    def api(self) -> Api:
        return self._part("api", self.table.api, Api)

    def schema(self) -> strawberry.Schema:
        return self._part("schema", self.table.schema_, strawberry.Schema)

    def limits(self) -> Limits:
        if self.table.limits is None:
            return Limits()
        return self._part("limits", self.table.limits, Limits)

    def app(self) -> Any:
        """An ASGI application, or a function that makes one."""
        return self._part("app", self.table.app, object)

    def alembic(self) -> Config:
        return Config("alembic.ini", toml_file=str(FILE))

    def _part(self, key: str, reference: str | None, kind: type[Part]) -> Part:
        if reference is None:
            raise CommandFailedError(f"{FILE}: {TABLE} lacks `{key}`.")
        try:
            return load(reference, kind)
        except NotThereError as error:
            title = f"{FILE}: {TABLE} {key} = {reference!r}"
            raise CommandFailedError(f"{title}: {error}") from error


def load(reference: str, kind: type[Part]) -> Part:
    """What `module:name` names, if it is of that kind; NotThereError otherwise.

    Whatever the module itself raises is its own matter.
    """
    module, _, name = reference.partition(":")
    if not _is_importable(module):
        raise NotThereError(f"there is no module {module}.")
    content = vars(import_module(module))
    if name not in content:
        raise NotThereError(f"{module} has no {name}.")
    found = content[name]
    if not isinstance(found, kind):
        expected = kind.__name__
        raise NotThereError(f"{name} is {type(found).__name__}, not {expected}.")
    return found


def own_project() -> OwnProject | None:
    """The project of the working folder, unless it is the community's.

    Raises CommandFailedError if `pyproject.toml` can't be read, or says what isn't known.
    """
    table = _tool_table()
    if table is None:
        return None
    try:
        own = OwnProject(Table.model_validate(table))
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        place = " ".join([TABLE, ".".join(map(str, problem["loc"]))]).rstrip()
        raise CommandFailedError(f"{FILE}: {place}: {problem['msg']}.") from None
    folder = str(Path.cwd())
    if folder not in sys.path:  # as uvicorn and pytest do it
        sys.path.insert(0, folder)
    return own


def required_project() -> OwnProject:
    """The project of the working folder; CommandFailedError if there is none."""
    own = own_project()
    if own is None:
        raise CommandFailedError(f"{FILE} has no {TABLE}.")
    return own


def is_own() -> bool:
    """Whether the working folder is one's own project, in order or not."""
    try:
        return _tool_table() is not None
    except CommandFailedError:
        return True


def current_project() -> Project:
    """What the commands are about in the working folder."""
    return own_project() or Community()


def _tool_table() -> Mapping[str, Any] | None:
    try:
        content = tomllib.loads(FILE.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CommandFailedError(f"{FILE} can't be read: {error}") from error
    tool = content.get("tool")
    return tool.get("gql_app") if isinstance(tool, dict) else None


def _is_importable(module: str) -> bool:
    """Whether there is such a module; what is wrong inside of it is its own matter."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError as error:
        if module.startswith(f"{error.name}."):  # not even its parent
            return False
        raise

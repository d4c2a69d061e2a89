"""`gql-app` where `pyproject.toml` names an application of one's own."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gql_app.commands.own import app

Invoke = Callable[..., Result]

API = """
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from gql_app.engine import Api, Limits, Policy, build_schema, everyone

limits = Limits(depth=2)


class Base(SQLModel, registry=registry()):
    pass


class Book(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)


class BookRead(SQLModel):
    id: int


api = Api()
api.add(Book, read=BookRead, policy=Policy(read=everyone))
schema = build_schema(api)
"""
NAMED = 'api = "{0}:api"\nschema = "{0}:schema"'


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Run `gql-app` with arguments where `[tool.gql_app]` says `table`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])

    def run(table: str, *arguments: str) -> Result:
        Path("pyproject.toml").write_text(f"[tool.gql_app]\n{table}\n")
        return CliRunner().invoke(app, arguments)

    return run


@pytest.fixture
def module(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The name, not that of any other module, of one with a small API."""
    name = f"stall_{abs(hash(request.node.nodeid))}"
    (tmp_path / f"{name}.py").write_text(API)
    return name


def test_schema_of_the_project_is_exported_and_checked(
    invoke: Invoke, module: str
) -> None:
    named = NAMED.format(module)

    exported = invoke(named, "schema", "export")
    checked = invoke(named, "schema", "check")

    assert (exported.exit_code, checked.exit_code) == (0, 0)
    assert "type Book implements Node" in Path("schema.graphql").read_text()


def test_documents_are_checked_by_the_limits_of_the_project(
    invoke: Invoke, module: str
) -> None:
    Path("books.graphql").write_text("{ books { nodes { id } } }")
    named = NAMED.format(module)
    limited = f'{named}\nlimits = "{module}:limits"'

    usual = invoke(named, "documents", "check", ".")
    refused = invoke(limited, "documents", "check", ".")

    assert (usual.exit_code, refused.exit_code) == (0, 1)
    assert refused.stdout.startswith("books.graphql:1:1: ")


def test_entity_without_a_policy_is_found_in_its_line(
    invoke: Invoke, module: str
) -> None:
    file = Path(f"{module}.py")
    file.write_text(API.replace("Policy(read=everyone)", "None"))
    line = API.splitlines().index("api = Api()") + 2

    examined = invoke(NAMED.format(module), "doctor")

    assert examined.exit_code == 1
    assert examined.stdout.splitlines() == [
        f"error: {file}:{line}: Book needs a policy, such as Policy(read=everyone). "
        "[does-not-start]",
        "    Mend this first: an application that doesn't start can't be examined "
        "further.",
        "1 error.",
    ]


def test_mistake_in_the_code_is_found_where_it_is(invoke: Invoke, module: str) -> None:
    file = Path(f"{module}.py")
    file.write_text("import nowhere.to_be\n")

    examined = invoke(NAMED.format(module), "doctor")

    assert examined.stdout.startswith(
        f"error: {file}:1: No module named 'nowhere' [does-not-start]\n"
    )


def test_findings_that_are_ignored_are_not_told(invoke: Invoke, module: str) -> None:
    ignored = '\n[tool.gql_app.doctor]\nignore = ["migrations:*", "schema-file:*"]'

    told = invoke(NAMED.format(module), "doctor")
    untold = invoke(NAMED.format(module) + ignored, "doctor")

    assert "[migrations]" in told.stdout
    assert "[schema-file]" in told.stdout
    assert (untold.exit_code, untold.stdout) == (0, "Nothing is wrong.\n")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("", "pyproject.toml: [tool.gql_app] lacks `schema`.\n"),
        (
            'schema = "nowhere.to_be:found"',
            "pyproject.toml: [tool.gql_app] schema = 'nowhere.to_be:found': there is no "
            "module nowhere.to_be.\n",
        ),
        (
            'schema = "json:schema"',
            "pyproject.toml: [tool.gql_app] schema = 'json:schema': json has no schema.\n",
        ),
        (
            'schema = "json:dumps"',
            "pyproject.toml: [tool.gql_app] schema = 'json:dumps': dumps is function, "
            "not Schema.\n",
        ),
        (
            'schema = "json"',
            "pyproject.toml: [tool.gql_app] schema: String should match pattern "
            "'^[\\w.]+:\\w+$'.\n",
        ),
        (
            'shema = "json:dumps"',
            "pyproject.toml: [tool.gql_app] shema: Extra inputs are not permitted.\n",
        ),
        (
            "[tool.gql_app.doctor]\nignore = 3",
            "pyproject.toml: [tool.gql_app] doctor.ignore: Input should be a valid list.\n",
        ),
        (
            "schema =",
            "pyproject.toml can't be read: Invalid value (at line 2, column 9)\n",
        ),
    ],
)
def test_what_the_table_says_wrongly_is_one_line(
    invoke: Invoke, table: str, message: str
) -> None:
    result = invoke(table, "schema", "export")

    assert (result.exit_code, result.stderr) == (1, message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[tool]\ngql_app = 3",
            "pyproject.toml: [tool.gql_app]: Input should be a valid dictionary or "
            "instance of Table.\n",
        ),
        ("tool = 3", "pyproject.toml has no [tool.gql_app].\n"),
    ],
)
def test_table_that_is_none_is_one_line(
    invoke: Invoke, text: str, message: str
) -> None:
    Path("pyproject.toml").write_text(text)

    result = CliRunner().invoke(app, ["serve"])

    assert (result.exit_code, result.stderr) == (1, message)

"""`gql-app init`, and the project that it writes, as its users run it."""

import os
import re
import shlex
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from typer.testing import CliRunner, Result

from gql_app.cli import app
from gql_app.commands.init import TEMPLATE, template_files

ROOT = Path(__file__).parents[2]
# As from a shell, but what all of them import is imported once. Without -P the working
# folder could be imported from anyway, unlike by `gql-app`.
ONE_AFTER_THE_OTHER = """
import runpy, shlex, sys
for command in sys.argv[1:]:
    sys.argv = shlex.split(command)
    try:
        runpy.run_module(sys.argv[0], run_name="__main__")
    except SystemExit as exit:
        if exit.code:
            raise
"""

Invoke = Callable[..., Result]


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Run `gql-app init` with arguments in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["init", *arguments])

    return run


@pytest.fixture
def project(invoke: Invoke) -> Path:
    """A project as it was written, with a longer name than that of the template."""
    written = invoke("second-hand-bookshop")
    assert written.exit_code == 0, written.output
    return Path("second-hand-bookshop").resolve()


def run(folder: Path, *commands: str, **settings: str) -> str:
    """What the commands print, run one after the other in one new Python;
    AssertionError if one fails."""
    ran = subprocess.run(
        [sys.executable, "-P", "-c", ONE_AFTER_THE_OTHER, *commands],
        cwd=folder,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[str]:
    """The address of the project's server, on any free port."""
    server = subprocess.Popen(
        [sys.executable, "-P", "-m", "gql_app", "serve", "--migrate"],
        cwd=folder,
        env={**os.environ, **settings, "PORT": "0"},
        stdout=subprocess.PIPE,
        text=True,
    )
    with server:
        assert server.stdout
        try:
            line = server.stdout.readline().strip()
            yield line.removeprefix("The application is served at ")
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=10)
        finally:
            server.kill()


def test_project_has_every_file_of_the_template_under_its_own_name(
    project: Path,
) -> None:
    files = {str(path.relative_to(project)) for path in project.rglob("*.*")}

    assert {".gitignore", ".env.example", "schema.graphql"} <= files
    assert "second_hand_bookshop/models.py" in files
    assert len([one for one in project.rglob("*") if one.is_file()]) == len(
        template_files()
    )
    assert 'title="Second hand bookshop"' in (
        project / "second_hand_bookshop" / "app.py"
    ).read_text("utf-8")
    assert "gitignore" not in os.listdir(project)


def test_what_tools_leave_in_the_template_is_no_part_of_it() -> None:
    kept = {path.relative_to(TEMPLATE).parts[0] for path in template_files()}

    assert kept == {
        *("README.md", "pyproject.toml", "schema.graphql", "gitignore", "env.example"),
        *("bookshop", "migrations", "tests"),
    }


def test_served_project_answers_over_http(project: Path) -> None:
    create = """mutation {
      createAuthor(input: { name: "Anne Brontë" }) { author { name } errors { code } }
    }"""
    with (
        serving(project, EDITOR_TOKEN="secret") as url,
        httpx2.Client(base_url=url) as client,
    ):
        health = client.get("/health")
        page = client.get("/graphql", headers={"accept": "text/html"})

        refused = client.post(
            "/graphql", json={"query": create}, headers={"authorization": "Bearer x"}
        )
        editor = {"authorization": "Bearer secret"}
        created = client.post("/graphql", json={"query": create}, headers=editor)
        anonymous = client.post(
            "/graphql", json={"query": "{ authors { totalCount } }"}
        )

    assert health.json() == {"status": "alive"}
    assert "<html" in page.text
    assert refused.status_code == 401
    assert created.json()["data"]["createAuthor"] == {
        "author": {"name": "Anne Brontë"},
        "errors": [],
    }
    assert anonymous.json() == {"data": {"authors": {"totalCount": 1}}}


def test_serve_refuses_a_database_that_is_not_migrated(project: Path) -> None:
    command = [sys.executable, "-P", "-m", "gql_app", "serve"]
    refused = subprocess.run(
        command, cwd=project, capture_output=True, text=True, timeout=60
    )

    assert (refused.returncode, refused.stderr) == (
        1,
        "The database is not at the newest migration: run `gql-app migrate`.\n",
    )


@pytest.mark.parametrize("dialect", ["postgresql"])  # SQLite: below, and in the docs
def test_doctor_finds_nothing_in_a_migrated_project(
    project: Path, dialect: str, database_url: str
) -> None:
    migrate, examine = "gql_app migrate", "gql_app doctor --strict"

    printed = run(project, migrate, examine, DATABASE_URL=database_url)

    assert printed.endswith("\nNothing is wrong.\n")


def test_tests_of_the_project_pass(project: Path) -> None:
    printed = run(project, "pytest -q -p no:cacheprovider")

    assert "5 passed" in printed


def test_readme_installs_what_the_project_is_developed_with() -> None:
    readme = (TEMPLATE / "README.md").read_text("utf-8")
    project = tomllib.loads((TEMPLATE / "pyproject.toml").read_text("utf-8"))

    (command,) = re.findall(r"^pip install (.+?)(?: +#.*)?$", readme, re.MULTILINE)

    # Not `--group dev`, which pips before 25.1 don't know.
    assert command.split() == project["dependency-groups"]["dev"]


def test_project_is_formatted_and_linted(project: Path) -> None:
    run(project, "ruff format --check --no-cache")
    run(project, "ruff check --no-cache")


def test_project_is_typed(project: Path) -> None:
    files = [*project.glob("second_hand_bookshop/*.py"), *project.glob("tests/*.py")]
    # By our own settings, which are stricter, and with what is known of libraries.
    arguments = [
        *("--config-file", ROOT / "pyproject.toml"),
        *("--cache-dir", ROOT / ".mypy_cache"),
        *files,
        project / "migrations" / "env.py",
    ]

    run(project, f"mypy {shlex.join(map(str, arguments))}")


def test_changed_models_are_migrated_as_the_readme_says(project: Path) -> None:
    models = project / "second_hand_bookshop" / "models.py"
    column = "    published: bool"
    text = models.read_text("utf-8")
    assert column in text
    models.write_text(
        text.replace(column, f"    isbn: str | None = None\n{column}", 1), "utf-8"
    )

    printed = run(
        project,
        "alembic upgrade head",  # as it was before
        "alembic revision --autogenerate -m numbers",
        "alembic upgrade head",
        "gql_app schema export",
        "gql_app doctor --strict",
    )

    (written,) = (project / "migrations" / "versions").glob("2*_numbers.py")
    assert "add_column(sa.Column('isbn'" in written.read_text("utf-8")
    assert printed.endswith("\nNothing is wrong.\n")


def test_new_repository_counts_as_empty(invoke: Invoke) -> None:
    Path("shop", ".git").mkdir(parents=True)

    written = invoke("shop")

    assert written.exit_code == 0
    assert written.stdout == (
        "shop has a project with the package shop. Next:\n"
        "  cd shop\n  gql-app serve --migrate\n"
    )


def test_folder_is_quoted_where_a_shell_needs_it(invoke: Invoke) -> None:
    written = invoke("Ann's shops/book shop")

    lines = [line for line in written.stdout.splitlines() if line.startswith("  cd ")]
    assert [shlex.split(line) for line in lines] == [["cd", "Ann's shops/book shop"]]


def test_name_may_differ_from_the_folder(invoke: Invoke) -> None:
    written = invoke(".", "--name", "shop")

    assert written.exit_code == 0
    assert "cd " not in written.stdout
    assert Path("shop", "api.py").exists()


def test_folder_that_is_not_empty_stays_as_it_is(invoke: Invoke) -> None:
    Path("shop").mkdir()
    Path("shop", "notes.txt").touch()

    refused = invoke("shop")

    assert refused.exit_code == 1
    assert refused.stderr == (
        "shop is not empty: it has 'notes.txt'. Nothing was written.\n"
    )
    assert os.listdir("shop") == ["notes.txt"]


def test_file_is_no_folder(invoke: Invoke) -> None:
    Path("shop").touch()

    refused = invoke("shop")

    assert (refused.exit_code, refused.stderr) == (1, "shop is a file.\n")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("2nd-shop", "has lower-case letters, digits and underscores"),
        ("class", "it is a word of Python's own"),
        ("läden", "has lower-case letters, digits and underscores"),
        ("tests", "the project uses that name for something else"),
        ("json", "a package of that name is installed already"),
        ("alembic", "a package of that name is installed already"),
        ("gql_app", "the project uses that name for something else"),
    ],
)
def test_name_that_no_package_can_have_is_refused(
    invoke: Invoke, name: str, reason: str
) -> None:
    refused = invoke(name)

    assert refused.exit_code == 1
    assert reason in refused.stderr
    assert refused.stderr.endswith("Give another one with --name.\n")
    assert not Path(name).exists()

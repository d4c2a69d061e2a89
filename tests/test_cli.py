"""The `gql-app` command, as its users call it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.pool import NullPool
from typer.testing import CliRunner, Result

from gql_app.cli import app
from gql_app.engine.database import normalise_url
from gql_app.publishing.base import table_of
from gql_app.publishing.post import Post
from gql_app.publishing.user import Role, User
from gql_app.settings import Settings

Invoke = Callable[..., Result]


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Run `gql-app` with arguments in an empty folder, settings given by name."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, **settings: str) -> Result:
        return CliRunner().invoke(app, arguments, env=settings)

    return run


def test_tests_see_no_settings_of_this_checkout() -> None:
    given = {name for name in os.environ if name.lower() in Settings.model_fields}

    assert given == set()
    assert Path.cwd() != Path(__file__).parents[1]


def count_posts(url: str) -> int:
    engine = create_engine(normalise_url(url), poolclass=NullPool)
    with closing(engine.connect()) as connection:
        return connection.scalar(select(func.count()).select_from(Post)) or 0


@contextmanager
def serving(url: str, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server of its own process, and the line in which it says where it serves."""
    server = subprocess.Popen(
        [sys.executable, "-m", "gql_app", "serve", *arguments],
        env={**os.environ, "DATABASE_URL": url, "PORT": "0"},
        stdout=subprocess.PIPE,
        text=True,
    )
    with server:
        assert server.stdout
        try:
            yield server, server.stdout.readline().strip()
        finally:
            server.kill()


def test_wrong_settings_exit_with_2_and_a_line_each(invoke: Invoke) -> None:
    result = invoke("serve", PORT="abc", LIMIT_DEPTH="x")

    assert result.exit_code == 2
    assert [line.partition("=")[0] for line in result.stderr.splitlines()] == [
        "PORT",
        "LIMIT_DEPTH",
    ]


def test_unreachable_database_is_one_line(invoke: Invoke) -> None:
    url = "postgresql://nobody@127.0.0.1:1/nowhere"

    result = invoke("migrate", DATABASE_URL=url)

    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "Connection refused" in result.stderr


def test_unknown_revision_is_one_line(invoke: Invoke) -> None:
    result = invoke("migrate", "--to", "nowhere")

    assert result.exit_code == 1
    assert result.stderr == "Can't locate revision identified by 'nowhere'\n"


def test_serve_refuses_a_database_that_is_not_migrated(
    invoke: Invoke, database_url: str
) -> None:
    result = invoke("serve", DATABASE_URL=database_url)

    assert result.exit_code == 1
    assert "run `gql-app migrate`" in result.stderr


def test_serve_says_that_its_port_is_taken(invoke: Invoke, migrated_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        result = invoke("serve", DATABASE_URL=migrated_url, PORT=port)

    assert result.exit_code == 1
    assert (
        result.stderr == f"Can't serve at 127.0.0.1:{port}: Address already in use.\n"
    )


def test_migrate_then_seed_fills_an_empty_database(
    invoke: Invoke, database_url: str
) -> None:
    migrated = invoke("migrate", DATABASE_URL=database_url)
    seeded = invoke("seed", DATABASE_URL=database_url)

    assert (migrated.exit_code, seeded.exit_code) == (0, 0)
    assert seeded.stdout == "The example community is written.\n"
    assert count_posts(database_url) > 0


def test_serve_migrates_seeds_answers_and_stops(database_url: str) -> None:
    with serving(database_url, "--migrate", "--seed") as (server, line):
        url = line.removeprefix("GraphQL is served at ")
        query = "{ posts(first: 1) { nodes { title } } }"
        answer = httpx2.post(url, json={"query": query})
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=10)

    assert answer.json()["data"]["posts"]["nodes"][0]["title"]
    assert server.returncode == -signal.SIGTERM


def test_import_of_no_dump_is_one_line(
    invoke: Invoke, tmp_path: Path, migrated_url: str
) -> None:
    folder = tmp_path / "site.example"
    folder.mkdir()

    result = invoke("import", "stackexchange", str(folder), DATABASE_URL=migrated_url)

    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "Users.xml" in result.stderr


def test_role_is_given_to_an_account(invoke: Invoke, migrated_url: str) -> None:
    invoke("seed", DATABASE_URL=migrated_url)

    result = invoke("role", "ines", "editor", DATABASE_URL=migrated_url)

    assert result.stdout == "ines has the role editor, from the next access token on.\n"
    user = table_of(User)
    given = select(user.c.role).where(user.c.username == "ines")
    engine = create_engine(normalise_url(migrated_url), poolclass=NullPool)
    with closing(engine.connect()) as connection:
        assert connection.scalar(given) is Role.EDITOR


def test_role_of_an_unknown_account_is_one_line(
    invoke: Invoke, migrated_url: str
) -> None:
    result = invoke("role", "nobody", "admin", DATABASE_URL=migrated_url)

    assert (result.exit_code, result.stderr) == (1, "There is no user 'nobody'.\n")


def test_unknown_role_is_told_with_those_that_there_are(invoke: Invoke) -> None:
    result = invoke("role", "ines", "boss")

    assert result.exit_code == 2
    assert "'boss' is not one of 'reader'" in result.stderr


def test_schema_check_accepts_what_export_wrote(invoke: Invoke) -> None:
    exported = invoke("schema", "export")
    checked = invoke("schema", "check")

    assert (exported.exit_code, checked.exit_code) == (0, 0)


def test_schema_check_shows_the_difference(invoke: Invoke) -> None:
    invoke("schema", "export")
    with Path("schema.graphql").open("a") as file:
        file.write("type Surplus { id: ID! }\n")

    result = invoke("schema", "check")

    assert result.exit_code == 1
    assert "-type Surplus { id: ID! }" in result.stdout
    assert "run `gql-app schema export`" in result.stderr


def test_schema_check_without_a_file_says_how_to_make_it(invoke: Invoke) -> None:
    result = invoke("schema", "check")

    assert result.exit_code == 1
    assert result.stderr == "schema.graphql is missing: run `gql-app schema export`.\n"

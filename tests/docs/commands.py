"""Runs `gql-app` as a page says: for the community, or in a project of one's own."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping

from typer.testing import CliRunner

from gql_app.cli import app
from gql_app.commands.project import Table, is_own
from tests.docs.markdown import ROOT


def run_command(words: list[str], settings: Mapping[str, str]) -> str:
    """What `gql-app` prints, or `cd`; AssertionError if it fails."""
    program, *arguments = words
    if program == "cd":
        os.chdir(*arguments)
        return ""
    if is_own():  # whose tables are not to be among those of this process
        command = [sys.executable, "-m", "gql_app", *arguments]
        return subprocess.check_output(command, text=True)
    ran = CliRunner().invoke(app, arguments, env=settings)
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def check_arguments(words: list[str]) -> None:
    """`gql-app serve --migrate` has a command that there is, and options that it has."""
    ran = CliRunner().invoke(app, [*words[1:], "--help"])
    assert ran.exit_code == 0, ran.output


def check_container(arguments: list[str]) -> None:
    """What runs in a container is a command of ours; Docker itself is not here."""
    match arguments:
        case ["build", *_, "."]:
            assert (ROOT / "Dockerfile").exists()
        case ["run", *words]:
            check_arguments(words[words.index("gql_app") :])
        case ["compose", "exec", service, *words]:
            assert f"\n  {service}:\n" in (ROOT / "compose.yaml").read_text()
            check_arguments(words)
        case ["compose", "up", *_]:
            assert (ROOT / "compose.yaml").exists()
        case _:
            raise AssertionError(f"Nobody checks docker {arguments}.")


def check_table(text: str) -> None:
    """Only what `pyproject.toml` may say of a project."""
    Table.model_validate(tomllib.loads(text)["tool"]["gql_app"])

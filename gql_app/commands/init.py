"""`gql-app init`: a small project of one's own, to be kept and changed.

`template/` is that project as real files, named bookshop throughout.
"""

import keyword
import os
import re
import shlex
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Annotated

import typer

from gql_app.commands.errors import CommandFailedError

TEMPLATE = Path(__file__).parent / "template"
NAME = "bookshop"
# In the template these would be taken for this repository's own.
RENAMED = {"gitignore": ".gitignore", "env.example": ".env.example"}
RESERVED = ("tests", "migrations", "gql_app")


def init(
    directory: Annotated[Path, typer.Argument(help="A folder that is new or empty.")],
    name: Annotated[
        str | None,
        typer.Option(help="The Python package's name; otherwise that of the folder."),
    ] = None,
) -> None:
    """Write a small project around the engine, which runs at once."""
    package = name or package_name(directory)
    check_name(package)
    check_empty(directory)
    for path in template_files():
        write(path, directory, package)
    typer.echo(f"{directory} has a project with the package {package}. Next:")
    if directory.resolve() != Path.cwd():
        typer.echo(f"  {shell_line('cd', str(directory))}")
    typer.echo("  gql-app serve --migrate")


def shell_line(*words: str) -> str:
    """The words as this system's shells take them, quoted where they must be."""
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def template_files() -> list[Path]:
    """The files of the template, without what tools leave beside them."""
    return [
        path
        for path in sorted(TEMPLATE.rglob("*"))
        if path.is_file()
        and not any(
            part.startswith((".", "__pycache__"))
            for part in path.relative_to(TEMPLATE).parts
        )
    ]


def package_name(directory: Path) -> str:
    """`My-Shop` -> `my_shop`."""
    return re.sub(r"[-. ]+", "_", directory.resolve().name).lower()


def check_name(package: str) -> None:
    """Raise CommandFailedError unless a package can have that name."""
    reason = None
    if not re.fullmatch(r"[a-z][a-z0-9_]*", package):
        reason = "a package's name has lower-case letters, digits and underscores"
    elif keyword.iskeyword(package):
        reason = "it is a word of Python's own"
    elif package in RESERVED:
        reason = "the project uses that name for something else"
    elif package in sys.stdlib_module_names or package in packages_distributions():
        reason = "a package of that name is installed already"
    if reason is not None:
        raise CommandFailedError(
            f"{package!r} can't be the package's name: {reason}. "
            "Give another one with --name."
        )


def check_empty(directory: Path) -> None:
    """Raise CommandFailedError if there is anything but a new repository."""
    if directory.exists() and not directory.is_dir():
        raise CommandFailedError(f"{directory} is a file.")
    found = set(os.listdir(directory)) - {".git"} if directory.exists() else set()
    if found:
        raise CommandFailedError(
            f"{directory} is not empty: it has {min(found)!r}. Nothing was written."
        )


def write(path: Path, directory: Path, package: str) -> None:
    """Write one file of the template, under its new name."""
    *folders, name = path.relative_to(TEMPLATE).parts
    folder = directory.joinpath(*(package if one == NAME else one for one in folders))
    folder.mkdir(parents=True, exist_ok=True)
    title = package.replace("_", " ").capitalize()
    text = path.read_text("utf-8").replace(NAME, package)
    text = text.replace(NAME.capitalize(), title)
    (folder / RENAMED.get(name, name)).write_text(text, "utf-8")

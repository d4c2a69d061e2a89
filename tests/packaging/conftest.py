"""The wheel as the Dockerfile builds it, installed beside what production.lock names."""

import re
import shutil
import subprocess
import sys
import venv
import zipfile
from compileall import compile_dir
from configparser import ConfigParser
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

from tests.packaging.dockerfile import ROOT, Dockerfile

BUNDLE = Path("gql_app", "_ide")
SCRIPT = "#!{python}\nimport sys\nfrom {module} import {name}\nsys.exit({name}())\n"


@pytest.fixture(scope="session")
def dockerfile() -> Dockerfile:
    return Dockerfile.of_the_project()


@pytest.fixture(scope="session")
def wheel(dockerfile: Dockerfile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, of the files that the image's build has, in a folder without git."""
    folder = tmp_path_factory.mktemp("build")
    ignored = shutil.ignore_patterns("__pycache__", ".*_cache", "node_modules", "_ide")
    for name in dockerfile.copied:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder)
    subprocess.run([sys.executable, "-m", "ide.build"], cwd=ROOT, check=True)
    shutil.copytree(ROOT / BUNDLE, folder / BUNDLE)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist"]
    subprocess.run(build, cwd=folder, check=True, capture_output=True)
    return next(folder.glob("dist/*.whl"))


@pytest.fixture(scope="session")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of `python` and `gql-app` in an environment of its own.

    It has the wheel and, by links, the packages of production.lock; nothing else.
    """
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    for name in production_packages():
        link_package(name, packages)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    compile_dir(packages / "gql_app", quiet=1)  # as installers do
    write_scripts(packages, folder / "bin")
    return folder / "bin"


def production_packages() -> list[str]:
    lock = (ROOT / "production.lock").read_text("utf-8")
    return re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)


def link_package(name: str, packages: Path) -> None:
    try:
        package = distribution(name)
    except PackageNotFoundError:  # of another platform: the server itself will tell
        return
    tops = {file.parts[0] for file in package.files or ()} - {"..", "__pycache__"}
    for top in tops:
        (packages / top).symlink_to(Path(str(package.locate_file(top))))


def write_scripts(packages: Path, programs: Path) -> None:
    """The commands of the wheel, as installers make them."""
    (file,) = packages.glob("gql_app-*.dist-info/entry_points.txt")
    entry_points = ConfigParser()
    entry_points.read(file)
    for command, target in entry_points["console_scripts"].items():
        module, _, name = target.partition(":")
        script = SCRIPT.format(python=programs / "python", module=module, name=name)
        (programs / command).write_text(script)
        (programs / command).chmod(0o755)

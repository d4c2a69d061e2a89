"""Dockerfile, .dockerignore and compose.yaml, as far as that shows without Docker."""

import os
import re
import secrets
import signal
import subprocess
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from gql_app.settings import Settings
from tests.docs.commands import check_arguments
from tests.packaging.conftest import production_packages
from tests.packaging.dockerfile import ROOT, Dockerfile

LOCKS = ("build.lock", "production.lock")
COMPOSE = (ROOT / "compose.yaml").read_text("utf-8")
SECRETS = ("POSTGRES_PASSWORD", "CURSOR_KEY", "SIGNING_KEYS")


@contextmanager
def container(
    dockerfile: Dockerfile, programs: Path, folder: Path, **settings: str
) -> Iterator[subprocess.Popen[str]]:
    """The image's process, in a folder like /data; on this machine's own address."""
    image = {**dockerfile.environment, "PATH": os.defpath}
    environment = image | {"HOST": "127.0.0.1", "PORT": "0"} | settings
    program, *words = dockerfile.command("ENTRYPOINT") + dockerfile.command("CMD")
    with subprocess.Popen(
        [programs / program, *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def check_health(dockerfile: Dockerfile, programs: Path, port: str) -> int:
    program, *words = dockerfile.command("HEALTHCHECK")
    environment = {"PORT": port, "http_proxy": "http://127.0.0.1:9"}
    command = [str(programs / program), *words]
    return subprocess.call(command, env=environment, stderr=subprocess.DEVNULL)


def test_container_is_healthy_until_it_is_stopped(
    dockerfile: Dockerfile, programs: Path, migrated_url: str, tmp_path: Path
) -> None:
    keys = {name: secrets.token_hex(24) for name in SECRETS}

    with container(
        dockerfile, programs, tmp_path, DATABASE_URL=migrated_url, **keys
    ) as process:
        assert process.stdout
        url = process.stdout.readline().partition("GraphQL is served at ")[2].strip()
        port = str(httpx2.URL(url).port)
        alive = check_health(dockerfile, programs, port)
        answer = httpx2.post(url, json={"query": "{ posts { totalCount } }"}).json()
        process.send_signal(signal.Signals[dockerfile.all("STOPSIGNAL")[0]])
        process.wait(timeout=20)
        stopped = check_health(dockerfile, programs, port)

    assert (alive, stopped) == (0, 1)
    assert answer == {"data": {"posts": {"totalCount": 0}}}
    assert list(tmp_path.iterdir()) == []  # all else may be read-only


def test_container_has_no_default_secrets(
    dockerfile: Dockerfile, programs: Path, tmp_path: Path
) -> None:
    with container(dockerfile, programs, tmp_path) as process:
        _, errors = process.communicate(timeout=20)

    assert process.returncode == 2
    assert "must be set in production" in errors


def test_base_image_is_pinned_and_has_a_python_of_ours(dockerfile: Dockerfile) -> None:
    (image,) = re.findall(r"^PYTHON=(\S+)$", dockerfile.all("ARG")[0], re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    pinned = re.fullmatch(r"python:(3\.\d+)\.\d+-slim-\w+@sha256:[0-9a-f]{64}", image)

    assert pinned
    assert f"Programming Language :: Python :: {pinned[1]}" in project["classifiers"]
    assert dockerfile.all("FROM") == ["${PYTHON} AS build", "${PYTHON}"]


def test_user_is_a_number_and_not_root(dockerfile: Dockerfile) -> None:
    (user,) = dockerfile.all("USER")

    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert f"--owner={user.split(':')[0]} " in dockerfile.text


def test_command_is_one_of_ours(dockerfile: Dockerfile) -> None:
    program, *words = dockerfile.command("ENTRYPOINT") + dockerfile.command("CMD")

    assert program == "gql-app"
    check_arguments([program, *words])


def test_environment_has_settings_and_nothing_secret(dockerfile: Dockerfile) -> None:
    of_python = {"PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}

    names = set(dockerfile.environment) - of_python

    assert {name.lower() for name in names} <= set(Settings.model_fields)
    assert not names & set(SECRETS)


def test_context_is_what_is_copied_and_nothing_else(dockerfile: Dockerfile) -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]

    assert patterns[0] == "*"
    assert sorted(dockerfile.copied) == sorted(
        pattern[1:] for pattern in patterns if pattern.startswith("!")
    )
    assert all((ROOT / name).exists() for name in dockerfile.copied)


@pytest.mark.parametrize("name", LOCKS)
def test_lock_is_a_part_of_the_whole_with_its_hashes(name: str) -> None:
    whole = entries("requirements.lock")
    part = entries(name)

    assert part.keys() <= whole.keys()
    assert {each: whole[each] for each in part} == part
    assert all("--hash=sha256:" in entry for entry in part.values())


def entries(name: str) -> dict[str, str]:
    """Each package's version and hashes; markers may differ, as fewer need it."""
    found = re.split(r"\n(?=\S)", (ROOT / name).read_text("utf-8").strip())
    pairs = [entry.split("==", 1) for entry in found]
    return {package: re.sub(r" ;[^\\]*", " ", rest) for package, rest in pairs}


def test_locked_for_production_is_what_the_project_depends_on() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[\[<>=; ]", each)[0] for each in project["dependencies"]}

    locked = set(production_packages())

    assert wanted <= locked
    assert not locked & {"pytest", "mypy", "ruff", "hatchling", "playwright"}


def test_compose_publishes_on_this_machine_alone() -> None:
    (ports,) = re.findall(r"ports: \[(.*)\]", COMPOSE)

    assert re.fullmatch(r'"127\.0\.0\.1:\$\{PUBLISHED_PORT:-8000\}:8000"', ports)
    assert "network_mode" not in COMPOSE


def test_compose_has_no_default_secrets() -> None:
    variables = set(re.findall(r"\$\{(\w+)(:.)", COMPOSE))

    assert variables == {("POSTGRES_PASSWORD", ":?"), ("PUBLISHED_PORT", ":-")}
    assert "env_file: .env\n" in COMPOSE
    assert not re.search(r"(CURSOR_KEY|SIGNING_KEYS): ", COMPOSE)
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()


def test_compose_runs_commands_of_ours() -> None:
    for command in re.findall(r"command: \[(.*)\]", COMPOSE):
        check_arguments(["gql-app", *re.findall(r'"(.*?)"', command)])

"""The project's commands: `python3 tasks.py` lists them; needs Python 3.11 alone.

The environment is `.venv`, made from the hash-locked requirements.lock with this
machine's own pip configuration, and made anew whenever what it depends on changes.
"""

import functools
import hashlib
import importlib.metadata
import importlib.util
import inspect
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import urlopen

if sys.version_info < (3, 11):  # noqa: UP036 - an older one may well be python3
    sys.exit("gql_app needs Python 3.11 or newer; this is " + sys.version.split()[0])

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
WINDOWS = os.name == "nt"
BIN = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = str(BIN / ("python.exe" if WINDOWS else "python"))
PIP_WHEEL = "pip-26.3-py3-none-any.whl"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
CHECKS = "ruff format --check, ruff check, mypy, lint-imports --no-logo, gql-app schema check"


def setup() -> None:
    """Make .venv, unless it is there and up to date; every command does this first."""
    project = (ROOT / "pyproject.toml").read_text().partition("\n[tool.ruff]")[0]
    lock = (ROOT / "requirements.lock").read_text()
    made_from = f"{ROOT} {sys.version_info[:2]} {project} {lock}"
    digest = hashlib.sha256(made_from.encode()).hexdigest()
    stamp = VENV / "stamp"
    installed = shutil.which("gql-app", path=str(BIN))
    if installed and stamp.exists() and stamp.read_text() == digest:
        return
    print("Making .venv from requirements.lock ...", file=sys.stderr)
    if VENV.is_symlink():  # what it points to is somebody else's
        VENV.unlink()
    venv.create(VENV, clear=True, symlinks=not WINDOWS)
    pip_install("--require-hashes", "-r", "requirements.lock")
    pip_install("--no-build-isolation", "--editable", ".")
    stamp.write_text(digest)


def pip_install(*arguments: str) -> None:
    options = ("--quiet", "--no-deps", "--disable-pip-version-check")
    call_or_exit(*pip(), "install", *options, *arguments)


@functools.cache
def pip() -> list[str]:
    """A pip for .venv: the one beside this Python, the one inside it, or a download."""
    if has_pip():
        return [sys.executable, "-m", "pip", "--python", PYTHON]
    if importlib.util.find_spec("ensurepip"):
        call_or_exit(PYTHON, "-m", "ensurepip")
        return [PYTHON, "-m", "pip"]
    if "PIP_INDEX_URL" in os.environ:
        return [PYTHON, str(download_pip(os.environ["PIP_INDEX_URL"]) / "pip")]
    sys.exit(
        "This Python has neither pip 22.3 or newer nor ensurepip. Install one of them "
        "(Debian and Ubuntu: apt install python3-venv), or say in PIP_INDEX_URL which "
        "package index to fetch pip from."
    )


def has_pip() -> bool:
    """Whether this Python has a pip that can install elsewhere: 22.3 or newer."""
    try:
        version = importlib.metadata.version("pip")
    except importlib.metadata.PackageNotFoundError:
        return False
    return tuple(map(int, re.findall(r"\d+", version)[:2])) >= (22, 3)


def download_pip(index: str) -> Path:
    """The pinned pip as a wheel, which Python runs as it is."""
    page = index.rstrip("/") + "/pip/"
    with urlopen(page, timeout=60) as listing:
        link = re.search(f'href="([^"#]*{PIP_WHEEL})', listing.read().decode())
    if not link:
        sys.exit(f"{PIP_WHEEL} is not in the package index that PIP_INDEX_URL names.")
    with urlopen(urljoin(page, link[1]), timeout=60) as wheel:
        content = wheel.read()
    if hashlib.sha256(content).hexdigest() != PIP_SHA256:
        sys.exit(f"{PIP_WHEEL} from PIP_INDEX_URL is not the file that was expected.")
    (VENV / PIP_WHEEL).write_bytes(content)
    return VENV / PIP_WHEEL


def call(*command: str, **environment: str) -> int:
    """Run a command, preferably one of .venv; the exit code."""
    program = shutil.which(command[0], path=str(BIN)) or command[0]
    environment = {**os.environ, **environment}
    return subprocess.call([program, *command[1:]], cwd=ROOT, env=environment)


def call_or_exit(*command: str) -> None:
    if code := call(*command):
        sys.exit(code)


def become(*command: str) -> None:
    """Run a command of .venv in this process's place, so that signals reach it."""
    if WINDOWS:
        sys.exit(call(*command))
    os.chdir(ROOT)
    program = str(BIN / command[0])  # by its path: Python finds its packages by it
    os.execv(program, [program, *command[1:]])


def call_with_database(*command: str) -> int:
    """Run a command on a throw-away database at the newest migration; the exit code."""
    with tempfile.TemporaryDirectory() as directory:
        # What .env says of a server in production is not about this one.
        settings = {
            "DATABASE_URL": f"sqlite:///{directory}/migrated.sqlite3",
            "ENVIRONMENT": "development",
        }
        code = call("alembic", "upgrade", "head", **settings)
        return code or call(*command, **settings)


def run(*arguments: str) -> None:
    """Serve on HOST:PORT (127.0.0.1:8000); migrates, seeds an empty database."""
    call(sys.executable, "-m", "ide.build")  # failing, it says why; a plain page serves
    become("gql-app", "serve", "--migrate", "--seed", *arguments)


def test(*arguments: str) -> None:
    """Run all tests, on SQLite and PostgreSQL; arguments, if any, go to pytest."""
    # Each process starts a server of its own: for some tests, one process is faster.
    everything = ("--numprocesses=auto", "--maxprocesses=8", "--dist=worksteal")
    become("pytest", *(arguments or everything))


def check() -> None:
    """Check format, lint, types, layers, schema and migrations; changes nothing."""
    failed = []
    for line in CHECKS.split(", "):
        print(f"$ {line}", flush=True)
        failed += [line] if call(*line.split()) else []
    print("$ alembic check", flush=True)
    failed += ["alembic check"] if call_with_database("alembic", "check") else []
    if failed:
        sys.exit("failed: " + ", ".join(failed))


def fix() -> None:
    """Format the code and mend what the linter can mend."""
    call_or_exit("ruff", "check", "--fix-only", "--quiet")
    call_or_exit("ruff", "format")


def schema(*arguments: str) -> None:
    """Write schema.graphql."""
    become("gql-app", "schema", "export", *arguments)


def migrate(*arguments: str) -> None:
    """Bring the database of DATABASE_URL (default: a SQLite file) up to date."""
    become("gql-app", "migrate", *arguments)


def migration(*words: str) -> None:
    """Write a migration of what changed in the models: migration m="add bookmarks"."""
    message = " ".join(words).removeprefix("m=").strip()
    if not message:
        sys.exit('What does the migration do? migration m="add bookmarks"')
    sys.exit(call_with_database("alembic", "revision", "--autogenerate", "-m", message))


def seed(*arguments: str) -> None:
    """Write the small example community into the database."""
    become("gql-app", "seed", *arguments)


def bench(*arguments: str) -> None:
    """Measure the speed, beside PostGraphile if npm is there; bench --help."""
    become("python", "-m", "benchmarks", *arguments)


def lock() -> None:
    """Renew the locks from releases that are at least a week old."""
    pip_install("uv")
    age = ("--upgrade", "--exclude-newer=7 days")
    groups = ("--group=dev", "--group=build")
    compile_lock("requirements.lock", "pyproject.toml", *groups, *age)
    # What the container image is built with, and what is in it.
    subset = "--constraint=requirements.lock"
    compile_lock("build.lock", "--group=pyproject.toml:build", subset)
    compile_lock("production.lock", "pyproject.toml", subset)


def compile_lock(file: str, *what: str) -> None:
    how = "--universal --generate-hashes --no-header --no-annotate --system-certs"
    options = (*what, *how.split(), f"--output-file={file}", "--quiet")
    call_or_exit("uv", "pip", "compile", *options)


def clean() -> None:
    """Remove .venv, caches and builds; databases stay."""
    names = (
        ".venv .*_cache .hypothesis .coverage* build dist gql_app/_ide **/__pycache__"
    )
    for path in [path for name in names.split() for path in ROOT.glob(name)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


COMMANDS = (
    run,
    test,
    check,
    fix,
    schema,
    migrate,
    migration,
    seed,
    bench,
    lock,
    setup,
    clean,
)


def main(name: str = "help", *arguments: str) -> None:
    command = {command.__name__: command for command in COMMANDS}.get(name)
    if command is None:
        lines = [f"  {command.__name__:<10} {command.__doc__}" for command in COMMANDS]
        print("python3 tasks.py COMMAND", *lines, sep="\n")
        sys.exit(0 if name == "help" else 2)
    if arguments and not inspect.signature(command).parameters:
        given = " ".join(arguments)
        print(f"{name} takes no arguments, and was given: {given}", file=sys.stderr)
        sys.exit(2)
    if command not in (setup, clean):
        setup()
    command(*arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])

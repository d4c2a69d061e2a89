"""A reader who does what a page says, block by block, in an empty folder."""

import asyncio
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from io import StringIO
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

from graphql import (
    GraphQLSchema,
    KnownDirectivesRule,
    NoUnusedFragmentsRule,
    parse,
    specified_rules,
    validate,
)
from graphql.utilities import lexicographic_sort_schema, print_type
from starlette.testclient import TestClient
from starlette.types import ASGIApp

import tasks
from gql_app.engine import ANONYMOUS, Executor, Request
from gql_app.engine.schema import core_schema
from gql_app.settings import Settings
from tests.docs.commands import (
    check_arguments,
    check_container,
    check_table,
    run_command,
)
from tests.docs.markdown import ROOT, Block, Page

RUN_ELSEWHERE = ("pytest",)
"""The tests on the page are run where they are written."""

# Clients have directives and lone fragments, which never reach a server.
CLIENT_RULES = [
    rule
    for rule in specified_rules
    if rule not in (KnownDirectivesRule, NoUnusedFragmentsRule)
]


class Reader:
    """Follows one page.

    Python runs in one namespace. GraphQL goes to the `app` or the `executor` that this
    Python made, and to the publishing community before there is one. Each output that
    the page shows must be what came out.
    """

    def __init__(
        self, page: Page, folder: Path, community: TestClient, schema: GraphQLSchema
    ) -> None:
        self._page = page
        self._folder = folder
        self._community = community
        self._schema = schema
        self._module = ModuleType(f"docs_{page.path.stem.lower()}")
        self._output: Any = None
        self._operation = ""

    def read(self) -> None:
        """Do everything that the page says."""
        sys.modules[self._module.__name__] = self._module
        blocks = self._page.blocks
        for block, following in zip(blocks, [*blocks[1:], None], strict=True):
            try:
                _ACTIONS[block.language](self, block)
                if block.language == "graphql" and not block.title:
                    assert _is_json(following) or "errors" not in self._output
            except Exception as error:
                error.add_note(f"{self._page.path.name}, line {block.line}")
                raise

    def close(self) -> None:
        """Close the page's databases."""
        del sys.modules[self._module.__name__]
        sys.modules.pop("library", None)
        for value in vars(self._module).values():
            if hasattr(value, "close") and hasattr(value, "engine"):
                value.close()

    def python(self, block: Block) -> None:
        """Run it; a block with a title is that file."""
        if block.title:
            (self._folder / block.title).write_text(block.text)
        name = block.title or str(self._page.path)
        if block.title.startswith("test_"):
            self._run_tests(block.title)
            return
        if block.title == "conftest.py":
            return  # pytest runs it
        code = compile("\n" * (block.line - 1) + block.text, name, "exec")
        with redirect_stdout(StringIO()) as output:
            exec(code, vars(self._module))  # noqa: S102  # what the page is here for
        self._output = output.getvalue()

    def _run_tests(self, file: str) -> None:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", file]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr

    def graphql(self, block: Block) -> None:
        """Ask it; but look `graphql schema` up in the schema, and only validate
        `graphql example`, by that of the community."""
        if block.title == "schema":
            self._find_definitions(block.text)
        elif block.title == "example":
            assert validate(self._schema, parse(block.text)) == []
        else:
            self._operation = block.text
            self._ask({"query": block.text})

    def _ask(self, body: Mapping[str, Any]) -> None:
        executor: Executor | None = vars(self._module).get("executor")
        if executor is None or "app" in vars(self._module):
            self._output = self._client.post("/graphql", json=body).json()
            return
        viewer = vars(self._module).get("viewer", ANONYMOUS)
        asked = executor.execute(Request(**body), viewer)
        self._output = json.loads(asyncio.run(asked).body)

    @property
    def _client(self) -> TestClient:
        own: ASGIApp | None = vars(self._module).get("app")
        return self._community if own is None else TestClient(own)

    def _find_definitions(self, text: str) -> None:
        made = vars(self._module).get("schema")
        schema = self._schema if made is None else core_schema(made)
        found = undescribed(schema)
        for line in text.splitlines():
            assert line in found, f"not in the schema: {line}"

    def json(self, block: Block) -> None:
        """Compare it with what the operation answered; or ask it with `variables`; a
        block with a file's name is of a client, and tests/clients uses it."""
        if block.title.endswith(".json"):
            json.loads(block.text)
            return
        if block.title == "variables":
            self._ask({"query": self._operation, "variables": json.loads(block.text)})
            return
        shown, answered = (
            json.dumps(value, indent=2, ensure_ascii=False)
            for value in (json.loads(block.text), self._output)
        )
        assert shown == answered

    def text(self, block: Block) -> None:
        """Compare it with what was printed."""
        assert block.text == self._output

    def sh(self, block: Block) -> None:
        """Run what is ours, and check that the rest exists."""
        text = re.sub(r"\\\n\s*", " ", block.text)
        for line in text.splitlines():
            if line.startswith(RUN_ELSEWHERE) or line.startswith("#"):
                continue
            settings, words = _settings_first(shlex.split(line, comments=True))
            self._command(words, settings)

    def _command(self, words: list[str], settings: Mapping[str, str]) -> None:
        assert {name.lower() for name in settings} <= set(Settings.model_fields)
        match words:
            case ["python3", "tasks.py", *arguments]:
                names = {command.__name__ for command in tasks.COMMANDS}
                assert set(arguments[:1]) <= names
            case ["make", name, *_]:
                assert name in re.findall(r"\w+", (ROOT / "Makefile").read_text())
            case ["gql-app", "serve", *_]:
                check_arguments(words)
            case ["gql-app" | "cd", *_]:
                self._output = run_command(words, settings)
            case ["curl", *arguments]:
                self._curl(arguments)
            case ["docker", *arguments]:
                check_container(arguments)
            case ["uvicorn", target, *_]:
                assert (self._folder / f"{target.partition(':')[0]}.py").exists()
            case _:
                raise AssertionError(f"Nobody checks the command {words}.")

    def _curl(self, arguments: list[str]) -> None:
        (url,) = (word for word in arguments if word.startswith("http"))
        pairs = list(pairwise(arguments))
        headers = dict(
            word.split(": ", 1) for option, word in pairs if option == "--header"
        )
        bodies = [word for option, word in pairs if option == "--data"]
        path = re.sub(r"http://127\.0\.0\.1:8000", "", url)
        method = "POST" if bodies else "GET"
        content = bodies[0] if bodies else None
        answer = self._client.request(method, path, headers=headers, content=content)
        self._output = answer.json()

    def http(self, block: Block) -> None:
        """Send a request; compare a response: status, the headers shown, the body."""
        head, _, body = block.text.partition("\n\n")
        first, *lines = head.splitlines()
        headers = dict(line.split(": ", 1) for line in lines)
        if not first.startswith("HTTP/"):
            method, path = first.split(" ", 1)
            self._output = self._client.request(
                method, path, headers=headers, content=body.encode()
            )
            return
        answer = self._output
        assert first == f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}"
        assert headers == {name: answer.headers[name] for name in headers}
        assert json.loads(body) == answer.json()

    def ini(self, block: Block) -> None:
        """Only settings that there are."""
        for name in re.findall(r"^#?(\w+)=", block.text, re.MULTILINE):
            assert name.lower() in Settings.model_fields

    def client_code(self, block: Block) -> None:
        """The operations in it are valid; node is needed to run the rest."""
        for operation in re.findall(
            r"(?:graphql|gql)\(?`(.*?)`", block.text, re.DOTALL
        ):
            assert validate(self._schema, parse(operation), CLIENT_RULES) == []

    def picture(self, block: Block) -> None:
        """A drawing in characters."""


Action = Callable[[Reader, Block], None]
_ACTIONS: Mapping[str, Action] = {
    "python": Reader.python,
    "graphql": Reader.graphql,
    "json": Reader.json,
    "text": Reader.text,
    "sh": Reader.sh,
    "http": Reader.http,
    "ini": Reader.ini,
    "toml": lambda _, block: check_table(block.text),
    "ts": Reader.client_code,
    "tsx": Reader.client_code,
    "": Reader.picture,
}


def _is_json(block: Block | None) -> bool:
    return block is not None and block.language == "json"


def _settings_first(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """`PORT=1 gql-app serve` -> the settings, and the command."""
    settings: dict[str, str] = {}
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        name, _, value = words.pop(0).partition("=")
        settings[name] = value
    return settings, words


def undescribed(schema: GraphQLSchema) -> set[str]:
    """The lines of the schema printed without descriptions."""
    plain = lexicographic_sort_schema(schema)
    for graphql_type in plain.type_map.values():
        graphql_type.description = None
        for field in getattr(graphql_type, "fields", {}).values():
            field.description = None
            for argument in getattr(field, "args", {}).values():
                argument.description = None
        for value in getattr(graphql_type, "values", {}).values():
            value.description = None
    types = plain.type_map.values()
    return {line for one in types for line in print_type(one).splitlines()}

"""Lines of the log, as a process writes them."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from gql_app.observability.logs import configure_logs, log_operations
from gql_app.observability.observing import Observer
from tests.observability.samples import observation


class Log(NamedTuple):
    """A log from its configuration on, and what was written to it."""

    operation: Observer
    lines: Callable[[], list[str]]

    def parsed(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines()]


Configure = Callable[..., Log]


@pytest.fixture
def configure(capfd: pytest.CaptureFixture[str]) -> Iterator[Configure]:
    """Configures logging, which is a matter of the whole process, for one test."""
    root = logging.getLogger()
    server = logging.getLogger("uvicorn.error")
    libraries = ("alembic", "uvicorn", server.name)
    handlers, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in libraries}
    filters = list(server.filters)
    server.setLevel(logging.NOTSET)  # whatever servers of other tests made of it

    def log(level: str = "info", *, json: bool = True) -> Log:
        logger = configure_logs(level, json=json)
        operation = log_operations(logger, slow_seconds=1)
        return Log(operation, lambda: capfd.readouterr().err.splitlines())

    yield log
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    server.filters[:] = filters


def test_operation_is_one_line_of_json(configure: Configure) -> None:
    log = configure()

    log.operation(observation())

    (line,) = log.parsed()

    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "operation",
        "level": "info",
        "request_id": "request-1",
        "kind": "query",
        "operation": "Feed",
        "hash": "0" * 64,
        "outcome": "ok",
        "ms": 200.0,
        "statements": 1,
        "rows": 20,
    }


@pytest.mark.parametrize(
    ("codes", "options", "level"),
    [
        (["FORBIDDEN"], {}, "info"),
        (["BAD_USER_INPUT"], {"executed": False}, "info"),
        (["INTERNAL_SERVER_ERROR"], {}, "error"),
        (["TIMEOUT"], {"seconds": 9}, "error"),
        ([], {"seconds": 9}, "warning"),
    ],
)
def test_level_says_whose_fault_it_is(
    configure: Configure, codes: list[str], options: dict[str, Any], level: str
) -> None:
    log = configure()

    log.operation(observation("Feed", *codes, **options))

    assert [line["level"] for line in log.parsed()] == [level]


def test_codes_are_listed_once(configure: Configure) -> None:
    log = configure()

    log.operation(observation("Feed", "FORBIDDEN", "CONFLICT", "FORBIDDEN"))

    (line,) = log.parsed()
    assert line["codes"] == ["FORBIDDEN", "CONFLICT"]
    assert line["outcome"] == "partial"


def test_slow_operation_has_its_statements_without_parameters(
    configure: Configure,
) -> None:
    log = configure()

    log.operation(observation(seconds=1))

    (line,) = log.parsed()
    assert line["slow"] == [
        {"path": "posts", "ms": 125.0, "rows": 20, "sql": "SELECT id FROM post"}
    ]
    assert "secret" not in json.dumps(line)


def test_fast_operation_is_not_logged_above_info(configure: Configure) -> None:
    log = configure("warning")

    log.operation(observation())
    log.operation(observation(seconds=2))

    assert [line["level"] for line in log.parsed()] == ["warning"]


def test_other_loggers_have_the_same_form(configure: Configure) -> None:
    log = configure()

    logging.getLogger("a").error("%s é", "x", exc_info=ValueError("oops"))

    (line,) = log.parsed()
    assert (line["event"], line["logger"], line["level"]) == ("x é", "a", "error")
    assert line["exception"] == "ValueError: oops"


def test_chatter_of_libraries_is_left_out(configure: Configure) -> None:
    log = configure()

    logging.getLogger("uvicorn.error").info("hello")

    assert log.lines() == []


def test_text_that_a_client_broke_is_no_failure_of_ours(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As in a process of its own: servers of other tests have changed it.
    monkeypatch.setattr(logging.getLogger("uvicorn"), "propagate", True)
    monkeypatch.setattr(logging.getLogger("uvicorn"), "handlers", [])
    log = configure()

    try:
        b"\xff".decode()
    except UnicodeDecodeError:
        logging.getLogger("uvicorn.error").exception("Invalid UTF-8 sequence")

    (line,) = log.parsed()
    assert (line["event"], line["level"]) == ("Invalid UTF-8 sequence", "warning")
    assert "exception" not in line


def test_console_is_for_reading(configure: Configure) -> None:
    log = configure(json=False)

    log.operation(observation())
    logging.getLogger("a").warning("careful")
    logging.getLogger("a").error("oops", exc_info=ValueError("reason"))

    first, second, third, *traceback = log.lines()
    assert "operation=Feed" in first
    assert "careful" in second
    assert "oops" in third
    assert traceback[-1] == "ValueError: reason"
    assert "\x1b" not in first  # no colours in a file

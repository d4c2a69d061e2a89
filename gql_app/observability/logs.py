"""Logs: one line for each event, as JSON or for people's eyes, on standard error."""

import logging
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.stdlib import ExtraAdder, ProcessorFormatter
from structlog.typing import EventDict, Processor

from gql_app.observability.observing import Observation, Observer, Outcome

_NAMES = {level: name.lower() for name, level in logging.getLevelNamesMapping().items()}


class EventLog:
    """Writes events as lines, by structlog's processors.

    Without one of its bound loggers: that would take longer than all the rest.
    """

    def __init__(self, least: int, processors: Sequence[Processor]) -> None:
        self.least = least
        """The least level that is written, as `logging` counts levels."""
        self._processors = processors
        self._output = sys.stderr.buffer

    def write(self, level: int, event: EventDict) -> None:
        """Write an event, if its level is high enough."""
        if level < self.least:
            return
        line: Any = event
        for process in self._processors:
            line = process(None, _NAMES[level], line)
        self._output.write(line + b"\n")  # at once: threads write here as well
        self._output.flush()


def configure_logs(level: str, *, json: bool) -> EventLog:
    """Give all logging of this process one form; what is returned is for operations.

    Above "debug", the chatter of libraries is left out.
    """
    least = logging.getLevelNamesMapping()[level.upper()]
    render = _json_line if json else _console()
    handler = logging.StreamHandler()
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                ExtraAdder(),
                _add_time,
            ],
            processors=[
                ProcessorFormatter.remove_processors_meta,
                *([structlog.processors.format_exc_info] if json else []),
                lambda *event: render(*event).decode(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(least)
    quiet = logging.WARNING if least > logging.DEBUG else logging.NOTSET
    for name in ("alembic", "uvicorn"):
        logging.getLogger(name).setLevel(quiet)
    logging.getLogger("uvicorn.error").filters[:] = [_blames_clients]
    return EventLog(least, [structlog.processors.add_log_level, _add_time, render])


def _blames_clients(record: logging.LogRecord) -> bool:
    """Tells it shortly when a client has sent what is no text: no fault of ours."""
    if record.exc_info and isinstance(record.exc_info[1], UnicodeDecodeError):
        record.exc_info = None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
    return True


def log_operations(log: EventLog, slow_seconds: float) -> Observer:
    """An observer that writes a line for each operation.

    Those that take long come with their statements, as warnings; those that failed are
    errors. What clients did wrong is information. Parameters are never logged.
    """

    def observe(seen: Observation) -> None:
        slow = seen.seconds >= slow_seconds
        level = logging.INFO
        if seen.outcome is Outcome.FAILED:
            level = logging.ERROR
        elif slow:
            level = logging.WARNING
        if level < log.least:
            return
        kind, name, digest = seen.operation
        event: EventDict = {
            "event": "operation",
            "request_id": seen.request_id,
            "kind": kind,
            "operation": name,
            "hash": digest,
            "outcome": seen.outcome.value,
            "ms": round(seen.seconds * 1000, 3),
            "statements": len(seen.result.statements),
            "rows": seen.rows,
        }
        if seen.result.codes:
            event["codes"] = list(dict.fromkeys(seen.result.codes))
        if slow:
            event["slow"] = statements_of(seen)
        log.write(level, event)

    return observe


def statements_of(seen: Observation) -> list[dict[str, Any]]:
    """What took the time: each statement, without its parameters."""
    return [
        {
            "path": one.path,
            "ms": round(one.seconds * 1000, 3),
            "rows": one.rows,
            "sql": one.sql,
        }
        for one in seen.result.statements
    ]


def _add_time(_logger: Any, _level: str, event: EventDict) -> EventDict:
    event["timestamp"] = datetime.now(UTC)
    return event


def _json_line(_logger: Any, _level: str, event: EventDict) -> bytes:
    return orjson.dumps(event, default=repr, option=orjson.OPT_UTC_Z)


def _console() -> Callable[[Any, str, EventDict], bytes]:
    # Plain: a traceback with the values of variables would have secrets in it.
    console = ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=plain_traceback
    )

    def line(logger: Any, level: str, event: EventDict) -> bytes:
        event["timestamp"] = event["timestamp"].strftime("%H:%M:%S.%f")
        return str(console(logger, level, event)).encode()

    return line

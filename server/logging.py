"""Structured logs: a constant event name and keywords, one line each, on standard error.

``configure_logging`` is called once per process, by the command that runs it. Names of fields
that could carry a person's words, number or secret are struck out whoever logs them, and so are the
values that the database quotes in its errors.
"""

import logging
import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

import asyncpg
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from server.log_rates import RATES
from server.settings import Settings
from server.struck_out import STRUCK_OUT

if TYPE_CHECKING:
    from server.telemetry.errors import ErrorReports


def configure_logging(settings: Settings, stream: TextIO | None = None) -> None:
    """Send structlog's and the standard library's logs to one place in one shape.

    Args:
        stream: where to; standard error when not given.
    """
    output = stream or sys.stderr
    as_json = settings.log_format == "json" or (
        settings.log_format == "auto" and not output.isatty()
    )
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        _said_by(settings.node_name),
        *_trace_ids(settings),
        strike_out,
        strike_out_values,
    ]
    reports = _error_reports(settings)
    ours: list[Processor] = [
        structlog.stdlib.filter_by_level,
        *shared,
        *([] if reports is None else [reports.processor]),
        RATES.processor,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ]
    rendering: list[Processor] = (
        [_tracebacks_without_locals(), structlog.processors.JSONRenderer()]
        if as_json
        else [_console(output)]
    )
    structlog.configure(
        processors=ours,
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(output)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    if reports is not None:
        handler.addFilter(reports.filter)
    handler.addFilter(RATES.filter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # Their comings and goings are said by our own events.
    for name in ("uvicorn", "taskiq"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    # One line per request is the proxy's business; tickets travel in query strings.
    logging.getLogger("uvicorn.access").disabled = True


def _said_by(node: str) -> Processor:
    """Whose line it is: logs of many nodes are read together."""

    def say(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        event.setdefault("node", node)
        return event

    return say


def _trace_ids(settings: Settings) -> list[Processor]:
    """Joins a line with the trace that it was written in, where anything is traced."""
    if not settings.otlp_url:
        return []
    from server.telemetry.log_traces import trace_of_line

    return [trace_of_line]


def _error_reports(settings: Settings) -> "ErrorReports | None":
    if not settings.sentry_dsn:
        return None
    from server.telemetry.errors import error_reports

    return error_reports(settings)


def strike_out(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace what a field of a forbidden name holds."""
    for name in STRUCK_OUT & event.keys():
        event[name] = "[struck out]"
    return event


def strike_out_values(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Take the rows and arguments out of the database's errors: ``Key (number)=(+1…) exists``."""
    error = event.get("exc_info")
    if isinstance(error, tuple):
        error = error[1]
    elif error is True:
        error = sys.exc_info()[1]
    for one in _errors_in(error):
        if isinstance(one, asyncpg.PostgresError | asyncpg.InterfaceError):
            one.detail = None
            one.args = (_QUOTED.sub(r"\1 [struck out]", str(one.args[0])) if one.args else "",)
            if isinstance(one.__cause__, ValueError | TypeError):
                one.__cause__.args = ("[struck out]",)  # what could not be made an argument
    return event


_QUOTED = re.compile(r"(invalid input [^:]*:).*", re.DOTALL)
"""``invalid input for query argument $2: '…'``, ``invalid input syntax for type uuid: "…"``."""


def _errors_in(error: object) -> Iterator[BaseException]:
    """An error with those that it came of or holds."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__]
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions


def _tracebacks_without_locals() -> Processor:
    """Local variables hold what people said; a traceback needs its lines only."""
    transformer = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return structlog.processors.ExceptionRenderer(transformer)


def _console(output: TextIO) -> Processor:
    return structlog.dev.ConsoleRenderer(
        colors=output.isatty(), exception_formatter=structlog.dev.plain_traceback
    )

"""Errors for Sentry: what is logged as an error, by whichever part of the process.

One place instead of an integration per library: whatever fails is logged once, with a constant
name and what it concerns (`docs/operations.md`), and that line is the report. Without a DSN nothing
of this is imported.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from typing import Any, Final

import sentry_sdk
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.utils import event_from_exception
from structlog.typing import EventDict, WrappedLogger

from rooms.sessions.allowance import TokenBucket
from server.settings import Settings
from server.telemetry.scrubbing import fields_of, scrub_event
from server.version import VERSION

SAME_PER_SECOND: Final = 1 / 60
SAME_AT_ONCE: Final = 3
"""Of one error at one place: enough to see that it goes on."""

ALL_PER_SECOND: Final = 0.5
ALL_AT_ONCE: Final = 30
"""Of all together. A report costs some milliseconds, and a node in trouble has none to spare."""

KNOWN_MAX: Final = 500
QUEUE_MAX: Final = 50
STOP_TIMEOUT_S: Final = 2

_REPORTED_BY_US: Final = ("taskiq", "sentry_sdk", "opentelemetry")
"""Libraries whose failures our own lines tell of, or that would report themselves: taskiq logs each
try of a job, and what matters is the one after which nobody tries again."""

_TAGS: Final = ("show_id", "node", "trace_id", "request_id", "job", "kind")
_SHAPE: Final = frozenset({"event", "level", "logger", "at", "error", "_record", "_from_structlog"})


class ErrorReports:
    """A structlog processor that reports and changes nothing."""

    def __init__(self, client: Any, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._monotonic = monotonic
        self._all = TokenBucket(ALL_PER_SECOND, ALL_AT_ONCE)
        self._same: dict[tuple[str, ...], TokenBucket] = {}
        self.held_back = 0

    def processor(self, _: WrappedLogger, method: str, event: EventDict) -> EventDict:
        """For our own lines."""
        if method in ("error", "exception", "critical"):
            self.report(dict(event))
        return event

    def filter(self, record: logging.LogRecord) -> bool:
        """For what libraries log, such as an exception that nobody took from a task."""
        ours = isinstance(record.msg, dict) or record.name.startswith(_REPORTED_BY_US)
        if record.levelno >= logging.ERROR and not ours:
            # Their words may quote anything; the exception's class and lines tell enough.
            said = {"event": "logged_by_library", "logger": record.name}
            self.report({**said, "exc_info": record.exc_info})
        return True

    def report(self, said: dict[str, Any]) -> None:
        """Reports a line, if there are not too many. Raises nothing."""
        error = _error_of(said.pop("exc_info", None))
        known = (str(said.get("event")), *_place(error))
        if not self._may(known):
            self.held_back += 1
            return
        held, self.held_back = self.held_back, 0
        try:
            self._send(said, error, known, held)
        except Exception:  # whoever logs an error has trouble enough
            self.held_back += 1

    def _send(
        self, said: dict[str, Any], error: BaseException | None, known: tuple[str, ...], held: int
    ) -> None:
        event: Any = {}
        hint: Any = None
        if error is not None:
            event, hint = event_from_exception(error, client_options=self._client.options)
        fields = fields_of({name: value for name, value in said.items() if name not in _SHAPE})
        event.update(
            level="error",
            logger=str(said.get("logger", "")),
            message=str(said.get("event")),
            fingerprint=list(known),
            tags={name: str(fields.pop(name)) for name in _TAGS if name in fields},
            extra={**fields, **({"held_back": held} if held else {})},
        )
        self._client.capture_event(event, hint)

    def _may(self, known: tuple[str, ...]) -> bool:
        now = self._monotonic()
        same = self._same.get(known)
        if same is None:
            if len(self._same) >= KNOWN_MAX:
                del self._same[next(iter(self._same))]
            same = self._same[known] = TokenBucket(SAME_PER_SECOND, SAME_AT_ONCE)
        return not same.take(now) and not self._all.take(now)


def error_reports(settings: Settings, **more: Any) -> ErrorReports:
    """Makes the SDK's client, which sends from a thread of its own.

    Args:
        more: options of the client, for tests.
    """
    sentry_sdk.init(
        dsn=settings.sentry_dsn.reveal(),
        release=f"setroom@{VERSION}",
        environment=settings.sentry_environment,
        server_name=settings.node_name,
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[AtexitIntegration(callback=_say_nothing)],
        before_send=scrub_event,
        include_local_variables=False,
        max_breadcrumbs=0,
        max_request_body_size="never",
        auto_session_tracking=False,
        sample_rate=1.0,
        traces_sample_rate=None,
        transport_queue_size=QUEUE_MAX,
        shutdown_timeout=STOP_TIMEOUT_S,
        **more,
    )
    return ErrorReports(sentry_sdk.get_client())


def _error_of(info: Any) -> BaseException | None:
    if info is True:
        return sys.exc_info()[1]
    if isinstance(info, tuple):
        info = info[1]
    return info if isinstance(info, BaseException) else None


def _place(error: BaseException | None) -> tuple[str, ...]:
    """Class and innermost line: what makes two errors the same."""
    if error is None:
        return ()
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    line = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
    return (type(error).__name__, line)


def _say_nothing(pending: int, timeout: float) -> None:
    """The process ends without a word about it."""

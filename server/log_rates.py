"""How often the same warning is written: a store that is away must not fill a disk with it."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import structlog
from structlog.typing import EventDict, WrappedLogger

WINDOW_S: Final = 10.0
LINES_PER_WINDOW: Final = 20
"""Of one event at one level. The next one that is written says how many were not."""

EVENTS_KNOWN_MAX: Final = 1_000
"""Our own events are fewer; libraries may make names up."""

_LEAST: Final = logging.WARNING


class LogRates:
    """Counts lines by level and lets so many of each event through.

    Attributes:
        lines: written and held back, by level.
        held_back: that were not written.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.lines: Counter[str] = Counter()
        self.held_back = 0
        self._monotonic = monotonic
        self._windows: dict[tuple[str, int], tuple[float, int]] = {}

    def take(self, event: str, level: int) -> int | None:
        """``None``: do not write it. Otherwise how many of it were held back before."""
        self.lines[logging.getLevelName(level).lower()] += 1
        if level < _LEAST:
            return 0
        now, key = self._monotonic(), (event, level)
        began, lines = self._windows.get(key, (now, 0))
        held = 0
        if now - began >= WINDOW_S:
            held, began, lines = max(0, lines - LINES_PER_WINDOW), now, 0
        if key not in self._windows and len(self._windows) >= EVENTS_KNOWN_MAX:
            del self._windows[next(iter(self._windows))]
        self._windows[key] = (began, lines + 1)
        if lines >= LINES_PER_WINDOW:
            self.held_back += 1
            return None
        return held

    def processor(self, _: WrappedLogger, method: str, event: EventDict) -> EventDict:
        """For our own events.

        Raises:
            structlog.DropEvent: it is not written.
        """
        held = self.take(
            str(event.get("event")), logging.getLevelNamesMapping()[method_level(method)]
        )
        if held is None:
            raise structlog.DropEvent
        if held:
            event["held_back"] = held
        return event

    def filter(self, record: logging.LogRecord) -> bool:
        """For what libraries log, one window per logger. Ours has been counted."""
        if isinstance(record.msg, dict):
            return True
        held = self.take(record.name, record.levelno)
        if held:
            record.msg = f"{record.msg} (and {held} more)"
        return held is not None


def method_level(method: str) -> str:
    """The level's name of a logging method."""
    return {"exception": "ERROR", "warn": "WARNING"}.get(method, method.upper())


RATES: Final = LogRates()
"""Of this process, as its logging is."""


def levels() -> dict[str, Any]:
    """Lines of each level so far, those that Prometheus is told about."""
    return {level: RATES.lines[level] for level in ("warning", "error", "critical")}

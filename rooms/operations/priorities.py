"""How urgent a job is. Each priority has a stream of its own, and places of its own in every
worker, so that nothing that somebody waits for stands behind what can wait for the night.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Priority(StrEnum):
    """What a job waits behind: others of its kind, and nothing else."""

    URGENT = "urgent"
    """The room that is on, and messages: somebody waits for it now."""
    NORMAL = "normal"
    """Upkeep that a room feels if it stays undone."""
    BULK = "bulk"
    """Imports, statistics, training, clearing up: hours do not matter."""


DEFAULT: Final = Priority.NORMAL
"""Of a job that says nothing."""

PREFIX: Final = "{setroom:jobs}"
"""Braces, so that a Redis cluster keeps all of it in one slot: a job moves between its keys in one
step."""

GROUP: Final = "workers"
"""The consumer group of every stream."""


def stream_of(priority: Priority) -> str:
    """Redis key of the stream of jobs that wait or run."""
    return f"{PREFIX}:{priority.value}"


def later_of(priority: Priority) -> str:
    """Redis key of the sorted set of jobs that will be tried again, by when (s since 1970)."""
    return f"{PREFIX}:{priority.value}:later"


COUNTS_KEY: Final = f"{PREFIX}:counts"
"""Redis hash of what was done (`count_field`) and how long it took (`seconds_fields`)."""

STREAKS_KEY: Final = f"{PREFIX}:streaks"
"""Redis hash: recurring job → times that it failed in a row."""


def once_key(what: str) -> str:
    """Redis key that is there while ``what`` need not be sent a second time."""
    return f"{PREFIX}:once:{what}"


class Outcome(StrEnum):
    """How a try of a job ended."""

    DONE = "done"
    RETRIED = "retried"
    DEAD = "dead"


SECONDS: Final = (0.01, 0.05, 0.25, 1.0, 5.0, 30.0, 120.0, 480.0)
"""Upper edges of the histogram of durations, in seconds."""


def count_field(outcome: Outcome, priority: Priority, task: str) -> str:
    """The field that counts tries of one job that ended so."""
    return f"{outcome.value}|{priority.value}|{task}"


def seconds_fields(priority: Priority, seconds: float) -> dict[str, float]:
    """What a try that took so long adds to which fields: one bucket, and the sum."""
    edge = next((str(edge) for edge in SECONDS if seconds <= edge), "+Inf")
    return {f"le|{priority.value}|{edge}": 1, f"sum|{priority.value}|": round(seconds, 6)}

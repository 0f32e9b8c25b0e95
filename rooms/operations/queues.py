"""The queues of jobs at one moment."""

from __future__ import annotations

from msgspec import Struct

from rooms.operations.priorities import Outcome, Priority


class Queue(Struct, frozen=True):
    """The jobs of one priority.

    Attributes:
        waiting: no worker has taken them yet.
        running: a worker has them.
        later: they failed and wait for their next try.
        oldest_s: age of the oldest that waits, in seconds; 0: none does.
    """

    priority: Priority
    waiting: int
    running: int
    later: int
    oldest_s: float


class JobCount(Struct, frozen=True):
    """Tries of one job since the counters began (Redis was last started empty)."""

    task: str
    priority: Priority
    outcome: Outcome
    tries: int


class Durations(Struct, frozen=True):
    """How long tries of one priority took.

    Attributes:
        buckets: per edge of `rooms.operations.priorities.SECONDS`, and one more for what took
            longer: how many fell between it and the edge before.
        sum_s: all of them together, in seconds.
    """

    priority: Priority
    buckets: tuple[int, ...]
    sum_s: float


class Workload(Struct, frozen=True):
    """All queues, and what was done."""

    queues: tuple[Queue, ...]
    counts: tuple[JobCount, ...]
    durations: tuple[Durations, ...]

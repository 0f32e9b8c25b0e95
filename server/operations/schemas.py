"""Bodies of ``/api/operations``."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from rooms.messaging.reconciling import Difference
from rooms.operations.dead_letters import Reason, Source
from rooms.operations.priorities import Priority


class QueueView(Struct, frozen=True):
    """The jobs of one priority.

    Attributes:
        waiting: no worker has taken them yet.
        running: a worker has them.
        later: they failed and wait for their next try.
        oldest_s: age of the oldest that waits, in seconds; 0: none does.
        done: tries that worked, since the counters began.
        retried: tries that failed and are made again.
        dead: jobs that were set aside.
    """

    priority: Priority
    waiting: int
    running: int
    later: int
    oldest_s: float
    done: int
    retried: int
    dead: int


class JobView(Struct, frozen=True):
    """One kind of job, since the counters began."""

    job: str
    priority: Priority
    done: int
    retried: int
    dead: int


class OutboxView(Struct, frozen=True):
    """One kind of effect that is undelivered. ``oldest_s``: age of the oldest that waits."""

    kind: str
    waiting: int
    dead: int
    oldest_s: float


class JobsBody(Struct, frozen=True):
    """How the background work is.

    Attributes:
        queues: the three priorities, the most urgent first.
        jobs: by name.
        outbox: effects by kind; none for a kind of which everything is delivered.
        dead_letters: jobs and effects that were set aside and wait for somebody.
    """

    queues: list[QueueView]
    jobs: list[JobView]
    outbox: list[OutboxView]
    dead_letters: int


class DeadLetterView(Struct, frozen=True):
    """A job or an effect that was set aside.

    Attributes:
        name: the job's name, the effect's kind.
        priority: of a job.
        reason: ``failed`` at every try, ``lost`` with its worker each time, ``malformed``,
            ``unknown`` to the workers that there are.
        error: what its last try said, shortened.
        can_retry: whether there is something to put back.
        what: arguments and labels of a job, payload of an effect; only in the answer for one.
    """

    id: str
    source: Source
    name: str
    priority: Priority | None
    reason: Reason
    error: str
    attempts: int
    first_failed_at: datetime
    last_failed_at: datetime
    state: Literal["dead", "retried", "discarded"]
    can_retry: bool
    show_id: str | None
    settled_at: datetime | None
    what: dict[str, Any] | None = None


class DeadLetterPage(Struct, frozen=True):
    """Dead letters that wait for somebody, the latest first."""

    items: list[DeadLetterView]
    next_cursor: str | None


class ReconciliationView(Struct, frozen=True):
    """A day (UTC) of a number, as the carrier lists it and as it is known here.

    Attributes:
        day: such as ``2026-11-20``.
        listed: messages in the carrier's list.
        matched: of which we have sent.
        mended: that had moved on without our hearing of it, and are as listed by now.
        contradicts: ended otherwise than we know, at least so many.
        absent: that were sent and are not listed.
        foreign: that nobody here has sent.
        complete: the list was read to its end.
        differences: the first of them, by the carrier's names.
    """

    sender: str
    day: str
    ran_at: datetime
    listed: int
    matched: int
    mended: int
    contradicts: int
    absent: int
    foreign: int
    complete: bool
    differences: list[Difference]


class ReconciliationPage(Struct, frozen=True):
    """The newest comparison of each day and number, the latest day first."""

    items: list[ReconciliationView]
    next_cursor: str | None

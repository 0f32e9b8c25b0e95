"""What could not be done and is kept until somebody looks: dead jobs and dead effects."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol

from msgspec import Struct

from rooms.operations.priorities import Priority

RUN_JOB: Final = "run_job"
"""Kind of the outbox's effect that puts a dead job back. Payload: ``dead_id``, ``priority``,
``message``."""

ERROR_CHARACTERS_MAX: Final = 300
PAYLOAD_BYTES_MAX: Final = 4 * 1024
"""Kept of a job that cannot be read."""


class Reason(StrEnum):
    """Why no worker takes a job again."""

    FAILED = "failed"
    """It raised at every try."""
    LOST = "lost"
    """It was begun several times and its worker died each time."""
    MALFORMED = "malformed"
    """It cannot be read: nothing to try again."""
    UNKNOWN = "unknown"
    """No worker knows its name, such as one that an older version runs."""


class DeadJob(Struct, frozen=True):
    """A job as it is set aside.

    Attributes:
        job_key: the job's id; a recurring one's name (one row, however often it fails).
        message: the job as it would be sent again; ``None``: it cannot be read.
        payload: the beginning of what cannot be read.
        attempts: times that it was begun; of a recurring one, failures in a row.
    """

    job_key: str
    task: str
    priority: Priority
    reason: Reason
    error: str
    attempts: int
    first_failed_at: datetime
    last_failed_at: datetime
    message: dict[str, Any] | None = None
    payload: bytes | None = None


class DeadJobs(Protocol):
    """Where dead jobs are kept."""

    async def bury(self, job: DeadJob) -> None:
        """Keeps it. The same job again brings its row up to date; one that was put back or
        discarded is dead anew only if it failed after that."""
        ...


class Source(StrEnum):
    """Where a dead letter comes from."""

    JOB = "job"
    EFFECT = "effect"


class DeadLetter(Struct, frozen=True):
    """A dead job, or a dead effect of the outbox, as the page shows it.

    Attributes:
        name: the job's, or the effect's kind.
        what: the job's arguments and labels, the effect's payload; of a malformed job its bytes.
        state: ``dead``, ``retried`` or ``discarded``.
        can_retry: whether there is something to try again.
    """

    letter_id: str
    source: Source
    name: str
    priority: Priority | None
    reason: Reason
    error: str
    attempts: int
    first_failed_at: datetime
    last_failed_at: datetime
    state: str
    can_retry: bool
    show_id: str | None = None
    settled_at: datetime | None = None
    what: dict[str, Any] | None = None


class Place(Struct, frozen=True, array_like=True):
    """Where a page of dead letters ends."""

    last_failed_at: datetime
    letter_id: str

"""Records of background work as bodies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, cast

from rooms.messaging.reconciling import Comparison
from rooms.operations.dead_letters import DeadLetter, Source
from rooms.operations.priorities import Outcome, Priority
from rooms.operations.queues import JobCount, Workload
from rooms.outbox import KindCount
from server.operations.schemas import (
    DeadLetterView,
    JobsBody,
    JobView,
    OutboxView,
    QueueView,
    ReconciliationView,
)

State = Literal["dead", "retried", "discarded"]


def jobs_body(workload: Workload, dead: dict[Source, int], outbox: Iterable[KindCount]) -> JobsBody:
    """How the background work is."""
    return JobsBody(
        queues=[
            QueueView(
                priority=queue.priority,
                waiting=queue.waiting,
                running=queue.running,
                later=queue.later,
                oldest_s=queue.oldest_s,
                **_tries(count for count in workload.counts if count.priority is queue.priority),
            )
            for queue in workload.queues
        ],
        jobs=[
            JobView(
                job=task,
                priority=priority,
                **_tries(
                    count
                    for count in workload.counts
                    if (count.task, count.priority) == (task, priority)
                ),
            )
            for task, priority in _kinds(workload.counts)
        ],
        outbox=[
            OutboxView(kind=one.kind, waiting=one.waiting, dead=one.dead, oldest_s=one.oldest_s)
            for one in outbox
        ],
        dead_letters=sum(dead.values()),
    )


def letter_view(letter: DeadLetter) -> DeadLetterView:
    """One dead letter."""
    return DeadLetterView(
        id=letter.letter_id,
        source=letter.source,
        name=letter.name,
        priority=letter.priority,
        reason=letter.reason,
        error=letter.error,
        attempts=letter.attempts,
        first_failed_at=letter.first_failed_at,
        last_failed_at=letter.last_failed_at,
        state=cast(State, letter.state),
        can_retry=letter.can_retry,
        show_id=letter.show_id,
        settled_at=letter.settled_at,
        what=letter.what,
    )


def reconciliation_view(found: Comparison) -> ReconciliationView:
    """One day of one number."""
    return ReconciliationView(
        sender=found.sender,
        day=found.day.isoformat(),
        ran_at=found.ran_at,
        listed=found.listed,
        matched=found.matched,
        mended=found.mended,
        contradicts=sum(one.what == "contradicts" for one in found.differences),
        absent=found.absent,
        foreign=found.foreign,
        complete=found.complete,
        differences=list(found.differences),
    )


def _kinds(counts: Iterable[JobCount]) -> list[tuple[str, Priority]]:
    return sorted({(count.task, count.priority) for count in counts})


def _tries(counts: Iterable[JobCount]) -> dict[str, int]:
    sums = dict.fromkeys(Outcome, 0)
    for count in counts:
        sums[count.outcome] += count.tries
    return {
        "done": sums[Outcome.DONE],
        "retried": sums[Outcome.RETRIED],
        "dead": sums[Outcome.DEAD],
    }

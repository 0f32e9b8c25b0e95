"""Whether everybody who was in one room ended with the same: log, tally, setlist."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

from loadtests.faults import verdict
from loadtests.faults.worker import Worker
from loadtests.wire.messages import EventMessage

SETTLE_TIMEOUT_S = 60.0
TALLY_TIMEOUT_S = 30.0
"""A node that lost every message finds out within two seconds; a busy machine takes longer."""


async def compare(workers: Sequence[Worker], result: dict[str, object]) -> list[str]:
    """What is wrong once the round is closed, in words."""
    closed = [_until_closed(worker) for worker in workers]
    await asyncio.wait_for(asyncio.gather(*closed), SETTLE_TIMEOUT_S)
    head = max(worker.room.place.seq for worker in workers)
    problems: list[str] = []
    for worker in workers:
        try:
            await worker.room.until(_settled(worker, head), SETTLE_TIMEOUT_S)
        except TimeoutError:
            problems.append(f"{worker.name} is at {worker.room.place.seq} of {head}")
        worker.settle()
    titles = {e.entry_id: e.title for e in workers[0].room.setlist.entries()}
    return [
        *problems,
        *same_log(workers),
        *verdict.chat_is_kept(workers, _longest(workers)),
        *verdict.chat_is_complete(workers, _longest(workers)),
        *verdict.tally_is_exact(workers, result),
        *verdict.entries_are_kept(workers, titles),
        *verdict.documents_are_equal(workers, titles),
        *verdict.nothing_broken(workers),
    ]


async def _until_closed(worker: Worker) -> None:
    await worker.room.until(
        lambda: any(event.name == "round_closed" for event in worker.events[-50:]),
        SETTLE_TIMEOUT_S,
    )


def _settled(worker: Worker, head: int) -> Callable[[], bool]:
    return lambda: worker.room.place.seq >= head and worker.room.ledger.unsaved == 0


def _longest(workers: Sequence[Worker]) -> list[EventMessage]:
    return max((worker.events for worker in workers), key=len)


def same_log(workers: Sequence[Worker]) -> list[str]:
    """Everybody got the same events in the same order, from when they came in."""
    log = {event.seq: event for event in _longest(workers)}
    wrong = []
    for worker in workers:
        seqs = [event.seq for event in worker.events]
        if seqs != list(range(seqs[0], seqs[0] + len(seqs))):
            wrong.append(f"{worker.name}'s log has gaps or doubles")
        different = [e.seq for e in worker.events if e.seq in log and e != log[e.seq]]
        wrong += [f"{worker.name} got another event {seq}" for seq in different[:5]]
    return wrong


async def same_tally(workers: Sequence[Worker]) -> list[str]:
    """While the round is still open everybody is told the same tally: what was acknowledged."""
    counts = Counter(w.promise.vote_acked for w in workers if w.promise.vote_acked is not None)
    wrong = []
    for worker in workers:

        def told(worker: Worker = worker) -> dict[str, int]:
            tally = worker.room.states.get(("tally", worker.promise.round_id))
            return {k: n for k, n in tally.data["options"].items() if n} if tally else {}

        def agreed(told: Callable[[], dict[str, int]] = told) -> bool:
            return told() == dict(counts)

        try:
            await worker.room.until(agreed, TALLY_TIMEOUT_S)
        except TimeoutError:
            wrong.append(f"{worker.name}'s tally is {told()}, acknowledged {dict(counts)}")
    return wrong

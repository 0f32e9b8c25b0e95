"""Whether everybody who was in one room ended with the same: log, tally, setlist."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise

from loadtests.faults import verdict
from loadtests.faults.http_visitor import HttpVisitor
from loadtests.faults.verdict import Voter
from loadtests.faults.worker import Worker
from loadtests.wire.messages import EventMessage

SETTLE_TIMEOUT_S = 60.0
TALLY_TIMEOUT_S = 30.0
"""A node that lost every message finds out within two seconds; a busy machine takes longer."""


async def compare(
    workers: Sequence[Worker],
    result: dict[str, object],
    others: Sequence[HttpVisitor] = (),
) -> list[str]:
    """What is wrong once the round is closed, in words.

    Args:
        others: who was in the room without a socket.
    """
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
    for other in others:
        try:
            await other.listener.signal.until(partial(_heard, other, head), SETTLE_TIMEOUT_S)
        except TimeoutError:
            problems.append(f"{other.name} is at {other.listener.place.seq} of {head}")
    titles = {e.entry_id: e.title for e in workers[0].room.setlist.entries()}
    return [
        *problems,
        *same_log(workers),
        *same_log_elsewhere(others, _longest(workers)),
        *verdict.chat_is_kept(workers, _longest(workers)),
        *verdict.chat_is_complete(workers, _longest(workers)),
        *verdict.tally_is_exact([*workers, *others], result),
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


def _heard(other: HttpVisitor, head: int) -> bool:
    return other.listener.place.seq >= head


def same_log_elsewhere(others: Sequence[HttpVisitor], whole: Sequence[EventMessage]) -> list[str]:
    """Who has no socket heard the same, and what they were told is done is there, once."""
    log = {event.seq: event for event in whole}
    said = Counter(str(event.data["text"]) for event in whole if event.name == "chat_posted")
    wrong = []
    for other in others:
        heard = other.listener
        seqs = [event.seq for event in heard.events]
        if any(b != a + 1 and b - 1 not in heard.snapshots for a, b in pairwise(seqs)):
            wrong.append(f"{other.name}'s log has gaps or doubles")
        different = [e.seq for e in heard.events if e.seq in log and e.data != log[e.seq].data]
        wrong += [f"{other.name} got another event {seq}" for seq in different[:5]]
        wrong += [f"{other.name}: {broken}" for broken in heard.place.violations]
        wrong += [f"{other.name}: refused {code}" for code in other.promise.refused]
        wrong += [
            f"acknowledged chat line {text!r} of {other.name} is there {said[text]} times"
            for text in other.promise.chat_acked
            if said[text] != 1
        ]
    return wrong


async def same_tally(workers: Sequence[Worker], others: Sequence[HttpVisitor] = ()) -> list[str]:
    """While the round is still open everybody is told the same tally: what was acknowledged."""
    everybody: list[Voter] = [*workers, *others]
    voted = [one.promise.vote_acked for one in everybody]
    counts = Counter(option for option in voted if option is not None)
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

"""What a fault came to: promises compared with what everybody has, and with the tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import asyncpg

from loadtests.faults import verdict
from loadtests.faults.listeners import Listener
from loadtests.faults.sightings import Sightings
from loadtests.faults.worker import Worker
from loadtests.wire.messages import EventMessage


@dataclass(slots=True)
class Findings:
    """What a fault came to.

    Attributes:
        promised: chat lines, edits and votes that were acknowledged, and checked.
        lost, doubled: of them.
        recovery_s: from the end of the fault until a new line of each node had reached everybody.
        problems: what else should not have been.
    """

    name: str
    sightings: Sightings = field(default_factory=Sightings)
    promised: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    recovery_s: float = 0.0
    lasted_s: float = 0.0

    @property
    def broken(self) -> list[str]:
        """Everything that breaks a promise."""
        return [*self.lost, *self.doubled, *self.problems]


def judge(
    found: Findings,
    workers: Sequence[Worker],
    listeners: Sequence[Listener],
    texted: Sequence[str],
    result: dict[str, Any],
) -> None:
    """Compares what everybody has with what was promised.

    Args:
        texted: what phones' last accepted votes were for.
        result: of the round.
    """
    heard = {event.seq: event for worker in workers for event in worker.events}
    log = [heard[seq] for seq in sorted(heard)]
    titles = {e.entry_id: e.title for e in workers[0].room.setlist.entries()}
    chat = [*verdict.chat_is_kept(workers, log), *verdict.chat_is_complete(workers, log)]
    found.doubled += [wrong for wrong in chat if "times" in wrong]
    found.lost += [wrong for wrong in chat if "times" not in wrong]
    found.lost += verdict.entries_are_kept(workers, titles)
    found.problems += verdict.documents_are_equal(workers, titles)
    found.problems += verdict.nothing_broken(workers)
    found.problems += _same_log(workers, listeners, log)
    said = [w.promise.vote_acked for w in workers if w.promise.vote_acked is not None]
    wanted = Counter([*said, *texted])
    counted = {option: votes for option, votes in result["options"].items() if votes}
    if counted != dict(wanted):
        short = wanted - Counter(counted)
        where = found.lost if short.total() else found.doubled
        where.append(f"the result is {counted}, acknowledged {dict(wanted)}")
    found.promised += sum(len(w.promise.chat_acked) + len(w.entries) for w in workers)
    found.promised += len(said) + len(texted)


def _same_log(
    workers: Sequence[Worker], listeners: Sequence[Listener], log: Sequence[EventMessage]
) -> list[str]:
    """Everybody got the same events, in the same order, without a gap."""
    by_seq = {event.seq: event for event in log}
    wrong = []
    everybody: list[Worker | Listener] = [*workers, *listeners]
    for one in everybody:
        name, events, seqs = one.name, one.events, [event.seq for event in one.events]
        if any(b != a + 1 and b - 1 not in one.snapshots for a, b in pairwise(seqs)):
            wrong.append(f"{name}'s log has gaps or doubles")
        if not seqs or seqs[-1] != log[-1].seq:
            wrong.append(f"{name}'s log ends at {seqs[-1] if seqs else None}")
        other = [e.seq for e in events if e.seq in by_seq and e.data != by_seq[e.seq].data]
        wrong += [f"{name} got another event {seq}" for seq in other[:3]]
    wrong += [f"{one.name}: {broken}" for one in listeners for broken in one.place.violations]
    return wrong


def judge_epochs(
    found: Findings,
    before: str | None,
    workers: Sequence[Worker],
    listeners: Sequence[Listener],
    another: bool,
) -> None:
    """Everybody follows one log: the same as before, or, if it has to be, another."""
    after = {worker.room.place.epoch for worker in workers}
    after |= {listener.place.epoch for listener in listeners}
    if len(after) != 1:
        found.problems.append(f"{len(after)} epochs are followed")
    elif (after != {before}) is not another:
        found.problems.append("the epoch " + ("did not change" if another else "changed"))
    found.sightings.new_log = after != {before}


async def recount(found: Findings, database_url: str) -> None:
    """The same again in SQL, past everything that a node might make up."""
    connection = await asyncpg.connect(database_url)
    try:
        for wrong, statement in RECOUNTS.items():
            count = await connection.fetchval(statement)
            if count:
                where = found.doubled if "twice" in wrong else found.lost
                where.append(f"{wrong}: {count}")
    finally:
        await connection.close()


RECOUNTS = {
    "an event is missing": """
    SELECT count(*) FROM rooms r WHERE r.seq <>
    (SELECT count(*) FROM room_events e WHERE e.show_id = r.show_id)""",
    "a chat line is there twice": """
    SELECT count(*) FROM (SELECT 1 FROM room_events WHERE name = 'chat_posted'
    GROUP BY show_id, data->>'text' HAVING count(*) > 1) doubled""",
    "a tally does not count its ballots": """
    SELECT count(*) FROM (
      SELECT round_id, pattern, voter_class, count(*)::int AS ballots FROM ballots
      WHERE pattern <> '' GROUP BY 1, 2, 3
      EXCEPT SELECT round_id, pattern, voter_class, ballots FROM tallies
    ) different""",
    "a result does not count its ballots": """
    SELECT count(*) FROM rounds r WHERE r.result IS NOT NULL AND (r.result->>'voters')::int <>
    (SELECT count(*) FROM ballots b WHERE b.round_id = r.id AND b.pattern <> '')""",
}

"""Compares what the server promised with what it has: the part of the kill test that judges.

Pure functions over ledgers and observations; each returns what is wrong, in words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from loadtests.faults.worker import Promise, Worker
from loadtests.wire.messages import EventMessage


def log_is_whole(events: Sequence[EventMessage], after_seq: int) -> list[str]:
    """Events follow ``after_seq`` one by one."""
    got = [event.seq for event in events]
    wanted = list(range(after_seq + 1, after_seq + 1 + len(got)))
    return [] if got == wanted else [f"log after {after_seq} is {_short(got)}"]


def chat_is_kept(workers: Iterable[Worker], events: Sequence[EventMessage]) -> list[str]:
    """Every acknowledged line is there exactly once, and no line is there twice."""
    said = Counter(str(e.data["text"]) for e in events if e.name == "chat_posted")
    wrong = [f"chat line {text!r} is there {n} times" for text, n in said.items() if n > 1]
    for worker in workers:
        gone = [text for text in worker.promise.chat_acked if said[text] == 0]
        wrong += [f"acknowledged chat line {text!r} is gone" for text in gone]
        for text in worker.promise.chat_said & set(said):
            wrong += _wrong_author(worker, text, events)
    return wrong


def _wrong_author(worker: Worker, text: str, events: Sequence[EventMessage]) -> list[str]:
    me = worker.room.participant_id
    authors = {e.data.get("participant_id") for e in events if e.data.get("text") == text}
    return [] if authors == {me} else [f"{text!r} of {me} is attributed to {authors}"]


def chat_is_complete(workers: Iterable[Worker], events: Sequence[EventMessage]) -> list[str]:
    """Once everything was answered: exactly the lines that were said and not refused."""
    there = {str(e.data["text"]) for e in events if e.name == "chat_posted"}
    return [
        f"chat line {text!r} was answered with an ack and is not in the log"
        for worker in workers
        for text in set(worker.promise.chat_acked) - there
    ]


def ballots_are_kept(workers: Iterable[Worker]) -> list[str]:
    """After the restart each ballot is the last acknowledged one, or one still unanswered."""
    wrong = []
    for worker in workers:
        promise = worker.promise
        if promise.welcomed_again and promise.ballot_after not in promise.ballots_possible:
            wrong.append(
                f"{worker.name}'s ballot is {promise.ballot_after}, "
                f"promised {promise.ballots_possible}"
            )
    return wrong


class Voter(Protocol):
    """Whoever may have voted."""

    @property
    def promise(self) -> Promise:
        """What was said about their doings."""
        ...


def tally_is_exact(workers: Iterable[Voter], result: Mapping[str, object]) -> list[str]:
    """The result counts every voter's last acknowledged ballot once."""
    wanted = Counter(w.promise.vote_acked for w in workers if w.promise.vote_acked is not None)
    options = result.get("options")
    assert isinstance(options, dict)
    got = {option: count for option, count in options.items() if count}
    wrong = [] if got == dict(wanted) else [f"result {got}, acknowledged {dict(wanted)}"]
    voters = sum(wanted.values())
    if result.get("voters") != voters or result.get("votes") != voters:
        wrong.append(f"{result.get('votes')} votes, {result.get('voters')} voters of {voters}")
    return wrong


def entries_are_kept(workers: Iterable[Worker], titles: Mapping[str, str]) -> list[str]:
    """Every own entry is as it was called saved, or as a later unanswered edit left it."""
    wrong = []
    known: set[str] = set()
    for worker in workers:
        known |= worker.entries.keys()
        for entry_id, promise in worker.entries.items():
            if titles.get(entry_id) not in promise.possible:
                got, possible = titles.get(entry_id), promise.possible
                wrong.append(f"{worker.name}'s entry {entry_id} is {got!r}, promised {possible}")
    return wrong + [f"entry {entry_id} is nobody's" for entry_id in titles.keys() - known]


def documents_are_equal(workers: Iterable[Worker], titles: Mapping[str, str]) -> list[str]:
    """Everybody holds the same list as a newcomer gets."""
    return [
        f"{worker.name}'s list differs from the server's"
        for worker in workers
        if {e.entry_id: e.title for e in worker.room.setlist.entries()} != dict(titles)
    ]


def nothing_broken(workers: Iterable[Worker]) -> list[str]:
    """No client saw a gap or a duplicate in its log, and none was refused or sent away."""
    wrong = []
    for worker in workers:
        wrong += [f"{worker.name}: {broken}" for broken in worker.room.place.violations]
        wrong += [f"{worker.name}: refused {code}" for code in worker.promise.refused]
        if worker.room.lost is not None:
            wrong.append(f"{worker.name}: {worker.room.lost}")
    return wrong


def _short(numbers: Sequence[int]) -> str:
    return str(numbers) if len(numbers) < 20 else f"{numbers[:8]}…{numbers[-8:]}"

"""Chat lines that say when they were due: posted by some, heard by all, counted by everybody."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from loadtests.kit.crowd import settled
from loadtests.kit.due_lines import due_of, line
from loadtests.kit.fans import Fan
from loadtests.kit.recorder import Recorder
from loadtests.kit.scenario import Check, check, nothing_wrong
from loadtests.wire.messages import Ack, Reject

QUIET_S = 2.0
"""Nothing more was heard for so long: what is missing by then is missing."""

QUIET_TIMEOUT_S = 60.0
WORDS = "What a night! This is the best second set I ever heard, and I was there in May."


class Heard(Struct, frozen=True):
    """What one process's fans posted and heard.

    Attributes:
        acked: lines that the room called durable.
        rejected: lines that it refused, by code.
        unanswered: lines without an answer.
        delivered: how often a line was heard, by all fans together.
        fans: how many were there to hear all of them.
        violations: what the log did that it must not.
        places: the places in the log that fans ended at.
    """

    acked: int
    rejected: dict[str, int]
    unanswered: int
    delivered: int
    fans: int
    violations: list[str]
    places: list[int]


class Lines:
    """Lines of one room, as one process posts and hears them.

    Args:
        recorder: measures.
        operation: under this name, followed by ``to receiver`` and ``ack``.
    """

    def __init__(self, recorder: Recorder, operation: str = "line", words: str = WORDS) -> None:
        self.acked = 0
        self.delivered = 0
        self.posted = 0
        self.rejected: dict[str, int] = {}
        self._recorder = recorder
        self._to_receiver = f"{operation} to receiver"
        self._ack = f"{operation} ack"
        self._words = words

    def post(self, fan: Fan, due: float) -> None:
        """One line by one fan."""

        def answered(answer: Ack | Reject) -> None:
            if isinstance(answer, Ack):
                self.acked += 1
                self._recorder.took(self._ack, time.monotonic() - due)
            else:
                self.rejected[answer.code] = self.rejected.get(answer.code, 0) + 1
                self._recorder.failed(self._ack, answer.code)

        if fan.say("post_chat", {"text": line(due, self._words)}, answered):
            self.posted += 1
        else:
            self._recorder.failed(self._ack, "not connected")

    def hear(self, fan: Fan, seq: int, payload: bytes, now: float) -> None:
        """What a fan heard (`Fan.heard`)."""
        due = due_of(payload)
        if due is None:
            return
        self.delivered += 1
        if seq > fan.replayed_to:
            self._recorder.took(self._to_receiver, now - due)
        else:
            self._recorder.count("lines heard late, after coming back")

    async def quiet(self, timeout_s: float = QUIET_TIMEOUT_S) -> None:
        """Waits until all was answered and nothing more is heard."""
        await settled(lambda: self.unanswered == 0, timeout_s)
        before = -1
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout_s
        while before != self.delivered and loop.time() < until:
            before = self.delivered
            await asyncio.sleep(QUIET_S)

    @property
    def unanswered(self) -> int:
        """Lines without an answer."""
        return self.posted - self.acked - sum(self.rejected.values())

    def found(self, fans: Iterable[Fan]) -> Heard:
        """All of it, for the judgement."""
        listeners = list(fans)
        return Heard(
            acked=self.acked,
            rejected=self.rejected,
            unanswered=self.unanswered,
            delivered=self.delivered,
            fans=len(listeners),
            violations=[f"fan {f.number}: {one}" for f in listeners for one in f.violations],
            places=sorted({fan.seq for fan in listeners}),
        )


def judged(found: list[Heard], room: str = "the room") -> list[Check]:
    """Every acknowledged line reached everybody exactly once, in the log's order."""
    acked = sum(one.acked for one in found)
    fans = sum(one.fans for one in found)
    delivered = sum(one.delivered for one in found)
    unanswered = sum(one.unanswered for one in found)
    places = sorted({place for one in found for place in one.places})
    return [
        check(
            f"every acknowledged line reached everybody in {room} exactly once",
            delivered == acked * fans and acked > 0,
            f"{acked:,} lines to {fans:,} fans: {delivered:,} of {acked * fans:,} deliveries",
        ),
        nothing_wrong(
            f"everybody in {room} heard them in the log's order, without a gap",
            [one for part in found for one in part.violations],
        ),
        check(f"everybody in {room} ends at the same place", len(places) == 1, str(places[:5])),
        check("every line was answered", not unanswered, f"{unanswered} not" if unanswered else ""),
    ]


def share_of(total: int, parts: int, number: int) -> int:
    """How many of ``total`` the part of that number gets; parts differ by one at most."""
    return total // parts + (number < total % parts)


def first_of(total: int, parts: int, number: int) -> int:
    """The number of the first that this part gets."""
    return sum(share_of(total, parts, before) for before in range(number))


def part_of(values: list[Any], parts: int, number: int) -> list[Any]:
    """A part of a list."""
    first = first_of(len(values), parts, number)
    return values[first : first + share_of(len(values), parts, number)]

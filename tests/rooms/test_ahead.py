"""Turns of votes that are decided while the one before is being committed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import pytest

from rooms import limits
from rooms.answers import Answer
from rooms.commands import CastVote, CreateRound, OpenRound, PostChat
from rooms.messages import Ack
from rooms.participants import Participant
from rooms.ports import AppendOutcome, Clock, Lost, OutcomeUnknown, Turn
from rooms.room import Room
from rooms.turns import Turns
from rooms.vote_config import Change, Fraud, Pick, Window
from storage.rooms.memory import MemoryBusHub, MemoryRoomBus, MemoryRoomLog
from tests.patience import PATIENT_S
from tests.rooms.builders import ARTIST, SHOW_ID, config, envelope, facts, new_id, person

ROUND = "0198a000-0000-7000-8000-00000000000b"
TURN = 4
LOG_LOOPS = 50
"""Turns of the loop that an append takes, as one that goes to a server does: what is decided ahead
is decided meanwhile."""


class WallClock(Clock):
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class GatedLog(MemoryRoomLog):
    """Appends when it is let, and then does what it was told to do instead.

    Attributes:
        asked: turns that came to be appended, in order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Turn] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.instead: list[Callable[[], AppendOutcome]] = []

    async def append(self, turn: Turn) -> AppendOutcome:
        self.asked.append(turn)
        await self.gate.wait()
        for _ in range(LOG_LOOPS):
            await asyncio.sleep(0)
        if self.instead:
            return self.instead.pop(0)()
        return await super().append(turn)


class Stage:
    """A room with an open round, and its voters."""

    def __init__(self, room: Room, log: GatedLog) -> None:
        self.room = room
        self.log = log
        self.answers: list[tuple[str, Answer]] = []
        self.voters = [person(f"v{number}") for number in range(3 * TURN)]

    def vote(self, who: Participant, option: str = "o1") -> None:
        said = envelope(who, CastVote(ROUND, (Pick(option),)))
        self.room.submit(said, lambda answer: self.answers.append((who.participant_id, answer)))

    async def until(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENT_S):
            while not done():
                await asyncio.sleep(0)

    async def answered(self, count: int) -> None:
        await self.until(lambda: len(self.answers) == count)
        assert all(isinstance(answer, Ack) for _, answer in self.answers), self.answers

    def stored(self) -> dict[str, str]:
        """Pattern by voter."""
        ballots = self.log.room(SHOW_ID).ballots
        return {record.participant_id: record.pattern for record in ballots.values()}

    def counted(self) -> int:
        return sum(self.room._replica.state.tallies.get(ROUND, {}).values())


@asynccontextmanager
async def stage(**changes: Any) -> AsyncIterator[Stage]:
    log = GatedLog()
    log.add_show(facts())
    record = await log.load(SHOW_ID)
    assert record is not None
    bus = MemoryRoomBus(MemoryBusHub())
    room = Room(record, node_id="n", room_log=log, bus=bus, clock=WallClock(), new_id=new_id)
    room.start()
    values = {"window": Window(duration_s=None), **changes}
    await room.ask(envelope(ARTIST, CreateRound(round_id=ROUND, config=config(**values))))
    await room.ask(envelope(ARTIST, OpenRound(round_id=ROUND)))
    one = Stage(room, log)
    for who in one.voters:
        await room.admit(who)
    log.asked.clear()
    try:
        yield one
    finally:
        log.gate.set()
        await room.stop()


@pytest.fixture
def ahead(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Small turns; what became of each try to decide ahead."""
    monkeypatch.setattr(limits, "TURN_COMMANDS_MAX", TURN)
    monkeypatch.setattr(limits, "TURN_AHEAD_FROM", TURN)
    tried: list[str] = []
    decide_ahead = Turns.decide_ahead

    def watched(self: Turns, *arguments: Any) -> Any:
        decided = decide_ahead(self, *arguments)
        tried.append("not" if decided is None else "ahead")
        return decided

    monkeypatch.setattr(Turns, "decide_ahead", watched)
    return tried


async def test_a_rush_is_decided_ahead_and_told_in_order(ahead: list[str]) -> None:
    async with stage() as one:
        one.log.gate.clear()
        for who in one.voters:
            one.vote(who)
        await one.until(lambda: bool(ahead))
        assert ahead == ["ahead"]
        assert one.answers == [], "nothing is known to be durable"
        assert one.counted() == 0, "nothing is shown"
        assert len(one.log.asked) == 1, "one turn after the other"
        one.log.gate.set()
        await one.answered(3 * TURN)
        assert [who for who, _ in one.answers] == [who.participant_id for who in one.voters]
        assert one.counted() == 3 * TURN
        assert len(one.stored()) == 3 * TURN


async def test_what_was_decided_ahead_of_a_lost_turn_is_decided_again(ahead: list[str]) -> None:
    async with stage() as one:
        one.log.gate.clear()
        rival = one.voters[TURN]
        for who in one.voters[: 2 * TURN]:
            one.vote(who)
        await one.until(lambda: bool(ahead))
        # Another node is quicker, with a vote of somebody in the turn that was decided ahead.
        other_record = await one.log.load(SHOW_ID)
        assert other_record is not None
        other = Room(
            other_record,
            node_id="other",
            room_log=one.log,
            bus=MemoryRoomBus(MemoryBusHub()),
            clock=WallClock(),
            new_id=new_id,
        )
        other.start()
        asking = asyncio.create_task(
            other.ask(envelope(rival, CastVote(ROUND, (Pick("o2"),)))),
        )
        await one.until(lambda: len(one.log.asked) == 2)
        one.log.instead = [lambda: Lost(one.room.head)]
        one.log.gate.set()
        assert isinstance(await asking, Ack)
        await one.answered(2 * TURN)
        await other.stop()
        assert one.counted() == 2 * TURN, "the rival's two votes are one"
        assert one.stored()[rival.participant_id] == "o1"
        assert len(one.stored()) == 2 * TURN


async def test_a_voter_in_both_turns_is_judged_by_the_first(ahead: list[str]) -> None:
    async with stage(change=Change.NEVER) as one:
        one.log.gate.clear()
        twice = one.voters[0]
        for who in one.voters[: 2 * TURN - 1]:
            one.vote(who)
        one.vote(twice, "o2")
        await one.until(lambda: bool(ahead))
        one.log.gate.set()
        await one.until(lambda: len(one.answers) == 2 * TURN)
        code = getattr(one.answers[-1][1], "code", None)
        assert (one.answers[-1][0], code) == (twice.participant_id, "vote_is_final")
        assert one.stored()[twice.participant_id] == "o1"


async def test_a_turn_that_comes_to_nothing_costs_nobody_of_their_pace(ahead: list[str]) -> None:
    pace = Fraud(rate_per_min=2)
    async with stage(fraud=pace) as one:
        one.log.gate.clear()
        for who in one.voters[: 2 * TURN]:
            one.vote(who)
        await one.until(lambda: bool(ahead))
        one.log.instead = [lambda: Lost(one.room.head)]
        one.log.gate.set()
        await one.answered(2 * TURN)
        for who in one.voters[: 2 * TURN]:
            one.vote(who, "o2")  # the second of two a minute
        await one.answered(4 * TURN)


async def test_an_unknown_outcome_is_found_out_before_the_next_turn(ahead: list[str]) -> None:
    async with stage() as one:
        one.log.gate.clear()
        for who in one.voters[: 2 * TURN]:
            one.vote(who)
        await one.until(lambda: bool(ahead))

        def broken() -> AppendOutcome:
            raise OutcomeUnknown("the connection broke")

        one.log.instead = [broken]
        one.log.gate.set()
        await one.answered(2 * TURN)
        assert one.counted() == 2 * TURN


async def test_a_turn_with_anything_else_in_it_waits(ahead: list[str]) -> None:
    async with stage() as one:
        one.log.gate.clear()
        for who in one.voters[: 2 * TURN - 1]:
            one.vote(who)
        one.room.submit(
            envelope(one.voters[-1], PostChat("hello")),
            lambda answer: one.answers.append((one.voters[-1].participant_id, answer)),
        )
        await one.until(lambda: bool(ahead))
        assert ahead == ["not"]
        one.log.gate.set()
        await one.answered(2 * TURN)

"""A vote received in time counts, however long the turn is that it is decided in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from rooms import limits
from rooms.answers import Answer
from rooms.commands import CastVote
from rooms.messages import Ack, Reject
from rooms.participants import Participant, Role
from rooms.timers import DueRounds, due_here
from rooms.vote_config import Pick
from tests.contract.harness import new_id
from tests.rooms.builders import SHOW_ID, envelope
from tests.rooms.test_holds import DURATION_S, ENDS_AT, House, _opened
from tests.rooms.test_room_faults import settled

FAN = Participant(new_id(), new_id(), Role.FAN, "Fan", guest=True)
HELD_FOR_S = 5


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    yield made
    for node in made.nodes:
        await node.stop()


class Evening:
    """A round about to end, one node that closes it, and one whose turn does not come through."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.here, _ = house.node()
        self.there, self.gate = house.node()
        self.answers: list[Answer] = []
        self.closing = DueRounds(self.here)

    async def begin(self, at_s: float = DURATION_S - 0.1) -> None:
        self.room, self.other = await self.here.enter(SHOW_ID), await self.there.enter(SHOW_ID)
        self.round_id = await _opened(self.room)
        await settled(lambda: self.other.head == self.room.head)
        self.gate.out["append"] = asyncio.Event()
        vote = CastVote(self.round_id, (Pick("o1"),))
        self.other.submit(envelope(FAN, vote, at_s), self.answers.append)
        await self.gate.waits.wait()

    def is_after_the_end(self, seconds: float) -> None:
        self.house.clock.at = ENDS_AT + timedelta(seconds=seconds)

    @property
    def status(self) -> str:
        return self.house.log.room(SHOW_ID).rounds[self.round_id][0].status

    async def close(self) -> None:
        """The other node's timer, which knows of nothing but its own copy."""
        head = self.room.head
        due = due_here(self.room, self.house.clock.now())
        await self.closing.close()
        if due:
            await settled(lambda: not self.room.decides and self.room.head > head)

    async def come_through(self) -> Answer:
        self.gate.out.pop("append").set()
        async with asyncio.timeout(30):
            await settled(lambda: len(self.answers) == 1)
        return self.answers[0]


async def test_a_turn_far_beyond_the_margin_holds_its_round(house: House) -> None:
    evening = Evening(house)
    await evening.begin()
    looks = int(HELD_FOR_S / limits.HOLD_S * 4)
    for number in range(1, looks):
        evening.is_after_the_end(number * limits.HOLD_S / 4)
        await evening.there._late_turns.look()
        await settled(lambda: not evening.there._late_turns._saying)
        await evening.close()
        assert evening.status == "open"
    assert isinstance(await evening.come_through(), Ack)
    evening.is_after_the_end(HELD_FOR_S + limits.HOLD_S)
    await evening.close()
    await settled(lambda: evening.status == "closed")
    result = house.log.room(SHOW_ID).rounds[evening.round_id][0].result
    assert result is not None
    assert result.options == {"o1": 1, "o2": 0}


async def test_nothing_is_held_for_what_came_too_late(house: House) -> None:
    evening = Evening(house)
    await evening.begin(at_s=DURATION_S + 0.1)
    evening.is_after_the_end(0.5)
    await evening.there._late_turns.look()
    assert not evening.there._late_turns._saying
    evening.is_after_the_end(limits.CLOSE_MARGIN_S)
    await evening.close()
    assert evening.status == "closed"
    answer = await evening.come_through()
    assert isinstance(answer, Reject)
    assert answer.code == "round_closed"


async def test_nothing_is_held_right_after_the_end(house: House) -> None:
    """What a node decides in a moment needs no hold, and its turn no lost race."""
    evening = Evening(house)
    await evening.begin()
    evening.is_after_the_end(limits.HOLD_AFTER_S)
    await evening.there._late_turns.look()
    assert not evening.there._late_turns._saying
    assert isinstance(await evening.come_through(), Ack)


async def test_nobody_holds_a_round_for_ever(house: House) -> None:
    evening = Evening(house)
    await evening.begin()
    evening.is_after_the_end(limits.HOLD_MAX_S - 0.1)
    await evening.there._late_turns.look()
    await settled(lambda: not evening.there._late_turns._saying)
    evening.is_after_the_end(limits.HOLD_MAX_S)
    await evening.there._late_turns.look()
    assert not evening.there._late_turns._saying
    evening.is_after_the_end(limits.HOLD_MAX_S + 0.1)
    await evening.close()
    await settled(lambda: evening.status == "closed")
    assert isinstance(await evening.come_through(), Reject)


async def test_a_hold_that_does_not_come_through_is_said_again(house: House) -> None:
    evening = Evening(house)
    await evening.begin()
    house.log.available = False
    evening.is_after_the_end(0.2)
    await evening.there._late_turns.look()
    await settled(lambda: not evening.there._late_turns._saying)
    house.log.available = True
    evening.is_after_the_end(0.4)
    await evening.there._late_turns.look()
    await settled(lambda: not evening.there._late_turns._saying)
    held = house.log.room(SHOW_ID).rounds[evening.round_id][0].held_until
    assert held == house.clock.now() + timedelta(seconds=limits.HOLD_S)
    assert isinstance(await evening.come_through(), Ack)

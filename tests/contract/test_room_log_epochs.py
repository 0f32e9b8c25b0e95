"""A turn that was decided upon another log is not appended to this one."""

from __future__ import annotations

import pytest

from rooms.ports import AnotherLog, Appended
from tests.contract.harness import RoomUnderTest

ELSEWHERE = "0" * 16


async def epoch_of(room: RoomUnderTest) -> str:
    record = await room.log.load(room.show_id)
    assert record is not None
    return record.epoch


async def test_a_turn_of_another_log_is_refused_and_nothing_of_it_is_kept(
    room: RoomUnderTest,
) -> None:
    with pytest.raises(AnotherLog):
        await room.log.append(room.turn(events=room.chat("of before"), epoch=ELSEWHERE))
    async with room.log.locked(room.show_id) as locked:
        with pytest.raises(AnotherLog):
            await locked.append(room.turn(events=room.chat("of before"), epoch=ELSEWHERE))
    assert (await room.under_test.stored(room.show_id))["events"] == 0


async def test_a_turn_of_this_log_is_appended(room: RoomUnderTest) -> None:
    epoch = await epoch_of(room)
    await room.append(events=room.chat("first"), epoch=epoch)
    async with room.log.locked(room.show_id) as locked:
        outcome = await locked.append(room.turn(events=room.chat("second"), epoch=epoch))
    assert isinstance(outcome, Appended)
    assert (await room.under_test.stored(room.show_id))["events"] == 2

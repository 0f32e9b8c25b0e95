"""The room's lock: for who lost races, for one turn, for less than a second."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from rooms import limits
from rooms.ports import Appended, LogUnavailable, Lost
from tests.contract.harness import LogUnderTest, RoomUnderTest, new_id, reply


async def test_a_locked_turn_sees_everything_and_is_durable(room: RoomUnderTest) -> None:
    start = room.head
    events = room.chat("before")
    await room.append(events=events)
    async with room.log.locked(room.show_id) as locked:
        delta = await locked.read_since(start, [])
        assert (delta.head, delta.events) == (room.head, events)
        assert isinstance(await locked.append(room.turn(events=room.chat("mine"))), Appended)
        # durable at once, not only at the end of the block
        assert (await room.under_test.stored(room.show_id))["events"] == 2


async def test_another_turn_waits_for_the_lock_and_is_then_lost(room: RoomUnderTest) -> None:
    late = room.turn(events=room.chat("late"))
    async with room.log.locked(room.show_id) as locked:
        waiting = asyncio.create_task(room.log.append(late))
        await asyncio.sleep(0)
        outcome = await locked.append(room.turn(events=room.chat("mine")))
        assert isinstance(outcome, Appended)
    assert await waiting == Lost(outcome.head)


async def test_without_an_append_nothing_is_written_and_the_lock_is_free(
    room: RoomUnderTest,
) -> None:
    async with room.log.locked(room.show_id):
        pass
    with pytest.raises(ZeroDivisionError):
        async with room.log.locked(room.show_id):
            raise ZeroDivisionError
    await room.append(events=room.chat("mine"))


async def test_a_locked_turn_may_be_appended_after_it_was_answered(room: RoomUnderTest) -> None:
    stored = reply(new_id())
    await room.append(replies=(stored,))
    async with room.log.locked(room.show_id) as locked:
        await locked.append(room.turn(events=room.chat("a"), replies=(stored,)))
        assert isinstance(await locked.append(room.turn(events=room.chat("a"))), Appended)
        with pytest.raises(LogUnavailable):
            await locked.append(room.turn(events=room.chat("a")))


async def lock_as_well(room: RoomUnderTest) -> None:
    async with room.log.locked(room.show_id):
        pass


async def append_without_lock(room: RoomUnderTest) -> None:
    await room.log.append(room.turn(events=room.chat("a")))


@pytest.mark.parametrize("wait", [lock_as_well, append_without_lock])
async def test_whoever_does_not_get_the_lock_is_told_within_a_second(
    room: RoomUnderTest, wait: Callable[[RoomUnderTest], Awaitable[None]]
) -> None:
    loop = asyncio.get_running_loop()
    async with room.log.locked(room.show_id) as locked:
        started = loop.time()

        async def keep_busy() -> None:  # so that the holder does not count as stalled
            while loop.time() - started < 3:
                await locked.read_since(room.head, [])
                await asyncio.sleep(0.05)

        busy = asyncio.create_task(keep_busy())
        with pytest.raises(LogUnavailable):
            await wait(room)
        waited_ms = (loop.time() - started) * 1000
        busy.cancel()
        await asyncio.gather(busy, return_exceptions=True)
    assert limits.TURN_LOCK_TIMEOUT_MS * 0.9 < waited_ms < limits.TURN_LOCK_TIMEOUT_MS + 500


async def test_there_is_no_lock_of_a_room_that_does_not_exist(under_test: LogUnderTest) -> None:
    with pytest.raises(LogUnavailable):
        async with under_test.log.locked(new_id()):
            pass

"""A round is held by one call, wherever the head is."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from msgspec.structs import replace

from rooms.ports import Appended, Head, Lost, RoundRecord
from tests.contract.harness import STARTS_AT, RoomUnderTest

UNTIL = STARTS_AT + timedelta(seconds=5)


async def open_round(room: RoomUnderTest, status: str = "open") -> RoundRecord:
    record = replace(room.round(status=status), closes_at=STARTS_AT)
    await room.append(rounds=(record,))
    return record


async def held(room: RoomUnderTest, record: RoundRecord) -> RoundRecord:
    loaded = await room.log.load(room.show_id)
    assert loaded is not None
    return next(one for one in loaded.rounds if one.round_id == record.round_id)


async def test_a_hold_moves_the_head_so_that_a_close_without_it_is_lost(
    room: RoomUnderTest,
) -> None:
    record = await open_round(room)
    before = room.head
    closed = room.turn(rounds=(replace(record, status="closed"),))
    await room.log.hold_round(room.show_id, record.round_id, UNTIL)
    moved = Head(before.seq, before.state_version + 1)
    assert await room.log.append(closed) == Lost(moved)
    delta = await room.log.read_since(room.show_id, before, [])
    assert (delta.head, delta.rounds) == (moved, (replace(record, held_until=UNTIL),))
    again = replace(closed, expected=moved)
    assert isinstance(await room.log.append(again), Appended)


async def test_a_hold_is_never_shortened_and_said_again_changes_nothing(
    room: RoomUnderTest,
) -> None:
    record = await open_round(room)
    await room.log.hold_round(room.show_id, record.round_id, UNTIL)
    _, heads = await room.log.heads([room.show_id])
    await room.log.hold_round(room.show_id, record.round_id, UNTIL)
    await room.log.hold_round(room.show_id, record.round_id, STARTS_AT)
    assert (await room.log.heads([room.show_id]))[1] == heads
    assert (await held(room, record)).held_until == UNTIL
    later = UNTIL + timedelta(seconds=1)
    await room.log.hold_round(room.show_id, record.round_id, later)
    assert (await held(room, record)).held_until == later


@pytest.mark.parametrize("status", ["draft", "closed", "revealed", "cancelled"])
async def test_a_round_that_takes_no_votes_is_not_held(room: RoomUnderTest, status: str) -> None:
    record = await open_round(room, status)
    await room.log.hold_round(room.show_id, record.round_id, UNTIL)
    assert (await room.log.heads([room.show_id]))[1] == {room.show_id: room.head}
    assert (await held(room, record)).held_until is None


async def test_a_round_in_grace_is_held(room: RoomUnderTest) -> None:
    record = await open_round(room, "grace")
    await room.log.hold_round(room.show_id, record.round_id, UNTIL)
    assert (await held(room, record)).held_until == UNTIL


async def test_a_hold_that_waits_for_a_close_comes_too_late(room: RoomUnderTest) -> None:
    record = await open_round(room)
    async with room.log.locked(room.show_id) as locked:
        waiting = asyncio.create_task(room.log.hold_round(room.show_id, record.round_id, UNTIL))
        await asyncio.sleep(0.05)  # it may wait for the lock by now; before it, the same holds
        closed = room.turn(rounds=(replace(record, status="closed"),))
        assert isinstance(await locked.append(closed), Appended)
    await waiting
    now = await held(room, record)
    assert (now.status, now.held_until) == ("closed", None)

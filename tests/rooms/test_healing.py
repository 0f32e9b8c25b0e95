"""What a look at the log finds: a room that is behind, and one whose log is another one now."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from rooms.commands import PostChat
from rooms.healing import Healing
from rooms.messages import CloseCode, Reject
from rooms.node import Node
from rooms.participants import Role
from rooms.room import Room
from rooms.sessions.opening import open_socket
from storage.rooms.memory import MemoryBusHub, MemoryRoomBus, MemoryRoomLog
from tests.rooms.builders import ARTIST, SHOW_ID, envelope, facts
from tests.rooms.fakes import FakeConnection
from tests.rooms.test_room import WallClock


@pytest.fixture
async def log() -> MemoryRoomLog:
    room_log = MemoryRoomLog()
    room_log.add_show(facts(), {ARTIST.participant_id: Role.ARTIST.value})
    return room_log


@pytest.fixture
async def room(log: MemoryRoomLog) -> AsyncIterator[Room]:
    node = Node(
        node_id="n",
        room_log=log,
        bus=MemoryRoomBus(MemoryBusHub()),
        clock=WallClock(),
        new_id=lambda: "id",
    )
    loaded = await node.enter(SHOW_ID)
    yield loaded
    await loaded.stop()


async def test_a_log_that_changed_before_the_first_look_is_noticed_by_it(
    log: MemoryRoomLog, room: Room
) -> None:
    connection = FakeConnection(ARTIST)
    assert await open_socket(room, connection, None, None)
    gone: list[Room] = []
    healing = Healing(lambda: [room], log, gone.append)
    log.epoch_base = "restored"
    await healing.compare()
    assert gone == [room]
    assert connection.closed == (CloseCode.RESTARTING, "epoch_changed")


async def test_a_room_of_the_present_log_stays(log: MemoryRoomLog, room: Room) -> None:
    gone: list[Room] = []
    healing = Healing(lambda: [room], log, gone.append)
    await healing.compare()
    await healing.compare([room])
    await asyncio.sleep(0)
    assert not gone


async def test_a_turn_of_the_log_of_before_is_not_appended_to_the_new_one(
    log: MemoryRoomLog, room: Room
) -> None:
    """The heads are the same, and whoever came to the new log has said again what was unsaved."""
    connection = FakeConnection(ARTIST)
    assert await open_socket(room, connection, None, None)
    log.epoch_base = "promoted"
    answer = await room.ask(envelope(ARTIST, PostChat("of before")))
    assert isinstance(answer, Reject) and answer.retryable
    assert connection.closed == (CloseCode.RESTARTING, "room_reloading")
    assert room.closed
    record = await log.load(SHOW_ID)
    assert record is not None and record.head.seq == 0

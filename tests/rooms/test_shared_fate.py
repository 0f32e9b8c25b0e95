"""Two rooms of a node never share fate: what happens to one neither stops nor delays the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from msgspec import structs

from rooms import limits, timers
from rooms.commands import CreateRound, OpenRound, PostChat
from rooms.messages import Ack
from rooms.node import Node
from rooms.participants import Participant, Role
from rooms.room import Room
from rooms.show import ShowFacts
from rooms.vote_config import Window
from storage.database import open_pool, share_of_rooms
from storage.rooms.log import PostgresRoomLog
from storage.rooms.memory import MemoryBusHub, MemoryRoomBus
from tests.contract.harness import CONFIG, new_id
from tests.patience import PATIENT_S
from tests.rooms.test_room import WallClock, say, settled


class Two:
    """Two live shows with an artist each, on one node."""

    def __init__(self, url: str, node: Node, shows: list[tuple[str, Participant]]) -> None:
        self.url = url
        self.node = node
        self.ill, self.well = (show_id for show_id, _ in shows)
        self.artist_of_ill, self.artist_of_well = (artist for _, artist in shows)

    async def rooms(self) -> tuple[Room, Room]:
        return await self.node.enter(self.ill), await self.node.enter(self.well)

    @asynccontextmanager
    async def head_locked(self) -> AsyncIterator[None]:
        """Somebody outside holds the ill room's head row, and does nothing."""
        connection = await asyncpg.connect(self.url)
        try:
            await connection.execute("BEGIN")
            await connection.execute("SELECT FROM rooms WHERE show_id = $1 FOR UPDATE", self.ill)
            yield
        finally:
            await connection.close()


async def _show(pool: Any, number: int) -> tuple[str, Participant]:
    owner = await pool.fetchval(
        "INSERT INTO accounts (display_name, role, kind) VALUES ('Jerry', 'artist', 'guest') "
        "RETURNING id::text"
    )
    show_id = await pool.fetchval(
        "INSERT INTO shows (owner_id, slug, title, status, starts_at) "
        "VALUES ($1, $2, 'Barton Hall', 'live', now()) RETURNING id::text",
        owner,
        f"barton-hall-{number}",
    )
    attendee = await pool.fetchval(
        "INSERT INTO attendees (show_id, account_id, role, display_name) "
        "VALUES ($1, $2, 'artist', 'Jerry') RETURNING id::text",
        show_id,
        owner,
    )
    return show_id, Participant(attendee, owner, Role.ARTIST, "Jerry")


@pytest.fixture
async def two(database_url: str) -> AsyncIterator[Two]:
    pool = await open_pool(database_url, connections_max=share_of_rooms(10))
    shows = [await _show(pool, number) for number in range(2)]
    node = Node(
        node_id="n",
        room_log=PostgresRoomLog(pool),
        bus=MemoryRoomBus(MemoryBusHub()),
        clock=WallClock(),
        new_id=new_id,
    )
    await node.start()
    yield Two(database_url, node, shows)
    await node.stop()
    await pool.close()


async def test_a_locked_head_stops_its_own_room_alone(two: Two) -> None:
    ill, well = await two.rooms()
    async with two.head_locked():
        stuck = [
            asyncio.create_task(say(ill, two.artist_of_ill, PostChat(f"{n}"))) for n in range(50)
        ]
        for number in range(30):
            assert isinstance(await say(well, two.artist_of_well, PostChat(f"{number}")), Ack)
        assert not any(isinstance(task.result(), Ack) for task in stuck if task.done())
    await asyncio.wait(stuck)  # told to try again, or done: the lock is gone
    assert isinstance(await say(ill, two.artist_of_ill, PostChat("better")), Ack)


async def test_a_room_that_cannot_finish_does_not_keep_the_others_from_being_healed(
    two: Two,
) -> None:
    ill, well = await two.rooms()
    async with two.head_locked():
        stuck = asyncio.create_task(say(ill, two.artist_of_ill, PostChat("held")))
        await asyncio.sleep(0)
        for room in (ill, well):
            room.replica.epoch = "another log"  # what a restore looks like
        async with asyncio.timeout(PATIENT_S):
            await two.node._heal()
        # Both are let go at once, and the well one is there again while the ill one still waits.
        again = await two.node.enter(two.well)
        assert again is not well
        assert isinstance(await say(again, two.artist_of_well, PostChat("here")), Ack)
    await asyncio.wait([stuck])


async def test_rounds_of_a_well_room_close_beside_one_that_cannot_be_looked_at(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CLOSE_MARGIN_S", 0.0)
    _, well = await two.rooms()
    round_id = new_id()
    config = structs.replace(CONFIG, window=Window(duration_s=1))
    await say(well, two.artist_of_well, CreateRound(round_id, config))
    await say(well, two.artist_of_well, OpenRound(round_id))
    look = timers.due_here

    def looking(room: Room, now: Any) -> list[str]:
        if room.show_id == two.ill:
            raise KeyError("poison")
        return look(room, now + timedelta(seconds=2))

    monkeypatch.setattr(timers, "due_here", looking)
    await settled(lambda: well.replica.state.rounds[round_id].status == "closed")


async def test_a_due_round_whose_room_is_stuck_keeps_no_other_from_closing(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CLOSE_MARGIN_S", 0.0)
    entered: list[str] = []
    enter = two.node.enter

    async def entering(show_id: str) -> Room:
        entered.append(show_id)
        if show_id == two.ill:
            await asyncio.Event().wait()
        return await enter(show_id)

    async def due(_now: object) -> list[tuple[str, str]]:
        return [(two.ill, new_id()), (two.well, new_id())]

    monkeypatch.setattr(two.node, "enter", entering)
    monkeypatch.setattr(two.node.room_log, "due_rounds", due)
    async with asyncio.timeout(PATIENT_S):
        while two.well not in entered:
            await asyncio.sleep(0.01)


async def test_a_show_that_cannot_be_read_keeps_no_other_from_its_new_title(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    await two.rooms()
    asked = two.node.room_log.facts_of

    async def facts_of(show_ids: list[str]) -> dict[str, ShowFacts]:
        if two.ill in show_ids:
            raise ValueError("poison")
        found = await asked(show_ids)
        return {key: structs.replace(facts, title="New") for key, facts in found.items()}

    monkeypatch.setattr(two.node.room_log, "facts_of", facts_of)
    await two.node._refresh_facts()
    assert {room.show_id: room.facts.title for room in two.node.rooms} == {
        two.ill: "Barton Hall",
        two.well: "New",
    }


async def test_one_room_s_upkeep_that_raises_leaves_the_others_theirs(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    ill, well = await two.rooms()
    told: list[str] = []

    def poison() -> None:
        raise KeyError("poison")

    monkeypatch.setattr(ill.beats, "own", poison)
    monkeypatch.setattr(well.beats, "tell", lambda: told.append("well"))
    await two.node._publish_beats()
    assert told == ["well"]


async def test_a_room_whose_people_all_come_back_leaves_connections_to_the_others(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    ill, well = await two.rooms()
    await say(ill, two.artist_of_ill, PostChat("one"))
    monkeypatch.setattr(ill.replica, "events_since", lambda seq: None)
    under_way, most, go_on = 0, 0, asyncio.Event()

    async def slow(show_id: str, seq: int, limit: int) -> tuple[()]:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await go_on.wait()
        under_way -= 1
        return ()

    monkeypatch.setattr(two.node.room_log, "events_after", slow)
    coming = [asyncio.create_task(ill.events_since(0)) for _ in range(200)]
    assert isinstance(await say(well, two.artist_of_well, PostChat("undisturbed")), Ack)
    assert most == limits.ROOM_READS_MAX < share_of_rooms(10)
    go_on.set()
    await asyncio.gather(*coming)
    assert most == limits.ROOM_READS_MAX

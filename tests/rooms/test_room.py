"""The actor on the real log: races, lost messages, unknown outcomes. Two nodes share one show."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import pytest
from msgspec import structs

from rooms import limits
from rooms.answers import Answer
from rooms.commands import (
    CastVote,
    CreateRound,
    MuteParticipant,
    OpenRound,
    PostChat,
    SetSlowMode,
    UpdateSetlist,
)
from rooms.errors import RoomError
from rooms.messages import Ack, Reject
from rooms.node import Node
from rooms.participants import Participant, Role
from rooms.ports import AppendOutcome, Clock, OutcomeUnknown, RoomLog, Turn
from rooms.room import Room
from rooms.vote_config import Pick, Window
from storage.database import open_database
from storage.ids import uuid7
from storage.rooms.log import PostgresRoomLog
from tests.rooms.builders import config, envelope
from tests.rooms.decide.test_setlist import Phone


def new_id() -> str:
    return str(uuid7())


class WallClock(Clock):
    """The machine's clock: one machine, so corrected already."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Wire:
    """What connects buses in one process; may be cut."""

    def __init__(self) -> None:
        self.buses: list[LocalBus] = []
        self.cut = False


class LocalBus:
    """A bus that tells the other nodes of this process, unless the wire is cut."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.handler: Callable[[str, bytes], None] = lambda _show, _message: None
        wire.buses.append(self)

    def publish(self, show_id: str, message: bytes) -> None:
        if self._wire.cut:
            return
        for bus in self._wire.buses:
            asyncio.get_running_loop().call_soon(bus.handler, show_id, message)

    async def subscribe(self, show_id: str) -> None:
        del show_id

    async def unsubscribe(self, show_id: str) -> None:
        del show_id

    def on_message(self, handler: Callable[[str, bytes], None]) -> None:
        self.handler = handler


class FlakyLog:
    """Breaks around the commit: before it, or after it, when told to."""

    def __init__(self, inner: RoomLog) -> None:
        self.inner = inner
        self.break_before = 0
        self.break_after = 0
        self.appends = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def append(self, turn: Turn) -> AppendOutcome:
        self.appends += 1
        if self.break_before:
            self.break_before -= 1
            raise OutcomeUnknown("the connection broke")
        outcome = await self.inner.append(turn)
        if self.break_after:
            self.break_after -= 1
            raise OutcomeUnknown("the connection broke")
        return outcome


class House:
    """A live show with an artist, in a database of its own, and nodes on it."""

    def __init__(self, pool: Any, show_id: str, artist: Participant) -> None:
        self.pool = pool
        self.show_id = show_id
        self.artist = artist
        self.wire = Wire()
        self.nodes: list[Node] = []

    async def person(self, name: str, role: Role = Role.FAN) -> Participant:
        account = await self.pool.fetchval(
            "INSERT INTO accounts (display_name, role, kind) VALUES ($1, 'fan', 'guest') "
            "RETURNING id::text",
            name,
        )
        attendee = await self.pool.fetchval(
            "INSERT INTO attendees (show_id, account_id, role, display_name) "
            "VALUES ($1, $2, $3, $4) RETURNING id::text",
            self.show_id,
            account,
            role.value,
            name,
        )
        return Participant(attendee, account, role, name, guest=True)

    async def node(self) -> tuple[Node, Room, FlakyLog]:
        log = FlakyLog(PostgresRoomLog(self.pool))
        node = Node(
            node_id=f"node-{len(self.nodes)}",
            room_log=log,
            bus=LocalBus(self.wire),
            clock=WallClock(),
            new_id=new_id,
        )
        self.nodes.append(node)
        await node.start()
        return node, await node.enter(self.show_id), log

    async def count(self, query: str) -> int:
        found: int = await self.pool.fetchval(query)
        return found


@asynccontextmanager
async def house(database_url: str) -> AsyncIterator[House]:
    database = await open_database(database_url)
    pool = database.pool
    owner = await pool.fetchval(
        "INSERT INTO accounts (display_name, role, kind) VALUES ('Jerry', 'artist', 'guest') "
        "RETURNING id::text"
    )
    show_id = await pool.fetchval(
        "INSERT INTO shows (owner_id, slug, title, status, starts_at) "
        "VALUES ($1, 'barton-hall', 'Barton Hall', 'live', now()) RETURNING id::text",
        owner,
    )
    attendee = await pool.fetchval(
        "INSERT INTO attendees (show_id, account_id, role, display_name) "
        "VALUES ($1, $2, 'artist', 'Jerry') RETURNING id::text",
        show_id,
        owner,
    )
    home = House(pool, show_id, Participant(attendee, owner, Role.ARTIST, "Jerry"))
    try:
        yield home
    finally:
        for node in home.nodes:
            await node.stop()
        await database.close()


@pytest.fixture
async def home(database_url: str) -> AsyncIterator[House]:
    async with house(database_url) as made:
        yield made


async def say(room: Room, who: Participant, command: Any, **more: Any) -> Answer:
    """Gives a command now."""
    made = structs.replace(envelope(who, command, **more), received_at=datetime.now(UTC))
    return await room.ask(made)


def code(answer: Answer) -> str:
    assert isinstance(answer, Reject), answer
    return answer.code


async def settled(condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
    """Waits for a condition that other tasks bring about."""
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.01)


async def test_an_ack_is_durable_and_the_same_id_has_one_effect(home: House) -> None:
    _, room, _ = await home.node()
    fan = await home.person("Dana")
    first = await say(room, fan, PostChat(text="hi"), command_id="same")
    second = await say(room, fan, PostChat(text="hi"), command_id="same")
    assert isinstance(first, Ack)
    assert second == first
    assert await home.count("SELECT count(*) FROM room_events") == 1
    other = await room.ask(
        structs.replace(
            envelope(fan, PostChat(text="else"), command_id="same"), payload_hash=b"other"
        )
    )
    assert code(other) == "command_id_reused"


async def test_an_answer_given_before_outlives_slow_mode(home: House) -> None:
    _, room, _ = await home.node()
    fan = await home.person("Dana")
    await say(room, home.artist, SetSlowMode(interval_s=60))
    first = await say(room, fan, PostChat(text="hi"), command_id="c1")
    assert code(await say(room, fan, PostChat(text="too soon"), command_id="c2")) == "slow_mode"
    assert await say(room, fan, PostChat(text="hi"), command_id="c1") == first


@pytest.mark.parametrize("moment", ["break_before", "break_after"])
async def test_an_unknown_commit_is_found_out(home: House, moment: str) -> None:
    _, room, log = await home.node()
    fan = await home.person("Dana")
    phone = Phone(fan)
    setattr(log, moment, 2)
    answers = await asyncio.gather(
        say(room, fan, PostChat(text="one"), command_id="c1"),
        say(room, home.artist, PostChat(text="two"), command_id="c2"),
        say(room, fan, UpdateSetlist(phone.add("e1", "Deal")), keeps_reply=False),
    )
    assert [type(answer).__name__ for answer in answers] == ["Ack", "Ack", "SetlistAnswer"]
    names = await home.pool.fetch("SELECT name FROM room_events ORDER BY seq")
    assert sorted(row["name"] for row in names) == ["chat_posted", "chat_posted", "setlist_changed"]
    assert [entry.title for entry in room.replica.document.entries()] == ["Deal"]
    more = await say(room, fan, UpdateSetlist(phone.rename("e1", "Deal >")), keeps_reply=False)
    assert more.seq == 4  # type: ignore[union-attr]


async def test_a_log_that_is_away_is_said_and_nothing_is_lost(home: House) -> None:
    _, room, log = await home.node()
    fan = await home.person("Dana")
    log.break_before = 100
    refused = await say(room, fan, PostChat(text="hello"), command_id="c1")
    assert code(refused) == "room_unavailable"
    assert isinstance(refused, Reject)
    assert refused.retryable
    log.break_before = 0
    assert isinstance(await say(room, fan, PostChat(text="hello"), command_id="c1"), Ack)
    assert await home.count("SELECT count(*) FROM room_events") == 1


async def test_bad_ids_refuse_one_command_and_not_its_turn(home: House) -> None:
    _, room, _ = await home.node()
    fan = await home.person("Dana")
    answers = await asyncio.gather(
        say(room, fan, PostChat(text="fine")),
        say(room, home.artist, MuteParticipant("not-a-uuid")),
        say(room, home.artist, CreateRound("not-a-uuid", config())),
        say(room, fan, PostChat(text="fine too")),
    )
    assert [type(answer).__name__ for answer in answers] == ["Ack", "Reject", "Reject", "Ack"]
    assert code(answers[1]) == "unknown_participant"
    assert code(answers[2]) == "internal_error"


@pytest.mark.parametrize("cut", [False, True], ids=["bus", "no bus"])
async def test_two_nodes_agree_on_log_tallies_and_document(home: House, cut: bool) -> None:
    home.wire.cut = cut
    _, here, _ = await home.node()
    _, there, _ = await home.node()
    fans = [await home.person(f"fan {number}") for number in range(8)]
    round_id = new_id()
    await say(here, home.artist, CreateRound(round_id, config(window=Window(duration_s=None))))
    await say(here, home.artist, OpenRound(round_id))
    await settled(lambda: there.head == here.head)

    async def busy(number: int, fan: Participant) -> None:
        room = (here, there)[number % 2]
        phone = Phone(fan)
        for turn in range(5):
            option = f"o{(number + turn) % 2 + 1}"
            vote = await say(room, fan, CastVote(round_id, (Pick(option),)))
            assert isinstance(vote, Ack), vote
            assert isinstance(await say(room, fan, PostChat(text=f"{number}-{turn}")), Ack)
            update = phone.add(f"e{number}-{turn}", f"Song {number}-{turn}")
            saved = await say(room, fan, UpdateSetlist(update), keeps_reply=False)
            assert saved.refused == ()  # type: ignore[union-attr]

    await asyncio.gather(*[busy(number, fan) for number, fan in enumerate(fans)])
    await settled(lambda: there.head == here.head)
    assert here.head.seq == 1 + 8 * 5 * 2
    rows = await home.pool.fetch(
        "SELECT pattern, voter_class, count(*)::int AS n FROM ballots GROUP BY 1, 2"
    )
    recount = {(row["pattern"], row["voter_class"]): row["n"] for row in rows}
    for room in (here, there):
        held = room.replica.state.tallies[round_id]
        assert {key: n for key, n in held.items() if n} == recount
        assert room.replica.document.entries() == here.replica.document.entries()
        assert room.replica.state.memory == here.replica.state.memory
        assert [event.seq for event in room.replica.recent] == list(range(1, here.head.seq + 1))
    assert len(here.replica.document.entries()) == 40


async def test_a_round_closes_on_time_where_nobody_has_it_loaded(home: House) -> None:
    node, room, _ = await home.node()
    round_id = new_id()
    await say(room, home.artist, CreateRound(round_id, config(window=Window(duration_s=5))))
    await say(room, home.artist, OpenRound(round_id))
    node.leave(room)
    await home.pool.execute("UPDATE rounds SET closes_at = now() - interval '2 seconds'")
    other = Node(
        node_id="other",
        room_log=PostgresRoomLog(home.pool),
        bus=LocalBus(home.wire),
        clock=WallClock(),
        new_id=new_id,
    )
    home.nodes.append(other)
    await other.start()
    async with asyncio.timeout(30):
        while await home.pool.fetchval("SELECT status FROM rounds") != "closed":
            await asyncio.sleep(0.05)
    assert await home.count("SELECT count(*) FROM room_events WHERE name = 'round_closed'") == 1


async def test_joins_of_one_moment_are_one_query(home: House) -> None:
    _, room, log = await home.node()
    fans = [await home.person(f"fan {number}") for number in range(30)]
    asked: list[int] = []
    inner = log.inner.votes_of

    async def counted(show_id: str, participants: Any) -> Any:
        asked.append(len(participants))
        return await inner(show_id, participants)

    log.votes_of = counted  # type: ignore[attr-defined]
    await asyncio.gather(*[room.admit(fan) for fan in fans])
    assert asked == [30]
    await room.admit(fans[0])
    assert asked == [30]


async def test_an_idle_room_is_unloaded_and_its_document_with_it(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, room, _ = await home.node()
    phone = Phone(await home.person("Dana"))
    await say(room, phone.who, UpdateSetlist(phone.add("e1", "Deal")), keeps_reply=False)
    documents = [weakref.ref(room.replica.document), weakref.ref(room.replica.twin)]
    node.leave(room)
    del room
    monkeypatch.setattr(limits, "ROOM_IDLE_UNLOAD_S", 0.0)
    await node._unload_idle()
    assert node.rooms == []
    await settled(lambda: not node._leaving)
    gc.collect()
    assert [document() for document in documents] == [None, None]
    again = await node.enter(home.show_id)
    assert [entry.title for entry in again.replica.document.entries()] == ["Deal"]


async def test_an_unknown_show_has_no_room(home: House) -> None:
    node, _, _ = await home.node()
    with pytest.raises(RoomError, match="unknown_show"):
        await node.enter(new_id())

"""What goes wrong between a room, its node and its log, one fault at a time, in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import structlog
from msgspec import structs

from rooms import limits, publication
from rooms.answers import Answer
from rooms.commands import (
    CastVote,
    CreateRound,
    OpenRound,
    PostChat,
    RemoveParticipant,
    RequestSong,
    UpdateSetlist,
    WithdrawVote,
)
from rooms.errors import RoomError
from rooms.messages import Ack, CloseCode, Reject
from rooms.node import Node
from rooms.participants import Participant, Role
from rooms.ports import LogUnavailable, Turn
from rooms.publication import TurnPublished
from rooms.room import Room
from rooms.sessions.opening import open_socket
from rooms.vote_config import Pick, Visibility, Window
from storage.rooms.memory import MemoryBusHub, MemoryRoomBus, MemoryRoomLog
from tests.contract.harness import new_id
from tests.patience import PATIENT_S
from tests.rooms.builders import SHOW_ID, config, envelope, facts
from tests.rooms.decide.test_setlist import Phone
from tests.rooms.fakes import FakeConnection
from tests.rooms.test_room import WallClock

ARTIST = Participant(new_id(), new_id(), Role.ARTIST, "Jerry")
FAN = Participant(new_id(), new_id(), Role.FAN, "Dana")


class Gate:
    """The log of one node, whose calls can be made to wait on their way back or out."""

    def __init__(self, log: MemoryRoomLog) -> None:
        self._log = log
        self.back: dict[str, asyncio.Event] = {}
        self.out: dict[str, asyncio.Event] = {}
        self.waits = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._log, name)
        if name == "locked":
            return call

        async def gated(*arguments: Any) -> Any:
            await self._wait(self.out.get(name))
            answer = await call(*arguments)
            await self._wait(self.back.get(name))
            return answer

        return gated

    async def _wait(self, gate: asyncio.Event | None) -> None:
        if gate is not None:
            self.waits.set()
            await gate.wait()


class House:
    """A live show and its nodes; the bus can be cut."""

    def __init__(self) -> None:
        self.log = MemoryRoomLog()
        self.log.add_show(facts(), {who.participant_id: who.role.value for who in (ARTIST, FAN)})
        self.cut = False
        self.hub = MemoryBusHub(lambda _show, _message: self.cut)
        self.nodes: list[Node] = []

    def node(self) -> tuple[Node, Gate]:
        gate = Gate(self.log)
        bus = MemoryRoomBus(self.hub)
        node = Node(node_id=new_id(), room_log=gate, bus=bus, clock=WallClock(), new_id=new_id)
        bus.on_message(node._hear)
        self.nodes.append(node)
        return node, gate


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    yield made
    for node in made.nodes:
        await node.stop()


async def say(room: Room, who: Participant, command: Any, **more: Any) -> Answer:
    made = structs.replace(envelope(who, command, **more), received_at=WallClock().now())
    async with asyncio.timeout(PATIENT_S):
        return await room.ask(made)


async def settled(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENT_S):
        while not condition():
            await asyncio.sleep(0)


async def open_round(room: Room, **changes: object) -> str:
    round_id = new_id()
    made = config(window=Window(duration_s=None), **changes)
    await say(room, ARTIST, CreateRound(round_id, made))
    assert isinstance(await say(room, ARTIST, OpenRound(round_id)), Ack)
    return round_id


# --- healing ------------------------------------------------------------------------------------


async def test_a_turn_that_overtakes_the_look_at_heads_is_no_other_log(house: House) -> None:
    node, gate = house.node()
    room = await node.enter(SHOW_ID)
    socket = FakeConnection(FAN)
    await open_socket(room, socket, None, None)
    gate.back["heads"] = asyncio.Event()
    healing = asyncio.create_task(node._heal())
    await gate.waits.wait()
    assert isinstance(await say(room, FAN, PostChat("meanwhile")), Ack)
    gate.back["heads"].set()
    await healing
    assert socket.closed is None
    assert node.rooms == [room]


async def test_a_log_that_was_set_back_ends_the_room_and_not_the_healing(house: House) -> None:
    node, _ = house.node()
    room = await node.enter(SHOW_ID)
    earlier = await house.log.load(SHOW_ID)
    assert earlier is not None
    await say(room, FAN, PostChat("lost with the restore"))
    house.log.add_show(facts(), {})
    answer = await say(room, FAN, PostChat("after it"))
    assert isinstance(answer, Reject)
    assert answer.retryable
    async with asyncio.timeout(PATIENT_S):
        await node._heal()
    again = await node.enter(SHOW_ID)
    assert again is not room
    assert isinstance(await say(again, FAN, PostChat("after it")), Ack)
    assert again.head.seq == 1


async def test_a_room_entered_while_it_is_unloaded_keeps_its_channel(house: House) -> None:
    here, gate = house.node()
    there, _ = house.node()
    old = await here.enter(SHOW_ID)
    here.leave(old)
    gate.out["append"] = asyncio.Event()
    pending = asyncio.create_task(say(old, FAN, PostChat("the last word")))
    await gate.waits.wait()
    unloading = asyncio.create_task(here._unload(old))
    await settled(lambda: not here.rooms)
    gate.out["load"] = asyncio.Event()
    entering = asyncio.create_task(here.enter(SHOW_ID))
    await settled(lambda: bool(here._loading))
    gate.out["append"].set()
    await unloading
    gate.out["load"].set()
    room = await entering
    assert isinstance(await pending, Ack)
    await say(await there.enter(SHOW_ID), FAN, PostChat("from elsewhere"))
    await settled(lambda: room.head.seq == 2)


async def test_a_publication_that_cannot_be_taken_over_ends_the_room(house: House) -> None:
    node, _ = house.node()
    room = await node.enter(SHOW_ID)
    socket = FakeConnection(FAN)
    await open_socket(room, socket, None, None)
    other, _ = house.node()
    published: list[TurnPublished] = []
    there = await other.enter(SHOW_ID)
    house.cut = True
    deliver = publication.encode

    def keep(message: publication.Publication) -> bytes:
        if isinstance(message, TurnPublished):
            published.append(message)
        return deliver(message)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publication, "encode", keep)
        phone = Phone(FAN)
        await say(there, FAN, UpdateSetlist(phone.add("e1", "Deal")), keeps_reply=False)
    (turn,) = published
    broken = structs.replace(turn.events[0], update=b"\xff")
    room.hear(structs.replace(turn, events=(broken,)))
    assert room.closed
    assert socket.closed == (CloseCode.RESTARTING, "room_reloading")
    again = await node.enter(SHOW_ID)
    assert [entry.title for entry in again.replica.document.entries()] == ["Deal"]


# --- ballots ------------------------------------------------------------------------------------


async def test_a_ballot_cast_elsewhere_while_its_voter_is_admitted_is_known(house: House) -> None:
    """The voter is admitted after the healing read began, and its ballots are read before the
    vote: neither of the two reads has it."""
    house.cut = True
    here, gate = house.node()
    there, _ = house.node()
    room, elsewhere = await here.enter(SHOW_ID), await there.enter(SHOW_ID)
    round_id = await open_round(room)
    elsewhere.fall_behind()
    await settled(lambda: elsewhere.head == room.head)
    gate.out["read_since"] = asyncio.Event()
    room.fall_behind()
    await gate.waits.wait()
    await room.admit(FAN)
    assert isinstance(await say(elsewhere, FAN, CastVote(round_id, (Pick("o1"),))), Ack)
    gate.out["read_since"].set()
    await settled(lambda: room.head == elsewhere.head and not room._behind)
    assert isinstance(await say(room, FAN, WithdrawVote(round_id)), Ack)
    assert not any(room.replica.state.tallies[round_id].values())


async def test_who_voted_elsewhere_and_comes_while_the_room_heals_is_told_the_tally(
    house: House,
) -> None:
    """The tally is for those who voted. It is shown after it is known who did: nobody would say
    it again."""
    house.cut = True
    here, gate = house.node()
    there, _ = house.node()
    room, elsewhere = await here.enter(SHOW_ID), await there.enter(SHOW_ID)
    round_id = await open_round(room, visibility=Visibility.AFTER_VOTE)
    elsewhere.fall_behind()
    await settled(lambda: elsewhere.head == room.head)
    gate.out["read_since"] = asyncio.Event()
    room.fall_behind()
    await gate.waits.wait()
    socket = FakeConnection(FAN)
    assert await open_socket(room, socket, None, None)
    assert isinstance(await say(elsewhere, FAN, CastVote(round_id, (Pick("o1"),))), Ack)
    gate.waits.clear()
    gate.back["votes_of"] = asyncio.Event()
    gate.out["read_since"].set()
    await gate.waits.wait()
    for _ in range(5):
        await asyncio.sleep(0)  # whatever is shown too early is written now
    gate.back["votes_of"].set()
    await settled(lambda: room.head == elsewhere.head and not room._behind)
    await settled(lambda: any('"name":"tally"' in text for text in socket.texts))
    (tally,) = [text for text in socket.texts if '"name":"tally"' in text]
    assert '"o1":1' in tally


async def test_a_ballot_heard_of_while_a_turn_looks_up_songs_is_not_counted_twice(
    house: House,
) -> None:
    here, gate = house.node()
    there, _ = house.node()
    room, elsewhere = await here.enter(SHOW_ID), await there.enter(SHOW_ID)
    round_id = await open_round(room)
    await room.admit(FAN)
    await settled(lambda: elsewhere.head == room.head)
    gate.back["songs_of"] = asyncio.Event()
    wish = asyncio.create_task(say(room, FAN, RequestSong(new_id(), title="Deal")))
    vote = asyncio.create_task(say(room, FAN, CastVote(round_id, (Pick("o1"),))))
    await gate.waits.wait()
    assert isinstance(await say(elsewhere, FAN, CastVote(round_id, (Pick("o1"),))), Ack)
    await settled(lambda: room.head == elsewhere.head)
    gate.back["songs_of"].set()
    await asyncio.gather(wish, vote)
    assert sum(room.replica.state.tallies[round_id].values()) == 1


async def test_admission_waits_for_a_read_that_is_under_way(house: House) -> None:
    node, gate = house.node()
    other, _ = house.node()
    round_id = await open_round(await other.enter(SHOW_ID))
    await say(await other.enter(SHOW_ID), FAN, CastVote(round_id, (Pick("o1"),)))
    room = await node.enter(SHOW_ID)
    gate.back["votes_of"] = asyncio.Event()
    vote = asyncio.create_task(say(room, FAN, CastVote(round_id, (Pick("o2"),))))
    await gate.waits.wait()
    admitted = asyncio.create_task(room.admit(FAN))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not admitted.done()
    gate.back["votes_of"].set()
    await admitted
    assert room.you(FAN).ballots
    assert isinstance(await vote, Ack)


async def test_ballots_of_those_who_left_are_let_go_and_read_again(house: House) -> None:
    node, _ = house.node()
    room = await node.enter(SHOW_ID)
    round_id = await open_round(room)
    stays = FakeConnection(ARTIST)
    await open_socket(room, stays, None, None)
    await say(room, FAN, CastVote(round_id, (Pick("o1"),)))
    room.forget_idle_voters()
    assert FAN.participant_id in room.replica.voters, "was here a moment ago"
    room.forget_idle_voters()
    assert list(room.replica.voters) == [ARTIST.participant_id]
    assert isinstance(await say(room, FAN, WithdrawVote(round_id)), Ack)


# --- sockets ------------------------------------------------------------------------------------


async def test_a_socket_that_opens_while_the_room_ends_is_sent_back(house: House) -> None:
    node, gate = house.node()
    room = await node.enter(SHOW_ID)
    gate.back["votes_of"] = asyncio.Event()
    socket = FakeConnection(FAN)
    opening = asyncio.create_task(open_socket(room, socket, None, None))
    await gate.waits.wait()
    room._break(RuntimeError("a fault"))
    gate.back["votes_of"].set()
    assert not await opening
    assert socket.closed == (CloseCode.RESTARTING, "room_reloading")


async def test_a_socket_that_opens_while_its_owner_is_removed_is_closed(house: House) -> None:
    node, gate = house.node()
    room = await node.enter(SHOW_ID)
    gate.back["votes_of"] = asyncio.Event()
    socket = FakeConnection(FAN)
    opening = asyncio.create_task(open_socket(room, socket, None, None))
    await gate.waits.wait()
    assert isinstance(await say(room, ARTIST, RemoveParticipant(FAN.participant_id)), Ack)
    gate.back["votes_of"].set()
    assert not await opening
    assert socket.closed == (CloseCode.REMOVED, "removed")


async def test_a_room_that_goes_away_says_so_to_those_who_come(house: House) -> None:
    node, gate = house.node()
    room = await node.enter(SHOW_ID)
    gate.back["votes_of"] = asyncio.Event()
    admitted = asyncio.create_task(room.admit(FAN))
    await gate.waits.wait()
    await node._unload(room)
    with pytest.raises(LogUnavailable):
        await admitted


async def test_edits_of_others_that_a_node_has_not_heard_of_are_no_forgery(house: House) -> None:
    """Who comes over from another node brings everything that this one lacks."""
    house.cut = True
    here, there = house.node()[0], house.node()[0]
    room, behind = await here.enter(SHOW_ID), await there.enter(SHOW_ID)
    artist, fan = Phone(ARTIST), Phone(FAN)
    await say(room, ARTIST, UpdateSetlist(artist.add("e1", "Deal")), keeps_reply=False)
    fan.doc.apply_update(room.replica.document.encode())
    fan.add("e2", "Sugaree")
    whole = fan.doc.get_update(behind.replica.document.state_vector())
    answer = await say(behind, FAN, UpdateSetlist(whole, first_sync=True), keeps_reply=False)
    assert answer.close is None  # type: ignore[union-attr]
    assert len(behind.replica.document.entries()) == 2


# --- the actor ----------------------------------------------------------------------------------


async def test_one_who_cannot_be_told_does_not_keep_others_from_being_told(house: House) -> None:
    node, _ = house.node()
    room = await node.enter(SHOW_ID)
    told: list[Answer] = []

    def gone(answer: Answer) -> None:
        raise RuntimeError("the socket is gone")

    room.submit(envelope(FAN, PostChat("one")), gone)
    room.submit(envelope(FAN, PostChat("two")), told.append)
    assert isinstance(await say(room, FAN, PostChat("three")), Ack)
    assert [type(answer) for answer in told] == [Ack]
    assert room.head.seq == 3


async def test_an_actor_that_dies_tells_everybody_and_closes_the_room(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Panic(BaseException):
        """What a fault in a native library is raised as."""

    node, _ = house.node()
    room = await node.enter(SHOW_ID)

    def panic(turn: Turn) -> None:
        raise Panic

    monkeypatch.setattr(room._turns, "_append", panic)
    answer = await say(room, FAN, PostChat("hello"))
    assert isinstance(answer, Reject)
    assert answer.retryable
    await settled(lambda: room.closed)
    with pytest.raises(RoomError):
        room.submit(envelope(FAN, PostChat("again")), lambda _: None)
    await node._heal()
    assert node.rooms == []
    with pytest.raises(Panic):
        await room._task  # type: ignore[misc]


async def test_an_actor_whose_loop_ends_tells_everybody_and_is_not_called_broken(
    house: House,
) -> None:
    node, gate = house.node()
    room = await node.enter(SHOW_ID)
    socket = FakeConnection(FAN)
    await open_socket(room, socket, None, None)
    gate.out["append"] = asyncio.Event()
    asked = asyncio.create_task(say(room, FAN, PostChat("in the middle of a turn")))
    await gate.waits.wait()
    assert room._task is not None
    with structlog.testing.capture_logs() as logs:
        room._task.cancel()  # as `asyncio.run` does with what is left when its main task ends
        await asyncio.wait([room._task])
    assert "room_broken" not in [line["event"] for line in logs]
    assert room._task.cancelled()
    answer = await asked
    assert isinstance(answer, Reject)
    assert answer.retryable
    assert room.closed
    assert socket.closed == (CloseCode.RESTARTING, "room_reloading")


async def test_an_actor_that_is_cancelled_from_within_is_broken(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody cancelled the actor: what it awaited was, and the turn's outcome is not known."""
    node, _ = house.node()
    room = await node.enter(SHOW_ID)

    async def cancelled(turn: Turn) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(room._turns, "_append", cancelled)
    with structlog.testing.capture_logs() as logs:
        assert isinstance(await say(room, FAN, PostChat("hello")), Reject)
        await settled(lambda: room.closed)
    assert [line["event"] for line in logs] == ["room_broken", "room_closed_its_sockets"]


async def test_votes_are_paced_by_what_was_kept(house: House) -> None:
    """A vote that lost a race is decided again, and counts once."""
    house.cut = True
    here, there = house.node()[0], house.node()[0]
    room, elsewhere = await here.enter(SHOW_ID), await there.enter(SHOW_ID)
    round_id = await open_round(room)
    allowed = config().fraud.rate_per_min
    at = WallClock().now().replace(second=1)
    for number in range(allowed + 1):
        await say(elsewhere, ARTIST, PostChat("first"))
        vote = CastVote(round_id, (Pick(f"o{number % 2 + 1}"),))
        answer = await room.ask(structs.replace(envelope(FAN, vote), received_at=at))
        assert isinstance(answer, Ack) == (number < allowed), number


# --- timers -------------------------------------------------------------------------------------


async def test_a_room_that_cannot_be_loaded_keeps_no_other_round_open(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CLOSE_MARGIN_S", 0.0)
    node, gate = house.node()
    room = await node.enter(SHOW_ID)
    round_id = new_id()
    await say(room, ARTIST, CreateRound(round_id, config(window=Window(duration_s=1))))
    await say(room, ARTIST, OpenRound(round_id))
    await node._unload(room)
    due = [(new_id(), new_id()), (SHOW_ID, round_id)]

    async def due_rounds(_now: object) -> list[tuple[str, str]]:
        return due

    monkeypatch.setattr(gate, "due_rounds", due_rounds, raising=False)
    record, version = house.log.room(SHOW_ID).rounds[round_id]
    ended = structs.replace(record, closes_at=record.opened_at)
    house.log.room(SHOW_ID).rounds[round_id] = (ended, version)
    await node._due_rounds.close()
    await settled(lambda: house.log.room(SHOW_ID).rounds[round_id][0].status == "closed")


async def test_a_due_round_waits_in_the_inbox_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CLOSE_MARGIN_S", 0.0)
    node, gate = house.node()
    room = await node.enter(SHOW_ID)
    round_id = new_id()
    await say(room, ARTIST, CreateRound(round_id, config(window=Window(duration_s=1))))
    await say(room, ARTIST, OpenRound(round_id))
    record = room.replica.state.rounds[round_id]
    room.replica.state.rounds[round_id] = structs.replace(record, closes_at=record.opened_at)
    gate.out["append"] = asyncio.Event()
    blocked = asyncio.create_task(say(room, FAN, PostChat("waits")))
    await gate.waits.wait()
    for _ in range(10):
        await node._due_rounds.close()
    assert len(room._inbox) == 1
    gate.out["append"].set()
    await blocked
    await settled(lambda: not room.replica.state.open_rounds)

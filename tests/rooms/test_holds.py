"""A vote received in time counts, however long its node's inbox was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from rooms import limits
from rooms.answers import Answer
from rooms.commands import (
    AnyCommand,
    CastVote,
    CreateRound,
    HoldRound,
    OpenRound,
    RequestSong,
    UpvoteSongRequest,
)
from rooms.decide.holds import ended, waiting_in_time
from rooms.messages import Ack
from rooms.node import Node
from rooms.participants import SYSTEM, Participant, Role
from rooms.room import Room
from rooms.timers import DueRounds, due_here
from rooms.vote_config import Pick, Window
from storage.rooms.memory import MemoryBusHub, MemoryRoomBus, MemoryRoomLog
from tests.contract.harness import new_id
from tests.rooms.builders import SHOW_ID, T0, Bench, config, envelope, facts, person
from tests.rooms.song_requests.bench import ROUND as QUEUE
from tests.rooms.song_requests.bench import Wishes
from tests.rooms.test_room import WallClock
from tests.rooms.test_room_faults import Gate, settled

ARTIST = Participant(new_id(), new_id(), Role.ARTIST, "Jerry")
DURATION_S = 60
ENDS_AT = T0 + timedelta(seconds=DURATION_S)
VOTERS = 2 * limits.TURN_COMMANDS_MAX + 200


class SetClock(WallClock):
    """Shows what it is set to."""

    def __init__(self) -> None:
        self.at = T0

    def now(self) -> datetime:
        return self.at


class House:
    """A show on two nodes that share one clock."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.log = MemoryRoomLog(self.clock.now)
        self.log.add_show(facts(), {ARTIST.participant_id: "artist"})
        self.bus = MemoryBusHub(lambda _show, _message: False)
        self.nodes: list[Node] = []

    def node(self) -> tuple[Node, Gate]:
        gate, bus = Gate(self.log), MemoryRoomBus(self.bus)
        node = Node(node_id=new_id(), room_log=gate, bus=bus, clock=self.clock, new_id=new_id)
        bus.on_message(node._hear)
        self.nodes.append(node)
        return node, gate


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    yield made
    for node in made.nodes:
        await node.stop()


async def _opened(room: Room) -> str:
    round_id = new_id()
    await room.ask(
        envelope(ARTIST, CreateRound(round_id, config(window=Window(duration_s=DURATION_S))))
    )
    assert isinstance(await room.ask(envelope(ARTIST, OpenRound(round_id))), Ack)
    return round_id


def _burst(room: Room, round_id: str, answers: list[Answer]) -> None:
    for number in range(VOTERS):
        fan = Participant(new_id(), new_id(), Role.FAN, f"Fan {number}", guest=True)
        vote = CastVote(round_id, (Pick(f"o{number % 2 + 1}"),))
        room.submit(envelope(fan, vote, DURATION_S - 0.1), answers.append)


async def test_votes_that_wait_in_another_nodes_inbox_past_the_margin_are_counted(
    house: House,
) -> None:
    here, _ = house.node()
    there, gate = house.node()
    room, other = await here.enter(SHOW_ID), await there.enter(SHOW_ID)
    round_id = await _opened(room)
    await settled(lambda: other.head == room.head)
    answers: list[Answer] = []
    _burst(other, round_id, answers)
    house.clock.at = ENDS_AT + timedelta(seconds=limits.CLOSE_MARGIN_S / 2)
    gate.back["append"] = asyncio.Event()  # the first turn is in, its node hears of it late
    await gate.waits.wait()
    house.clock.at = ENDS_AT + timedelta(seconds=limits.CLOSE_MARGIN_S + 0.1)
    room.fall_behind()
    await settled(lambda: room.head == house.log.room(SHOW_ID).head)
    closing = DueRounds(here)
    assert due_here(room, house.clock.now()) == []
    await closing.close()
    gate.back["append"].set()
    async with asyncio.timeout(30):
        await settled(lambda: len(answers) == VOTERS)
    assert all(isinstance(answer, Ack) for answer in answers)
    house.clock.at += timedelta(seconds=limits.HOLD_S + 1)
    await closing.close()
    await settled(lambda: room.replica.state.rounds[round_id].status == "closed")
    result = room.replica.state.rounds[round_id].result
    assert result is not None
    assert (result.voters, sum(result.options.values())) == (VOTERS, VOTERS)


async def test_after_an_outage_of_the_log_the_margin_begins_anew(house: House) -> None:
    node, _ = house.node()
    room = await node.enter(SHOW_ID)
    round_id = await _opened(room)
    house.log.available = False
    room.fall_behind()
    await settled(lambda: room._log_away)
    house.clock.at = ENDS_AT + timedelta(seconds=30)
    house.log.available = True
    async with asyncio.timeout(30):
        while room.log_returned_at is None:
            await asyncio.sleep(0.01)
    assert due_here(room, house.clock.now()) == []
    house.clock.at += timedelta(seconds=limits.CLOSE_MARGIN_S)
    assert due_here(room, house.clock.now()) == [round_id]


def test_a_hold_is_bounded_and_never_shortened() -> None:
    bench = Bench()
    round_id = new_id()
    window = Window(duration_s=DURATION_S, sms_grace_s=0)
    bench.turn(envelope(ARTIST, CreateRound(round_id, config(window=window))))
    bench.turn(envelope(ARTIST, OpenRound(round_id)))

    def held(until_s: float) -> float:
        hold = HoldRound(round_id, T0 + timedelta(seconds=until_s))
        bench.turn(envelope(SYSTEM, hold, until_s, keeps_reply=False))
        until = bench.state.rounds[round_id].held_until
        assert until is not None
        return (until - T0).total_seconds()

    assert held(DURATION_S + 5) == DURATION_S + 5
    assert held(DURATION_S + 2) == DURATION_S + 5
    assert held(DURATION_S + 900) == DURATION_S + limits.HOLD_MAX_S


def test_only_votes_received_in_time_hold_a_round_that_ended() -> None:
    bench = Bench()
    round_id = new_id()
    bench.turn(envelope(ARTIST, CreateRound(round_id, config(window=Window(DURATION_S)))))
    bench.turn(envelope(ARTIST, OpenRound(round_id)))
    rounds = bench.state.rounds.values()
    fan = Participant(new_id(), new_id(), Role.FAN, "Fan")
    vote = CastVote(round_id, (Pick("o1"),))
    assert ended(rounds, ENDS_AT) == {}
    due = ended(rounds, ENDS_AT + timedelta(seconds=1))

    def held_at(at_s: float) -> frozenset[str]:
        return waiting_in_time([envelope(fan, vote, at_s)], due, {}, bench.state.facts)

    assert held_at(DURATION_S) == {round_id}
    assert held_at(DURATION_S + 0.001) == set()


def test_wishes_and_upvotes_received_in_time_hold_their_round() -> None:
    room = Wishes()
    room.open_queue(window=Window(DURATION_S))
    wished = room.wish("Althea", round_id=QUEUE)
    elsewhere = room.wish("Bertha")
    requests = room.state.memory.song_requests
    due = ended(room.state.rounds.values(), ENDS_AT + timedelta(seconds=1))
    fan = person("Fan")

    def held_by(command: AnyCommand, at_s: float = DURATION_S) -> frozenset[str]:
        return waiting_in_time([envelope(fan, command, at_s)], due, requests, room.state.facts)

    assert held_by(UpvoteSongRequest(wished)) == {QUEUE}
    assert held_by(UpvoteSongRequest(wished), DURATION_S + 0.001) == set()
    assert held_by(UpvoteSongRequest(elsewhere)) == set()
    assert held_by(UpvoteSongRequest(new_id())) == set()
    assert held_by(RequestSong(title="Cassidy", round_id=QUEUE)) == {QUEUE}
    assert held_by(RequestSong(title="Cassidy")) == set()

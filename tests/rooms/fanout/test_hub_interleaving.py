"""Any interleaving of saying, attaching, replaying, slicing and leaving: nothing lost, doubled or
out of order on any connection."""

from __future__ import annotations

import json
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms import limits
from rooms.events import ChatPosted, Event
from rooms.fanout.audience import Audience
from rooms.fanout.framing import text_frame
from rooms.fanout.hub import Hub
from rooms.messages import CloseCode, StateMessage
from tests.rooms.builders import SHOW_ID, T0
from tests.rooms.fakes import FakeConnection, FakeScheduler


class World:
    """A log, a hub, and connections that come with a place in the log."""

    def __init__(self) -> None:
        self.scheduler = FakeScheduler()
        self.hub = Hub(SHOW_ID, self.render, scheduler=self.scheduler)
        self.log: list[Event] = []
        self.value = 0
        self.replaying: list[tuple[FakeConnection, int]] = []
        self.open: list[tuple[FakeConnection, int]] = []
        self.gone: list[tuple[FakeConnection, int]] = []
        self.acks: dict[int, int] = {}
        self.told: list[FakeConnection] = []

    def render(self, name: str, key: str, audience: Audience) -> StateMessage:
        return StateMessage(name=name, version=self.value, data=msgspec.Raw(b"{}"))

    def step(self, move: str, which: int) -> None:
        match move:
            case "say":
                seq = len(self.log) + 1
                chat = ChatPosted(
                    chat_message_id=str(seq), participant_id="p", display_name="P", text="x"
                )
                at = T0 + timedelta(seconds=seq)
                event = Event(seq=seq, at=at, data=chat, participant_id="p")
                self.log.append(event)
                self.hub.events([event])
            case "state":
                self.value += 1
                self.hub.state_changed("reactions")
                self.told = [connection for connection, _ in self.open + self.replaying]
            case "attach":
                connection = FakeConnection(f"fan{len(self.replaying) + len(self.open)}")
                since = which % (len(self.log) + 1)
                self.hub.attach(connection)
                self.replaying.append((connection, since))
            case "release" if self.replaying:
                connection, since = self.replaying.pop(which % len(self.replaying))
                missed = self.log[since:]
                opening = [
                    text_frame(json.dumps({"t": "event", "seq": event.seq}).encode())
                    for event in missed
                ]
                # As every opening does, it tells the states as they are now.
                now = {"t": "state", "version": self.value}
                opening.append(text_frame(json.dumps(now).encode()))
                assert self.hub.release(connection, opening, len(self.log))
                self.open.append((connection, since))
            case "ack" if self.open:
                connection, _ = self.open[which % len(self.open)]
                number = self.acks[id(connection)] = self.acks.get(id(connection), 0) + 1
                body = {"t": "ack", "n": number, "seq": len(self.log)}
                self.hub.send(connection, text_frame(json.dumps(body).encode()))
            case "leave" if self.open:
                connection, since = self.open.pop(which % len(self.open))
                self.hub.detach(connection)
                connection.close(1000)
                self.gone.append((connection, since))
            case "turn":
                self.scheduler.turn()
            case "time":
                self.scheduler.advance(0.07)

    def finish(self) -> None:
        while self.replaying:
            self.step("release", 0)
        self.scheduler.advance(5.0)


def check(connection: FakeConnection, since: int, world: World, *, complete: bool) -> None:
    messages = [json.loads(text) for text in connection.texts]
    seqs = [message["seq"] for message in messages if message["t"] == "event"]
    assert seqs == list(range(since + 1, since + 1 + len(seqs)))
    acks = [message["n"] for message in messages if message["t"] == "ack"]
    assert acks == list(range(1, len(acks) + 1))
    versions = [message["version"] for message in messages if message["t"] == "state"]
    assert versions == sorted(versions)
    place = since
    for message in messages:
        if message["t"] == "event":
            place = message["seq"]
        elif message["t"] == "ack":
            assert message["seq"] == place, "an ack overtook an event or was overtaken"
    if complete:
        assert place == len(world.log)
        assert len(acks) == world.acks.get(id(connection), 0)


def last_version(connection: FakeConnection) -> int:
    messages = [json.loads(text) for text in connection.texts]
    return max((message["version"] for message in messages if message["t"] == "state"), default=0)


MOVES = st.lists(
    st.tuples(
        st.sampled_from("say say say state attach release ack leave turn turn time".split()),
        st.integers(0, 20),
    ),
    max_size=60,
)


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FANOUT_SLICE_RECEIVERS", 2)


@settings(max_examples=400, deadline=None)
@given(MOVES)
def test_every_connection_sees_the_log_from_its_place_on(moves: list[tuple[str, int]]) -> None:
    world = World()
    for move, which in moves:
        world.step(move, which)
    world.finish()
    for connection, since in world.open:
        check(connection, since, world, complete=True)
        if connection in world.told:
            assert last_version(connection) == world.value
    for connection, since in world.gone:
        check(connection, since, world, complete=False)


def test_a_large_room_is_swept_in_slices_and_a_small_one_gets_its_turn_between() -> None:
    scheduler = FakeScheduler()
    large, small = World(), World()
    large.scheduler = small.scheduler = scheduler
    large.hub = Hub(SHOW_ID, large.render, scheduler=scheduler)
    small.hub = Hub("other", small.render, scheduler=scheduler)
    for world, fans in ((large, 20), (small, 1)):
        for _ in range(fans):
            world.step("attach", 0)
        world.finish()
    receivers = [connection for connection, _ in large.open]
    for connection in receivers:
        connection.writes.clear()
    large.step("say", 0)
    small.step("say", 0)
    scheduler.turn()
    assert sum(bool(connection.writes) for connection in receivers) == 2
    assert any("event" in text for text in small.open[0][0].texts)
    large.step("say", 0)
    large.step("say", 0)
    scheduler.settle()
    # What was said during the sweep was joined into one further write.
    assert [len(connection.writes) for connection in receivers] == [2] * 20
    for connection, since in large.open:
        check(connection, since, large, complete=True)


def test_what_is_held_back_during_a_replay_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CONNECTION_QUEUE_BYTES_MAX", 1_000)
    world = World()
    world.step("attach", 0)
    for _ in range(20):
        world.step("say", 0)
    connection, _ = world.replaying[0]
    assert world.hub.release(connection, [], len(world.log)) is False
    assert connection.closed == (CloseCode.TOO_SLOW, "resume")
    assert connection.writes == []


def test_a_replay_that_reads_less_than_was_said_before_is_never_shown() -> None:
    world = World()
    world.step("say", 0)
    world.step("say", 0)
    world.step("attach", 0)
    connection, _ = world.replaying[0]
    assert world.hub.release(connection, [], 1) is False
    assert connection.closed == (CloseCode.TOO_SLOW, "resume")


def test_a_socket_that_closes_while_it_is_replayed_to_is_let_go() -> None:
    world = World()
    world.step("attach", 0)
    connection, _ = world.replaying[0]
    world.hub.detach(connection)
    assert world.hub.release(connection, [text_frame(b"x")], 0) is False
    world.scheduler.settle()
    assert connection.writes == [] and world.hub.participants() == 0

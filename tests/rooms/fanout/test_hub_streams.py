"""Event streams beside sockets in one hub: worded once, without Yjs, alive in silence."""

from __future__ import annotations

import json
from datetime import timedelta

import msgspec
import pytest

from rooms import limits
from rooms.events import ChatPosted, Event, SetlistChanged
from rooms.fanout import event_stream
from rooms.fanout.audience import Audience
from rooms.fanout.hub import Hub
from rooms.fanout.speech import Speech
from rooms.messages import CloseCode, StateMessage
from tests.rooms.builders import ARTIST, SHOW_ID, T0
from tests.rooms.fakes import FakeConnection, FakeScheduler

OPENING = event_stream.message(b'{"t":"welcome"}', event_stream.place_id("ep", 0))


class Stage:
    def __init__(self) -> None:
        self.scheduler = FakeScheduler()
        self.hub = Hub(SHOW_ID, self.render, scheduler=self.scheduler, epoch="ep")
        self.hub.has_voted = lambda who, _: who in self.voted
        self.voted: set[str] = set()
        self.seq = 0

    def render(self, name: str, key: str, audience: Audience) -> StateMessage | None:
        if name == "tally" and not (audience.crew or audience.voted):
            return None
        return StateMessage(name=name, version=1, data=msgspec.Raw(b'{"secret":77777}'))

    def enter(self, connection: FakeConnection) -> FakeConnection:
        self.hub.attach(connection)
        assert self.hub.release(connection, [OPENING], self.seq)
        self.scheduler.settle()
        connection.writes.clear()
        return connection

    def stream(self, name: str = "dana") -> FakeConnection:
        connection = FakeConnection(name)
        connection.speech = Speech.STREAM
        return self.enter(connection)

    def event(self, update: bytes | None = None) -> Event:
        self.seq += 1
        data: ChatPosted | SetlistChanged = ChatPosted(
            chat_message_id="m", participant_id="p", display_name="Lee", text="a\nb\r\u2028c"
        )
        if update is not None:
            data = SetlistChanged(participant_id="p", display_name="Lee", entries=())
        at = T0 + timedelta(seconds=self.seq)
        return Event(seq=self.seq, at=at, data=data, participant_id="p", update=update)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def said(connection: FakeConnection) -> str:
    return b"".join(connection.writes).decode()


def test_streams_get_the_very_same_bytes_with_the_place_as_their_id(stage: Stage) -> None:
    streams = [stage.stream(f"fan{number}") for number in range(3)]
    stage.hub.events([stage.event(), stage.event()])
    stage.scheduler.settle()
    assert len({id(one.writes[0]) for one in streams}) == 1
    first, second, end = said(streams[0]).split("\n\n")
    assert first.startswith("id: ep:1\ndata: {") and second.startswith("id: ep:2\ndata: {")
    assert end == ""
    # Line breaks in what people say are none on the wire.
    assert len(first.split("\n")) == 2
    assert json.loads(first.split("data: ")[1])["data"]["text"] == "a\nb\r\u2028c"


def test_a_stream_gets_the_event_of_an_edit_and_no_yjs(stage: Stage) -> None:
    stream, socket = stage.stream(), stage.enter(FakeConnection("lee"))
    stage.hub.events([stage.event(update=b"\x00\x00yjs")])
    stage.hub.awareness(b"\x01\x01\x00", socket)
    stage.scheduler.settle()
    assert b"yjs" in b"".join(socket.writes)
    assert "setlist_changed" in said(stream) and "yjs" not in said(stream)


def test_a_state_moves_no_place_and_is_hidden_from_those_who_may_not_see_it(stage: Stage) -> None:
    fan, voter = stage.stream("fan"), stage.stream("voter")
    artist = FakeConnection(ARTIST)
    artist.speech = Speech.STREAM
    stage.enter(artist)
    stage.voted = {voter.participant.participant_id}
    stage.hub.state_changed("tally", "r1")
    stage.scheduler.settle()
    assert said(fan) == ""
    assert "77777" in said(voter) and "77777" in said(artist)
    assert "id:" not in said(voter)


def test_a_quiet_stream_gets_comments_and_sockets_their_own_heartbeat(stage: Stage) -> None:
    stream, socket = stage.stream(), stage.enter(FakeConnection("lee"))
    stage.scheduler.advance(limits.QUIET_STREAM_HEARTBEAT_S * 3 + 2)
    assert said(stream) == ":\n\n" * 3
    assert len(socket.writes) == 2


def test_who_only_hears_of_hidden_counts_is_kept_alive_as_well(stage: Stage) -> None:
    fan = stage.stream("fan")
    voter = stage.stream("voter")
    stage.voted = {voter.participant.participant_id}
    for _ in range(40):
        stage.hub.state_changed("tally", "r1")
        stage.scheduler.advance(1.0)
    assert said(fan).count(":\n\n") == 2


def test_the_sixth_connection_of_a_participant_closes_the_oldest_whatever_it_speaks(
    stage: Stage,
) -> None:
    first = stage.stream("dana")
    for _ in range(4):
        stage.enter(FakeConnection("dana"))
    assert first.closed is None
    stage.stream("dana")
    assert first.closed is not None and first.closed[0] == CloseCode.TOO_MANY


def test_a_stream_that_takes_nothing_is_closed_and_dropped(stage: Stage) -> None:
    stream = stage.stream()
    stream.stuck, stream.queued = True, limits.CONNECTION_QUEUE_BYTES_MAX
    stage.hub.events([stage.event(), stage.event()])
    stage.scheduler.settle()
    stage.hub.events([stage.event()])
    stage.scheduler.settle()
    assert stream.closed == (CloseCode.TOO_SLOW, "too slow")
    stage.scheduler.advance(limits.SLOW_CONSUMER_ABORT_S)
    assert stream.aborted


def test_a_stream_that_joins_sockets_is_kept_alive_by_its_own_measure(stage: Stage) -> None:
    stage.enter(FakeConnection("lee"))
    stage.scheduler.advance(limits.QUIET_ROOM_HEARTBEAT_S + 1)
    stream = stage.stream()
    stage.scheduler.advance(limits.QUIET_STREAM_HEARTBEAT_S + 1)
    assert said(stream) == ":\n\n"

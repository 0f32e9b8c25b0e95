"""The hub's rules: who gets which bytes, in which order, in how many writes."""

from __future__ import annotations

import json
from datetime import timedelta

import msgspec
import pytest

from rooms import limits
from rooms.events import ChatPosted, Event, RoundClosed, RoundResult, SetlistChanged
from rooms.fanout.audience import Audience
from rooms.fanout.framing import text_frame
from rooms.fanout.hub import Hub
from rooms.messages import CloseCode, StateMessage
from tests.rooms.builders import ARTIST, SHOW_ID, T0
from tests.rooms.fakes import FakeConnection, FakeScheduler


class Stage:
    """A hub with a state that counts up and is hidden from those who have not voted."""

    def __init__(self) -> None:
        self.scheduler = FakeScheduler()
        self.hub = Hub(SHOW_ID, self.render, scheduler=self.scheduler)
        self.hub.has_voted = lambda who, round_id: (who, round_id) in self.voted
        self.voted: set[tuple[str, str]] = set()
        self.value = 0
        self.rendered = 0
        self.seq = 0

    def render(self, name: str, key: str, audience: Audience) -> StateMessage | None:
        self.rendered += 1
        if name == "tally" and not (audience.crew or audience.voted):
            return None
        data = msgspec.json.encode({"value": self.value, "key": key})
        return StateMessage(name=name, version=self.value, data=msgspec.Raw(data))

    def enter(self, connection: FakeConnection) -> FakeConnection:
        self.hub.attach(connection)
        assert self.hub.release(connection, [text_frame(b'{"t":"welcome"}')], self.seq)
        self.scheduler.settle()
        connection.writes.clear()
        return connection

    def chat(self, text: str = "hello") -> Event:
        self.seq += 1
        return Event(
            seq=self.seq,
            at=T0 + timedelta(seconds=self.seq),
            data=ChatPosted(
                chat_message_id=str(self.seq),
                participant_id="p-lee",
                display_name="Lee",
                text=text,
            ),
            participant_id="p-lee",
        )


@pytest.fixture
def stage() -> Stage:
    return Stage()


def seqs(connection: FakeConnection) -> list[int]:
    decoded = [json.loads(text) for text in connection.texts]
    return [message["seq"] for message in decoded if message["t"] == "event"]


def values(connection: FakeConnection) -> list[int]:
    decoded = [json.loads(text) for text in connection.texts]
    return [message["version"] for message in decoded if message["t"] == "state"]


# --- encoding and writes -------------------------------------------------------------------


def test_everybody_of_an_audience_gets_the_very_same_bytes(stage: Stage) -> None:
    fans = [stage.enter(FakeConnection(f"fan{number}")) for number in range(3)]
    stage.hub.events([stage.chat(), stage.chat()])
    stage.scheduler.settle()
    assert len({id(fan.writes[0]) for fan in fans}) == 1
    assert seqs(fans[0]) == [1, 2]


def test_all_that_is_said_in_one_turn_is_one_write_and_acks_keep_their_place(stage: Stage) -> None:
    dana, lee = stage.enter(FakeConnection("dana")), stage.enter(FakeConnection("lee"))
    stage.hub.events([stage.chat("a")])
    stage.hub.send(dana, text_frame(b'{"t":"ack","n":1}'))
    stage.hub.events([stage.chat("b")])
    stage.hub.send(dana, text_frame(b'{"t":"ack","n":2}'))
    stage.scheduler.settle()
    assert len(dana.writes) == len(lee.writes) == 1
    kinds = [json.loads(text)["t"] for text in dana.texts]
    assert kinds == ["event", "ack", "event", "ack"]
    assert [json.loads(text)["t"] for text in lee.texts] == ["event", "event"]


def test_crew_gets_what_others_must_not_see_and_others_do_not(stage: Stage) -> None:
    fan, artist = stage.enter(FakeConnection()), stage.enter(FakeConnection(ARTIST))
    result = RoundResult(
        options={"o1": 77_777}, votes=1, voters=1, winners=("o1",), config_hash="hash"
    )
    hidden = RoundClosed(round_id="r1", closed_at=T0)
    stage.seq += 1
    event = Event(
        seq=stage.seq,
        at=T0,
        data=hidden,
        crew_data=RoundClosed(round_id="r1", closed_at=T0, result=result),
        participant_id="p-jerry",
    )
    stage.hub.events([event])
    stage.scheduler.settle()
    assert b"77777" not in b"".join(fan.writes) and seqs(fan) == [1]
    assert b"77777" in b"".join(artist.writes)


def test_a_client_without_the_subprotocol_gets_binary_frames_only(stage: Stage) -> None:
    plain, full = stage.enter(FakeConnection("yjs", text=False)), stage.enter(FakeConnection())
    stage.seq += 1
    event = Event(
        seq=stage.seq,
        at=T0,
        data=SetlistChanged(participant_id="p-lee", display_name="Lee", entries=()),
        participant_id="p-lee",
        update=b"\x01\x02\x03",
    )
    stage.hub.events([event])
    stage.hub.state_changed("reactions")
    stage.scheduler.settle()
    assert plain.messages == [b"\x00\x02\x03\x01\x02\x03"]
    assert plain.messages[0] in full.messages and len(full.messages) == 3


def test_an_event_said_twice_is_sent_once(stage: Stage) -> None:
    fan = stage.enter(FakeConnection())
    event = stage.chat()
    stage.hub.events([event])
    stage.hub.events([event])
    stage.scheduler.settle()
    assert seqs(fan) == [1]


# --- states --------------------------------------------------------------------------------


def test_a_hidden_tally_is_absent_from_the_bytes_of_who_has_not_voted(stage: Stage) -> None:
    voter, other = stage.enter(FakeConnection("voter")), stage.enter(FakeConnection("other"))
    artist = stage.enter(FakeConnection(ARTIST))
    stage.voted.add(("p-voter", "r1"))
    stage.value = 41
    stage.hub.state_changed("tally", "r1")
    stage.scheduler.settle()
    assert values(voter) == values(artist) == [41]
    assert other.writes == []


def test_whoever_takes_the_vote_back_before_the_write_gets_nothing(stage: Stage) -> None:
    voter = stage.enter(FakeConnection("voter"))
    stage.voted.add(("p-voter", "r1"))
    stage.hub.state_changed("tally", "r1")
    stage.voted.clear()
    stage.scheduler.settle()
    assert voter.writes == []


def test_a_state_goes_out_at_once_then_at_most_five_times_a_second(stage: Stage) -> None:
    fan = stage.enter(FakeConnection())
    stage.value = 1
    stage.hub.state_changed("reactions")
    stage.scheduler.settle()
    assert values(fan) == [1]
    for value in range(2, 102):
        stage.value = value
        stage.hub.state_changed("reactions")
        stage.scheduler.advance(0.01)
    assert len(values(fan)) <= 1 + limits.STATES_PER_SECOND
    stage.scheduler.advance(1.0)
    assert values(fan)[-1] == 101
    assert values(fan) == sorted(set(values(fan)))


def test_states_of_different_keys_do_not_wait_for_each_other(stage: Stage) -> None:
    artist = stage.enter(FakeConnection(ARTIST))
    stage.hub.state_changed("tally", "r1")
    stage.hub.state_changed("tally", "r2")
    stage.scheduler.settle()
    assert len(values(artist)) == 2 and len(artist.writes) == 1


def test_a_state_that_nobody_is_there_for_is_not_rendered(stage: Stage) -> None:
    stage.hub.state_changed("reactions")
    stage.scheduler.settle()
    assert stage.rendered == 0


# --- slow receivers ------------------------------------------------------------------------


def test_a_receiver_that_takes_nothing_is_closed_with_4008_and_then_aborted(stage: Stage) -> None:
    slow, quick = stage.enter(FakeConnection("slow")), stage.enter(FakeConnection("quick"))
    slow.stuck = True
    said = 0
    while slow.closed is None:
        stage.hub.events([stage.chat("x" * 400)])
        stage.scheduler.settle()
        said += 1
        assert slow.queued < limits.CONNECTION_QUEUE_BYTES_MAX + 2_000
    assert slow.closed == (CloseCode.TOO_SLOW, "too slow")
    assert not slow.aborted
    stage.scheduler.advance(limits.SLOW_CONSUMER_ABORT_S)
    assert slow.aborted
    assert len(seqs(quick)) == said
    assert stage.hub.participants() == 1


def test_one_large_write_to_somebody_who_keeps_up_is_no_reason_to_close(stage: Stage) -> None:
    fan = stage.enter(FakeConnection())
    fan.stuck = True
    stage.hub.send(fan, text_frame(b"x" * limits.CONNECTION_QUEUE_BYTES_MAX))
    stage.scheduler.settle()
    assert fan.closed is None
    stage.hub.send(fan, text_frame(b"y"))
    stage.scheduler.settle()
    assert fan.closed == (CloseCode.TOO_SLOW, "too slow")


# --- who is here ---------------------------------------------------------------------------


def test_heads_are_counted_not_sockets(stage: Stage) -> None:
    first, second = stage.enter(FakeConnection("dana")), stage.enter(FakeConnection("dana"))
    stage.enter(FakeConnection("lee"))
    assert stage.hub.participants() == 2
    stage.hub.detach(first)
    stage.hub.detach(first)
    assert stage.hub.participants() == 2
    stage.hub.detach(second)
    assert stage.hub.participants() == 1


def test_the_sixth_socket_of_a_participant_closes_the_oldest(stage: Stage) -> None:
    sockets = [stage.enter(FakeConnection("dana")) for _ in range(6)]
    assert [one.closed for one in sockets] == [(CloseCode.TOO_MANY, "too many sockets")] + [
        None
    ] * 5


def test_a_reconnect_with_the_same_ticket_replaces_the_old_socket_only(stage: Stage) -> None:
    old = stage.enter(FakeConnection("dana", ticket="t1"))
    other = stage.enter(FakeConnection("dana", ticket="t2"))
    new = stage.enter(FakeConnection("dana", ticket="t1"))
    assert old.closed == (CloseCode.REPLACED, "replaced")
    stage.hub.detach(old)
    stage.hub.close_ticket("t3")
    stage.hub.events([stage.chat()])
    stage.scheduler.settle()
    assert new.closed is None and other.closed is None
    assert seqs(new) == seqs(other) == [1]


def test_sockets_close_by_participant_by_session_and_all(stage: Stage) -> None:
    dana = stage.enter(FakeConnection("dana", session="s1"))
    lee = stage.enter(FakeConnection("lee", session="s2"))
    mo = stage.enter(FakeConnection("mo", session="s3"))
    stage.hub.close_participant("p-dana", 4410, "removed")
    stage.hub.close_session("s2", 4401, "over")
    assert (dana.closed, lee.closed, mo.closed) == ((4410, "removed"), (4401, "over"), None)
    stage.hub.close_all(1012, "restart")
    assert mo.closed == (1012, "restart")
    assert stage.hub.participants() == 0


def test_a_large_room_is_closed_in_slices_and_nobody_hears_more(stage: Stage) -> None:
    size = limits.FANOUT_SLICE_RECEIVERS
    everybody = [stage.enter(FakeConnection(f"fan{number}")) for number in range(2 * size + 1)]
    stage.hub.events([stage.chat()])
    stage.hub.close_all(CloseCode.RESTARTING, "room_reloading")
    assert stage.hub.participants() == 0 and stage.hub.connections() == []
    closed = []
    for _ in range(3):
        closed.append(sum(one.closed is not None for one in everybody))
        stage.scheduler.turn()
    assert closed == [size, 2 * size, 2 * size + 1]
    assert {one.closed for one in everybody} == {(CloseCode.RESTARTING, "room_reloading")}
    assert all(one.writes == [] for one in everybody)
    newcomer = stage.enter(FakeConnection("new"))
    stage.hub.events([stage.chat()])
    stage.scheduler.settle()
    assert seqs(newcomer) == [2]


def test_a_quiet_room_is_heard_from_every_twenty_seconds_and_a_loud_one_is_not(
    stage: Stage,
) -> None:
    plain = stage.enter(FakeConnection("yjs", text=False))
    fan = stage.enter(FakeConnection("dana"))
    for _ in range(6):
        stage.scheduler.advance(10.0)
        stage.hub.events([stage.chat()])
    stage.scheduler.settle()
    assert b"\x01\x01\x00" not in fan.messages
    assert plain.messages.count(b"\x01\x01\x00") in (2, 3)


def test_nothing_goes_on_in_a_room_that_everybody_left(stage: Stage) -> None:
    fan = stage.enter(FakeConnection())
    stage.hub.detach(fan)
    stage.scheduler.advance(60.0)
    turns = stage.scheduler.turns
    stage.scheduler.advance(600.0)
    assert stage.scheduler.turns - turns <= 2


def test_a_newcomer_is_not_taken_back_to_a_state_that_was_said_before_its_opening(
    stage: Stage,
) -> None:
    connection = FakeConnection()
    stage.hub.attach(connection)
    stage.value = 1
    stage.hub.state_changed("reactions")
    stage.scheduler.settle()
    stage.value = 2  # what its opening tells, because that is read at the moment of its release
    opening = text_frame(b'{"t":"state","version":2}')
    assert stage.hub.release(connection, [opening], stage.seq)
    stage.scheduler.settle()
    assert values(connection) == [2]
    stage.value = 3
    stage.hub.state_changed("reactions")
    stage.scheduler.advance(1.0)
    assert values(connection) == [2, 3]

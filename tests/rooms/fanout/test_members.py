"""Places, outlets and slices of a lane."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from rooms import limits
from rooms.fanout import members
from rooms.fanout.batch import Batch
from rooms.fanout.connection import Connection
from rooms.fanout.framing import text_frame
from rooms.fanout.lanes import Lane
from rooms.fanout.members import NO_OUTLET, BulkWriter, Members
from rooms.fanout.speech import Speech, wording_of
from tests.rooms.fakes import FakeConnection


class Pipes:
    """What outlets lead to; each takes so many bytes of a write."""

    def __init__(self) -> None:
        self.written: dict[int, bytes] = {}
        self.takes: dict[int, int] = {}
        self.calls = 0

    def write_to_all(self, outlets: Sequence[int], data: bytes) -> Sequence[tuple[int, int]]:
        self.calls += 1
        left = []
        for place, outlet in enumerate(outlets):
            taken = 0 if outlet < 0 else self.takes.get(outlet, len(data))
            if outlet >= 0:
                self.written[outlet] = self.written.get(outlet, b"") + data[:taken]
            if taken < len(data):
                left.append((place, taken))
        return left


class DirectConnection(FakeConnection):
    """Has an outlet until it is told otherwise."""

    def __init__(self, name: str, pipes: Pipes, outlet: int) -> None:
        super().__init__(name)
        self.pipes = pipes
        self.outlet = outlet
        self.changed: Callable[[Connection], None] | None = None

    @property
    def write_to_all(self) -> BulkWriter:
        return self.pipes.write_to_all

    def finish(self, data: bytes, taken: int) -> int:
        return self.write(data[taken:])

    def watch(self, changed: Callable[[Connection], None] | None) -> None:
        self.changed = changed

    def move(self, outlet: int) -> None:
        self.outlet = outlet
        assert self.changed is not None
        self.changed(self)

    @property
    def got(self) -> bytes:
        return self.pipes.written.get(int(self.ticket_id), b"") + b"".join(self.writes)


@pytest.fixture
def pipes() -> Pipes:
    return Pipes()


@pytest.fixture
def lane() -> Lane:
    return Lane(0.0, wording_of(Speech.ROOM, ""))


def enter(lane: Lane, pipes: Pipes, count: int) -> list[DirectConnection]:
    connections = []
    for outlet in range(count):
        connection = DirectConnection(f"fan{outlet}", pipes, outlet)
        connection.ticket_id = str(outlet)
        lane.join(connection)
        connections.append(connection)
    return connections


def take(lane: Lane, *frames: bytes) -> Batch:
    for frame in frames:
        lane.say(frame)
    batch = lane.take(0.0, lambda *_: False)
    assert batch is not None
    return batch


def sweep(lane: Lane, *frames: bytes) -> list[Connection]:
    slow: list[Connection] = []
    batch = take(lane, *frames)
    while not batch.is_done:
        batch.advance(100, slow)
    return slow


def settle(lane: Lane) -> None:
    assert lane.take(0.0, lambda *_: False) is not None


HELLO, WORLD = text_frame(b"hello"), text_frame(b"world")


def test_outlets_are_written_to_without_a_call_to_any_connection(lane: Lane, pipes: Pipes) -> None:
    connections = enter(lane, pipes, 5)
    settle(lane)
    assert sweep(lane, HELLO, WORLD) == []
    assert pipes.written == dict.fromkeys(range(5), HELLO + WORLD)
    assert pipes.calls == 1
    assert all(connection.writes == [] for connection in connections)


def test_what_an_outlet_does_not_take_is_finished_by_its_connection(
    lane: Lane, pipes: Pipes
) -> None:
    connections = enter(lane, pipes, 3)
    settle(lane)
    pipes.takes[1] = 4
    sweep(lane, HELLO)
    assert connections[1].writes == [HELLO[4:]]
    assert [connection.got for connection in connections] == [HELLO] * 3


def test_whoever_has_no_outlet_is_written_to_and_judged_by_the_backlog(
    lane: Lane, pipes: Pipes
) -> None:
    connections = enter(lane, pipes, 3)
    settle(lane)
    connections[1].move(NO_OUTLET)
    connections[1].stuck = True
    connections[1].queued = limits.CONNECTION_QUEUE_BYTES_MAX + 1
    assert sweep(lane, HELLO) == [connections[1]]
    connections[1].move(1)
    assert sweep(lane, WORLD) == []
    assert connections[1].writes == [HELLO] and pipes.written[1] == WORLD


def test_somebody_without_an_outlet_stands_beside_others(lane: Lane, pipes: Pipes) -> None:
    plain = FakeConnection("plain")
    lane.join(plain)
    enter(lane, pipes, 2)
    settle(lane)
    sweep(lane, HELLO)
    assert plain.writes == [HELLO] and pipes.written == {0: HELLO, 1: HELLO}


def test_one_own_frame_replaces_the_shared_write_and_keeps_its_place(
    lane: Lane, pipes: Pipes
) -> None:
    connections = enter(lane, pipes, 4)
    settle(lane)
    lane.say(HELLO)
    lane.say_to(connections[2], b"mine")
    sweep(lane, WORLD)
    assert connections[2].writes == [HELLO + b"mine" + WORLD]
    assert [c.got for c in connections if c is not connections[2]] == [HELLO + WORLD] * 3


def test_whoever_leaves_or_shuts_between_slices_gets_nothing_more(lane: Lane, pipes: Pipes) -> None:
    connections = enter(lane, pipes, 6)
    settle(lane)
    batch = take(lane, HELLO)
    batch.advance(2, [])
    lane.leave(connections[3])
    connections[4].move(NO_OUTLET)
    connections[4].close(4000)
    late = FakeConnection("late")
    lane.join(late)
    while not batch.is_done:
        batch.advance(2, [])
    assert sorted(pipes.written) == [0, 1, 2, 5]
    assert connections[3].got == connections[4].got == b"" and late.writes == []
    assert connections[3].changed is None


def test_a_connection_that_breaks_does_not_end_the_sweep(
    lane: Lane, pipes: Pipes, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections = enter(lane, pipes, 3)
    settle(lane)
    connections[1].move(NO_OUTLET)

    def broken(_: bytes) -> int:
        raise RuntimeError("the handler is closed")

    monkeypatch.setattr(connections[1], "write", broken)
    assert sweep(lane, HELLO) == [connections[1]]
    assert connections[0].got == connections[2].got == HELLO


def test_large_writes_fill_a_slice_sooner(lane: Lane, pipes: Pipes) -> None:
    enter(lane, pipes, 100)
    settle(lane)
    batch = take(lane, b"x" * (3 * limits.FANOUT_UNIT_BYTES))
    spent = batch.advance(40, [])
    assert spent == 40 and len(pipes.written) == 10
    batch.advance(1, [])
    assert len(pipes.written) == 11, "even the smallest slice goes on"


def test_gaps_are_closed_and_everybody_keeps_an_outlet(
    pipes: Pipes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "GAPS_MIN", 3)
    room = Members()
    connections = [DirectConnection(str(number), pipes, number) for number in range(10)]
    for connection in connections:
        room.add(connection)
    for connection in connections[:6]:
        assert room.remove(connection)
    assert not room.remove(connections[0])
    room.close_gaps()
    assert room.outlets == [6, 7, 8, 9] and room.connections == connections[6:]
    connections[8].move(NO_OUTLET)
    assert room.outlets == [6, 7, NO_OUTLET, 9]
    assert len(room) == 4 and connections[8] in room and connections[0] not in room

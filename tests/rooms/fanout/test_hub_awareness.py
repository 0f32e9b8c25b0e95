"""Who is editing: bounded, owned, told to newcomers, forgotten when silent."""

from __future__ import annotations

import pytest

from crdt import frames
from crdt.awareness import AwarenessState, decode_awareness, encode_awareness_states
from crdt.frames import AwarenessFrame
from rooms import limits
from rooms.fanout.hub import Hub
from tests.rooms.builders import SHOW_ID
from tests.rooms.fakes import FakeConnection, FakeScheduler

Said = dict[int, object]


def frame(client_id: int, clock: int, state: dict[str, object] | None) -> bytes:
    said = AwarenessState(client_id, clock, state)
    return frames.encode_awareness(encode_awareness_states([said]))


def read(message: bytes) -> Said:
    decoded = frames.decode_frame(message)
    assert isinstance(decoded, AwarenessFrame)
    return {one.client_id: one.state for one in decode_awareness(decoded.payload, 1 << 20)}


class Stage:
    def __init__(self) -> None:
        self.scheduler = FakeScheduler()
        self.hub = Hub(SHOW_ID, lambda name, key, audience: None, scheduler=self.scheduler)
        self.published: list[Said] = []
        self.hub.publish_awareness = lambda message: self.published.append(read(message))

    def enter(self, name: str) -> FakeConnection:
        connection = FakeConnection(name)
        self.hub.attach(connection)
        assert self.hub.release(connection, [], 0)
        self.scheduler.settle()
        return connection


@pytest.fixture
def stage() -> Stage:
    return Stage()


def heard(connection: FakeConnection) -> list[Said]:
    said = [read(message) for message in connection.messages]
    return [states for states in said if states]


def test_what_is_said_here_goes_to_the_other_nodes_and_theirs_does_not_go_back(
    stage: Stage,
) -> None:
    dana, lee = stage.enter("dana"), stage.enter("lee")
    stage.hub.awareness(frame(7, 1, {"x": 1}), dana)
    stage.scheduler.advance(1)
    stage.hub.awareness(frame(8, 1, {"x": 2}), "node-2")
    stage.scheduler.advance(1)
    assert heard(lee) == [{7: {"x": 1}}, {8: {"x": 2}}]
    assert stage.published == [{7: {"x": 1}}]


def test_an_editor_of_a_node_that_fell_silent_is_forgotten_and_a_local_one_is_not(
    stage: Stage,
) -> None:
    dana, lee = stage.enter("dana"), stage.enter("lee")
    stage.hub.awareness(frame(7, 1, {"x": 1}), dana)
    stage.hub.awareness(frame(8, 1, {"x": 2}), "node-2")
    stage.scheduler.advance(limits.AWARENESS_SILENCE_S + 2 * limits.QUIET_ROOM_HEARTBEAT_S)
    assert heard(lee)[-1] == {8: None}
    assert stage.published == [{7: {"x": 1}}]


def test_an_editor_of_another_node_who_renews_stays(stage: Stage) -> None:
    lee = stage.enter("lee")
    for clock in range(10):
        stage.hub.awareness(frame(8, clock, {"x": 2}), "node-2")
        stage.scheduler.advance(15)
    assert all(states == {8: {"x": 2}} for states in heard(lee))


def test_a_new_socket_of_the_same_person_takes_the_cursor_over(stage: Stage) -> None:
    old, new, lee = stage.enter("dana"), stage.enter("dana"), stage.enter("lee")
    stage.hub.awareness(frame(7, 1, {"x": 1}), old)
    stage.scheduler.advance(1)
    stage.hub.awareness(frame(7, 2, {"x": 2}), new)
    stage.scheduler.advance(1)
    stage.hub.detach(old)
    stage.scheduler.advance(1)
    assert heard(lee) == [{7: {"x": 1}}, {7: {"x": 2}}]
    stage.hub.detach(new)
    stage.scheduler.advance(1)
    assert heard(lee)[-1] == {7: None}


def test_an_older_clock_moves_nothing(stage: Stage) -> None:
    dana, lee = stage.enter("dana"), stage.enter("lee")
    for clock, x in ((5, 5), (4, 4), (5, 55)):
        stage.hub.awareness(frame(7, clock, {"x": x}), dana)
        stage.scheduler.advance(1)
    assert heard(lee) == [{7: {"x": 5}}]


def test_a_room_shows_so_many_editors_and_a_place_that_gets_free_is_taken(stage: Stage) -> None:
    lee = stage.enter("lee")
    editors = [stage.enter(f"editor{number}") for number in range(limits.AWARENESS_EDITORS_MAX + 1)]
    for number, editor in enumerate(editors):
        stage.hub.awareness(frame(number + 1, 1, {"x": 1}), editor)
    stage.scheduler.advance(1)
    shown: Said = {}
    for states in heard(lee):
        shown |= states
    assert len(shown) == limits.AWARENESS_EDITORS_MAX
    stage.hub.awareness(frame(1, 2, None), editors[0])
    stage.hub.awareness(frame(len(editors), 2, {"x": 9}), editors[-1])
    stage.scheduler.advance(1)
    assert heard(lee)[-1] == {1: None, len(editors): {"x": 9}}


@pytest.mark.parametrize("data", [b"", b"\x01\x05", b"\x00\x00\x00", frames.EMPTY_AWARENESS_FRAME])
def test_what_cannot_be_read_or_says_nothing_is_dropped(stage: Stage, data: bytes) -> None:
    dana, lee = stage.enter("dana"), stage.enter("lee")
    stage.hub.awareness(data, dana)
    stage.scheduler.advance(1)
    assert heard(lee) == []

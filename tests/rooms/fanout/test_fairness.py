"""A room of thousands on the same node: how many turns of the loop a small room waits for it, and
how much is done in each. Counted, not timed; `loadtests.bench_fairness` measures it in seconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from rooms import limits
from rooms.events import ChatPosted, Event
from rooms.fanout.audience import Audience
from rooms.fanout.framing import text_frame
from rooms.fanout.hub import Hub
from rooms.messages import CloseCode, StateMessage
from tests.rooms.builders import T0
from tests.rooms.fakes import FakeConnection, FakeScheduler

LARGE = 8_000


class Counted(FakeConnection):
    """Counts the writes and closings of its room."""

    counts: list[int]

    def write(self, frames: bytes) -> int:
        self.counts[0] += 1
        return 0

    def close(self, code: int, reason: str = "") -> None:
        super().close(code, reason)
        self.counts[0] += 1


class Node:
    """A large and a small room on one loop."""

    def __init__(self) -> None:
        self.scheduler = FakeScheduler()
        self.large = Hub("large", _render, scheduler=self.scheduler)
        self.small = Hub("small", _render, scheduler=self.scheduler)
        self.seq = 0
        self.done = [0]
        for number in range(LARGE):
            self.enter(f"fan{number}")
        self.listener = FakeConnection("lee")
        self.small.attach(self.listener)
        assert self.small.release(self.listener, [text_frame(b"{}")], 0)
        self.scheduler.settle()

    def enter(self, name: str) -> None:
        connection = Counted(name)
        connection.counts = self.done
        self.large.attach(connection)
        assert self.large.release(connection, [text_frame(b"{}")], self.seq)

    def line(self, hub: Hub, *, text: str = "hello") -> None:
        self.seq += 1
        chat = ChatPosted(
            chat_message_id=str(self.seq), participant_id="p", display_name="P", text=text
        )
        at = T0 + timedelta(seconds=self.seq)
        hub.events([Event(seq=self.seq, at=at, data=chat, participant_id="p")])

    def turns_of_a_small_line(self) -> int:
        """Until it is written; no turn does more than a slice for the large room."""
        self.listener.writes.clear()
        self.line(self.small)
        turns = 0
        while not self.listener.writes:
            self.done[0] = 0
            self.scheduler.turn()
            turns += 1
            assert self.done[0] <= limits.FANOUT_SLICE_RECEIVERS
        return turns


def _render(name: str, key: str, audience: Audience) -> StateMessage:
    return StateMessage(name=name, version=1, data=msgspec.Raw(b"{}"))


@pytest.fixture(scope="module")
def node() -> Node:
    return Node()


def _one_line(node: Node) -> None:
    node.line(node.large)


def _many_long_lines(node: Node) -> None:
    for _ in range(50):
        node.line(node.large, text="x" * 400)


def _states(node: Node) -> None:
    for name in ("reactions", "head_count", "pulse"):
        node.large.state_changed(name)


def _arrivals(node: Node) -> None:
    for number in range(1_000):
        node.enter(f"late{node.seq}-{number}")


STORMS = [_one_line, _many_long_lines, _states, _arrivals]


@pytest.mark.parametrize("storm", STORMS)
def test_a_small_room_waits_for_no_more_than_one_slice_of_a_large_one(
    node: Node, storm: Callable[[Node], None]
) -> None:
    alone = node.turns_of_a_small_line()
    storm(node)
    for _ in range(5):
        assert node.turns_of_a_small_line() == alone
    node.scheduler.settle()


def test_sending_a_large_room_away_stops_nobody() -> None:
    node = Node()
    alone = node.turns_of_a_small_line()
    node.line(node.large)
    node.large.close_all(CloseCode.RESTARTING, "room_reloading")
    for _ in range(5):
        assert node.turns_of_a_small_line() == alone

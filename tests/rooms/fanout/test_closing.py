"""Closing many connections."""

from __future__ import annotations

from rooms import limits
from rooms.fanout.closing import close_in_slices
from tests.rooms.fakes import FakeConnection, FakeScheduler


class Broken(FakeConnection):
    """Whose transport is in a state that nobody thought of."""

    def close(self, code: int, reason: str = "") -> None:
        raise RuntimeError("broken")


def test_one_that_cannot_be_closed_keeps_nobody_else_connected() -> None:
    scheduler, size = FakeScheduler(), limits.FANOUT_SLICE_RECEIVERS
    broken = {0, size, 2 * size}  # the first of each slice
    connections = [
        Broken() if place in broken else FakeConnection() for place in range(2 * size + 2)
    ]
    close_in_slices(scheduler, connections, 4410, "removed")
    scheduler.settle()
    told = {place for place, one in enumerate(connections) if one.closed == (4410, "removed")}
    assert told == set(range(len(connections))) - broken

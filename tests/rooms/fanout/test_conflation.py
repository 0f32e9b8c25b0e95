"""How often a state is sent."""

from __future__ import annotations

from rooms.fanout.conflation import Conflation
from tests.rooms.fakes import FakeScheduler


def test_a_slower_state_waits_longer_and_is_sent_for_certain() -> None:
    scheduler = FakeScheduler()
    states = Conflation(scheduler, 0.2, lambda: None, {"confidence": 1.0})
    fast, slow, other = ("tally", "r1"), ("confidence", "e1"), ("confidence", "e2")
    for key in (fast, slow):
        states.changed(key)
    assert states.take() == [fast, slow]
    for key in (fast, slow, other):
        states.changed(key)
    assert states.take() == [other]
    scheduler.advance(0.3)
    assert states.take() == [fast]
    scheduler.advance(0.8)
    assert states.take() == [slow]
    states.stop()

"""What a hub counts, and when it says that everything has been written."""

from __future__ import annotations

from rooms import limits
from tests.rooms.fakes import FakeConnection
from tests.rooms.fanout.test_hub import Stage


def test_each_receiver_of_a_sweep_is_one_delivery_however_much_is_joined() -> None:
    stage = Stage()
    people = [stage.enter(FakeConnection(f"fan-{at}")) for at in range(3)]
    before = stage.hub.deliveries
    stage.hub.events([stage.chat("one"), stage.chat("two")])
    stage.hub.send(people[0], b"an ack")
    stage.scheduler.settle()
    assert stage.hub.deliveries - before == len(people)
    stage.hub.send(people[0], b"an ack")
    stage.scheduler.settle()
    assert stage.hub.deliveries - before == len(people) + 1


def test_after_a_sweep_is_after_the_last_slice_of_what_waited() -> None:
    stage, told = Stage(), list[int]()
    people = [
        stage.enter(FakeConnection(f"fan-{at}"))
        for at in range(2 * limits.FANOUT_SLICE_RECEIVERS + 10)
    ]

    def written() -> int:
        return sum(bool(one.writes) for one in people)

    stage.hub.events([stage.chat("one")])
    stage.hub.after_sweep(lambda: told.append(written()))
    stage.scheduler.settle()
    assert told == [len(people)]
    # What is said during a sweep waits for the next: so does whoever asks then.
    for one in people:
        one.writes.clear()
    stage.hub.events([stage.chat("two")])
    stage.hub.after_sweep(lambda: stage.hub.after_sweep(lambda: told.append(-1)))
    stage.scheduler.settle()
    assert told == [len(people), -1]
    assert written() == len(people)


def test_nobody_is_there_and_whoever_asks_is_told_all_the_same() -> None:
    stage, told = Stage(), list[str]()
    stage.hub.after_sweep(lambda: told.append("done"))
    stage.scheduler.settle()
    assert told == ["done"]

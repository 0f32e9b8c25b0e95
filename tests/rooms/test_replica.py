"""A node's copy of a room only ever moves forward."""

from __future__ import annotations

from rooms.replica import Moved, Replica
from tests.contract.harness import MemoryUnderTest, ballot, new_id


async def test_a_delta_that_is_older_than_the_copy_changes_nothing() -> None:
    """A read from the log can overtake, or be overtaken by, a publication."""
    room = await MemoryUnderTest().room()
    record = await room.log.load(room.show_id)
    assert record is not None
    replica = Replica(record)
    start = room.head
    round_id, voter = await room.open_round(), new_id()
    await room.append(events=room.chat("a"), ballots=(ballot(round_id, voter, "o1"),))
    early = await room.log.read_since(room.show_id, start, [voter])
    await room.append(events=room.chat("b"), ballots=(ballot(round_id, voter, "o2"),))
    late = await room.log.read_since(room.show_id, start, [voter])

    replica.expect_ballots([voter])
    replica.catch_up(late)
    assert replica.catch_up(early) == Moved()

    assert replica.head == room.head
    assert [event.seq for event in replica.recent] == [1, 2]
    assert replica.ballots_of(voter)[round_id].pattern == "o2"
    counts = replica.state.tallies[round_id]
    assert {key: count for key, count in counts.items() if count} == {("o2", "audience:web"): 1}
    after = room.head
    await room.append(events=room.chat("c"))
    replica.catch_up(await room.log.read_since(room.show_id, after, []))
    assert [event.seq for event in replica.recent] == [1, 2, 3]

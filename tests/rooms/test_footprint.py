"""What a node keeps of a room does not grow with what was said, voted or visited there."""

from __future__ import annotations

from rooms import limits
from rooms.replica import Replica
from rooms.sessions.allowance import Allowances
from rooms.state import CHAT_REMOVABLE
from tests.contract.harness import MemoryUnderTest, ballot, new_id

LINES = 2_600
A_TURN = 100


async def test_lines_that_were_said_are_kept_in_the_log_alone() -> None:
    room = await MemoryUnderTest().room()
    record = await room.log.load(room.show_id)
    assert record is not None
    replica = Replica(record)
    for _ in range(LINES // A_TURN):
        before = room.head
        await room.append(events=room.chat(*(f"line {n}" for n in range(A_TURN))))
        replica.catch_up(await room.log.read_since(room.show_id, before, []))
    assert replica.head.seq == LINES
    assert len(replica.recent) == limits.EVENTS_IN_MEMORY_MAX
    memory = replica.state.memory
    assert len(memory.chat) == limits.CHAT_MESSAGES_KEPT
    assert len(memory.chat_authors) == CHAT_REMOVABLE
    assert not memory.last_chat_at  # no slow mode: nobody's last line is of interest


async def test_ballots_are_those_of_people_who_are_there() -> None:
    room = await MemoryUnderTest().room()
    record = await room.log.load(room.show_id)
    assert record is not None
    replica = Replica(record)
    stays = new_id()
    for _ in range(30):
        visitor, round_id = new_id(), await room.open_round()
        replica.expect_ballots([stays, visitor])
        before = room.head
        cast = (ballot(round_id, stays, "o1"), ballot(round_id, visitor, "o2"))
        await room.append(ballots=cast)
        replica.catch_up(await room.log.read_since(room.show_id, before, [stays, visitor]))
    assert len(replica.voters) == 31
    for _ in range(2):
        replica.forget_idle_voters([stays])
    assert set(replica.voters) == {stays}
    assert len(replica.ballots_of(stays)) == 30


async def test_rate_limits_of_those_who_were_quiet_are_forgotten() -> None:
    allowances = Allowances()
    show = new_id()
    for number in range(2 * limits.ALLOWANCES_KEPT + 5):
        # A thousand come in a second, say one thing each, and are never seen again.
        now = number / 1_000
        allowances.of(show, f"guest {number}", now).commands.take(now)
    assert len(allowances) <= limits.ALLOWANCES_KEPT

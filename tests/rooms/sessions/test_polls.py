"""Who waits without a connection: what ends the wait, for whom, and when."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from rooms import limits
from rooms.fanout.hub import Hub
from rooms.messages import CloseCode
from rooms.ports import Head
from rooms.sessions.changes import StateChanges
from rooms.sessions.polls import PollEnded, Polls
from tests.rooms.builders import SHOW_ID, person
from tests.rooms.fakes import FakeConnection, FakeScheduler

Wait = asyncio.Task[None]


class Stage:
    def __init__(self) -> None:
        self.scheduler = FakeScheduler()
        self.polls = Polls(self.scheduler)
        self.waits: list[Wait] = []

    async def wait(self, who: str = "dana", session: str = "s", wait_s: float = 20.0) -> Wait:
        task = asyncio.create_task(self.polls.wait(who, session, wait_s))
        self.waits.append(task)
        await asyncio.sleep(0)
        return task

    async def settle(self, seconds: float = 0.0) -> None:
        self.scheduler.advance(seconds)
        for _ in range(3):
            await asyncio.sleep(0)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    made = Stage()
    yield made
    for wait in made.waits:
        wait.cancel()
    await asyncio.gather(*made.waits, return_exceptions=True)


async def test_an_event_ends_every_wait_at_once(stage: Stage) -> None:
    waits = [await stage.wait(f"fan{number}") for number in range(3)]
    stage.polls.event()
    assert not any(wait.done() for wait in waits), "not within the turn that made it durable"
    await stage.settle()
    assert all(wait.done() for wait in waits)


async def test_many_waits_end_a_few_per_turn_and_who_comes_meanwhile_waits_on(
    stage: Stage,
) -> None:
    size = limits.POLLS_ANSWERED_PER_TURN
    waits = [await stage.wait(f"fan{number}") for number in range(size * 5 + 1)]
    stage.polls.event()
    stage.scheduler.turn()
    late = await stage.wait("late")
    stage.polls.state()
    for ended in range(size, len(waits) + size, size):
        await asyncio.sleep(0)
        assert sum(wait.done() for wait in waits) == min(ended, len(waits))
        stage.scheduler.turn()
    assert not late.done()
    stage.polls.event()
    await stage.settle()
    assert late.done()


async def test_a_node_that_leaves_ends_every_wait_at_once(stage: Stage) -> None:
    waits = [await stage.wait(f"fan{number}") for number in range(50)]
    stage.polls.event()
    stage.scheduler.turn()
    stage.polls.answer_all()
    await asyncio.sleep(0)
    assert all(wait.done() for wait in waits)


async def test_a_wait_ends_by_itself(stage: Stage) -> None:
    wait = await stage.wait(wait_s=5)
    await stage.settle(4.9)
    assert not wait.done()
    await stage.settle(0.2)
    assert wait.done()


async def test_a_state_ends_a_wait_that_has_lasted_long_enough_and_the_others_then(
    stage: Stage,
) -> None:
    early = await stage.wait("early")
    await stage.settle(limits.POLL_STATES_S)
    late = await stage.wait("late")
    stage.polls.state()
    await stage.settle()
    assert early.done() and not late.done()
    await stage.settle(limits.POLL_STATES_S)
    assert late.done()


async def test_who_comes_after_a_state_was_told_does_not_wake_for_it(stage: Stage) -> None:
    await stage.wait("early")
    stage.polls.state()
    await stage.settle(limits.POLL_STATES_S / 2)
    newcomer = await stage.wait("newcomer")
    await stage.settle(limits.POLL_STATES_S * 3)
    assert stage.waits[0].done() and not newcomer.done()


async def test_one_more_wait_than_allowed_ends_the_oldest(stage: Stage) -> None:
    waits = [await stage.wait() for _ in range(limits.POLLS_PER_PARTICIPANT + 1)]
    await stage.settle()
    assert [wait.done() for wait in waits] == [True] + [False] * limits.POLLS_PER_PARTICIPANT


async def test_whoever_has_to_go_is_told_why(stage: Stage) -> None:
    removed, revoked, stays = (
        await stage.wait("removed", "s1"),
        await stage.wait("revoked", "s2"),
        await stage.wait("stays", "s3"),
    )
    stage.polls.end_participant("removed", CloseCode.REMOVED, "removed")
    stage.polls.end_session("s2", CloseCode.TICKET_EXPIRED, "session_revoked")
    await stage.settle()
    for wait, code in ((removed, CloseCode.REMOVED), (revoked, CloseCode.TICKET_EXPIRED)):
        error = wait.exception()
        assert isinstance(error, PollEnded) and error.code == code
    assert not stays.done()
    stage.polls.end_all(CloseCode.RESTARTING, "room_reloading")
    await stage.settle()
    assert isinstance(stays.exception(), PollEnded)


async def test_a_wait_that_was_given_up_leaves_nothing_behind(stage: Stage) -> None:
    wait = await stage.wait()
    wait.cancel()
    await stage.settle()
    stage.polls.event()
    stage.polls.state()
    await stage.settle(30)
    assert wait.cancelled()


async def test_who_polls_is_present_and_counted_once(stage: Stage) -> None:
    hub = Hub(SHOW_ID, lambda name, key, audience: None, scheduler=stage.scheduler)
    both = FakeConnection("dana")
    hub.attach(both)
    hub.polls.seen(both.participant.participant_id)
    hub.polls.seen("p-poller", wait_s=20)
    assert hub.participants() == 2
    stage.scheduler.advance(20 + limits.POLL_PRESENCE_S - 1)
    assert hub.participants() == 2
    stage.scheduler.advance(2)
    assert hub.participants() == 1


def test_what_moved_is_told_by_the_head_it_moved_with() -> None:
    changes = StateChanges(Head(10, 5))
    changes.note(("tally", "r1"), Head(10, 6))
    changes.note(("leaderboard", ""), Head(11, 6))
    assert changes.since(Head(10, 5)) == [("tally", "r1"), ("leaderboard", "")]
    assert changes.since(Head(10, 6)) == [("leaderboard", "")]
    assert changes.since(Head(11, 6)) == []
    assert changes.since(Head(9, 5)) is None, "what moved before the room was loaded is unknown"
    changes.note(("tally", "r1"), Head(11, 7))
    assert changes.since(Head(11, 6)) == [("tally", "r1")]


def test_a_seat_is_kept_for_a_while_and_lost_with_participant_or_session(stage: Stage) -> None:
    polls, dana, lee = stage.polls, person("dana"), person("lee")

    def take() -> None:
        polls.take_seat("Bearer dana", dana, "s-dana")
        polls.take_seat("Bearer lee", lee, "s-lee")

    def seated() -> list[bool]:
        return [polls.seat_of(f"Bearer {name}") is not None for name in ("dana", "lee")]

    take()
    assert seated() == [True, True] and polls.seat_of("Bearer sam") is None
    seat = polls.seat_of("Bearer dana")
    assert seat is not None and (seat.participant, seat.session_id) == (dana, "s-dana")
    polls.end_participant(dana.participant_id, CloseCode.ROLE_CHANGED, "role_changed")
    assert seated() == [False, True]
    polls.end_session("s-lee", CloseCode.TICKET_EXPIRED, "session_revoked")
    assert seated() == [False, False]
    take()
    polls.end_all(CloseCode.RESTARTING, "epoch_changed")
    assert seated() == [False, False]
    take()
    stage.scheduler.advance(limits.POLL_SEAT_S)
    assert seated() == [False, False]


def test_seats_are_bounded(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "POLL_SEATS_MAX", 2)
    for name in ("a", "b", "c"):
        stage.polls.take_seat(name, person(name), name)
    assert stage.polls.seat_of("b") is not None and stage.polls.seat_of("c") is None
    stage.scheduler.advance(limits.POLL_SEAT_S)
    stage.polls.take_seat("c", person("c"), "c")
    assert stage.polls.seat_of("c") is not None

"""Broadcasts become messages once, some at a time, and can be held and taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from jobs.messaging.automatic import SendAutomatically
from rooms import limits
from rooms.messaging.audience import CREW_MESSAGES_MAX
from rooms.messaging.broadcasts import Audience, BroadcastState
from rooms.messaging.kinds import Channel, MessageKind
from rooms.messaging.ports import NewMessage
from rooms.messaging.states import MessageState
from rooms.outbox import Effect
from rooms.sms.consent import MESSAGES_PER_SHOW_MAX
from rooms.sms.languages import Language
from storage.messaging import broadcasts, expansion
from tests.contract.harness import new_id
from tests.jobs.messaging.night import SENDER, FakeCarrier, Night


async def test_a_worker_killed_at_any_batch_leaves_nobody_out_and_nobody_twice(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "EXPANSION_MESSAGES", 3)
    for _ in range(10):
        await night.phone()
    await night.broadcast()
    add, batches = expansion.add, 0

    async def killed_after_writing(
        connection: expansion.Connection, new: Sequence[NewMessage]
    ) -> int:
        nonlocal batches
        batches += 1
        written = await add(connection, new)
        if batches % 2:
            raise ConnectionError("killed before the commit")
        return written

    monkeypatch.setattr(expansion, "add", killed_after_writing)
    expander, kills = night.expander(), 0
    while True:
        try:
            if not await expander.step():
                break
        except ConnectionError:
            kills += 1

    assert kills >= 4
    rows = await night.rows()
    assert [str(row["phone_id"]) for row in rows] == night.phones


async def test_a_broadcast_that_cannot_be_expanded_holds_up_no_other(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    await night.phone()
    await night.broadcast(texts={Language.EN: "broken"})
    await night.broadcast(texts={Language.EN: "Doors at eight"})
    add = expansion.add

    async def refusing(connection: expansion.Connection, new: Sequence[NewMessage]) -> int:
        if any(one.body and "broken" in one.body for one in new):
            raise ValueError("this one never goes")
        return await add(connection, new)

    monkeypatch.setattr(expansion, "add", refusing)
    expander = night.expander()
    for _ in range(4):
        with suppress(ValueError):
            await expander.step()
    assert ["Doors at eight" in row["body"] for row in await night.rows()] == [True]


async def test_only_who_confirmed_and_has_not_stopped_is_written_to(night: Night) -> None:
    active = await night.phone()
    await night.phone("pending")
    await night.phone("suppressed")
    await night.stop(await night.phone())
    removed = await night.phone()
    await night.pool.execute(
        "UPDATE attendees SET removed_at = now() WHERE id = $1",
        night.attendees[night.phones.index(removed)],
    )
    await night.broadcast()
    await night.expander().drain()

    assert [str(row["phone_id"]) for row in await night.rows()] == [active]


async def test_a_nudge_is_for_those_who_have_not_voted_and_once_for_each_round(
    night: Night,
) -> None:
    for _ in range(3):
        await night.phone()
    await night.pool.execute(
        "INSERT INTO ballots (round_id, participant_id, picks, pattern, voter_class, cast_at,"
        " version) VALUES ($1, $2, '[{\"option_id\":\"o1\"}]', 'o1', 'audience:sms', now(), 1)",
        night.round_id,
        night.attendees[1],
    )
    for _ in range(2):
        await night.broadcast()
        await night.expander().drain()

    reached = [str(row["phone_id"]) for row in await night.rows()]
    assert reached == [night.phones[0], night.phones[2]]


async def test_two_phones_of_one_person_get_one_message(night: Night) -> None:
    await night.phone()
    await night.phone()
    await night.pool.execute(
        "UPDATE attendees SET merged_into = $2 WHERE id = $1",
        night.attendees[1],
        night.attendees[0],
    )
    await night.broadcast()
    await night.expander().drain()

    assert len(await night.rows()) == 1


async def test_nobody_gets_more_messages_than_they_were_promised(night: Night) -> None:
    await night.phone()
    for number in range(MESSAGES_PER_SHOW_MAX + 2):
        texts = {Language.EN: f"Word number {number}"}
        await night.broadcast(MessageKind.BROADCAST, texts=texts, round_id=None)
        await night.expander().drain()
    assert len(await night.rows()) == CREW_MESSAGES_MAX < MESSAGES_PER_SHOW_MAX

    await night.pool.execute("UPDATE shows SET status = 'closed' WHERE id = $1", night.show_id)
    for kind in (MessageKind.RESULTS, MessageKind.RECAP):
        await night.broadcast(kind, round_id=None)
    await night.expander().drain()
    assert len(await night.rows()) == MESSAGES_PER_SHOW_MAX


async def test_who_turns_out_to_be_somebody_else_was_promised_no_more(night: Night) -> None:
    """A phone is linked with a guest of the app, who signs in: each time it is another attendee."""
    await night.phone()
    before: str | None = None
    for number in range(3 * CREW_MESSAGES_MAX):
        if number % 3 == 2 and number < 7:
            before = await becomes(night, before or night.attendees[0])
        texts = {Language.EN: f"Word number {number}"}
        await night.broadcast(MessageKind.BROADCAST, texts=texts, round_id=None)
        await night.expander().drain()

    rows = await night.rows()
    assert len(rows) == CREW_MESSAGES_MAX
    assert str(rows[-1]["attendee_id"]) == before != night.attendees[0]


async def becomes(night: Night, attendee_id: str) -> str:
    """Somebody else, who attends the show as well."""
    account_id, other = new_id(), new_id()
    await night.pool.execute(
        "INSERT INTO accounts (id, kind, display_name) VALUES ($1, 'guest', 'App')", account_id
    )
    await night.pool.execute(
        "INSERT INTO attendees (id, show_id, account_id, display_name) VALUES ($1, $2, $3, 'App')",
        other,
        night.show_id,
        account_id,
    )
    await night.pool.execute(
        "UPDATE attendees SET merged_into = $2 WHERE id = $1", attendee_id, other
    )
    return other


async def test_two_broadcasts_at_once_keep_the_promise_too(night: Night) -> None:
    for _ in range(5):
        await night.phone()
    for number in range(CREW_MESSAGES_MAX + 3):
        texts = {Language.EN: f"Word number {number}"}
        await night.broadcast(MessageKind.BROADCAST, texts=texts, round_id=None)
    await asyncio.gather(*(night.expander().drain() for _ in range(4)))

    counts = await night.pool.fetch("SELECT count(*) FROM messages GROUP BY phone_id")
    assert [row["count"] for row in counts] == [CREW_MESSAGES_MAX] * 5


async def test_each_gets_their_own_language_and_only_the_audience_gets_it(night: Night) -> None:
    await night.phone(language="en")
    await night.phone(language="es")
    await night.phone(language="de")
    await night.broadcast(audience=Audience((Language.ES, Language.DE)))
    await night.expander().drain()
    rows = await night.rows()

    assert [row["language"] for row in rows] == ["es", "de"]
    assert len({row["body"] for row in rows}) == 2
    assert all(row["segments"] == 1 for row in rows)


async def test_a_broadcast_waits_for_its_time(night: Night, carrier: FakeCarrier) -> None:
    await night.phone()
    made = await night.broadcast(send_in_s=3600.0)
    await night.expander().drain()
    assert await night.rows() == []

    await night.pool.execute("UPDATE broadcasts SET due_at = now(), send_at = now()")
    await night.expander().drain()
    await night.lane(carrier).drain()
    await night.pool.execute("UPDATE broadcasts SET due_at = now()")
    await night.expander().drain()

    assert await night.states() == ["sent"]
    done = await night.broadcasts.one(made.broadcast_id)
    assert done is not None
    assert done.state is BroadcastState.DONE


async def test_a_pause_holds_what_was_leased_already(night: Night, carrier: FakeCarrier) -> None:
    for _ in range(3):
        await night.phone()
    made = await night.broadcast()
    await night.expander().drain()
    leased = await night.store.lease(SENDER.address, 10)
    assert await night.broadcasts.pause(made.broadcast_id)

    assert [await night.store.begin(one) for one in leased] == [None] * 3
    await night.due_now()
    await night.lane(carrier).drain()
    assert carrier.sent == []

    assert await night.broadcasts.resume(made.broadcast_id)
    await night.due_now()
    await night.lane(carrier).drain()
    assert await night.states() == ["sent"] * 3


async def test_a_pause_that_marks_late_holds_nothing_that_was_let_go(night: Night) -> None:
    """One of the crew pauses, another resumes before all messages are marked."""
    await night.phone()
    broadcast = await night.broadcast()
    await night.expander().drain()
    await night.pool.execute(
        "UPDATE broadcasts SET state = 'paused' WHERE id = $1", broadcast.broadcast_id
    )
    assert await night.broadcasts.resume(broadcast.broadcast_id)
    await night.pool.execute(broadcasts.HOLD, broadcast.broadcast_id)

    assert (await night.only())["held"] is False


async def test_a_pause_in_the_middle_of_turning_it_into_messages_holds_the_rest(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "EXPANSION_MESSAGES", 2)
    for _ in range(5):
        await night.phone()
    made = await night.broadcast()
    expander = night.expander()
    await expander.step()
    assert await night.broadcasts.pause(made.broadcast_id)
    await expander.drain()
    assert len(await night.rows()) == 2

    await night.broadcasts.resume(made.broadcast_id)
    await expander.drain()
    assert len(await night.rows()) == 5
    held = await night.pool.fetchval("SELECT count(*) FROM messages WHERE held")
    assert held == 0


async def test_what_is_cancelled_never_goes_and_what_has_gone_stays(
    night: Night, carrier: FakeCarrier
) -> None:
    for _ in range(3):
        await night.phone()
    made = await night.broadcast()
    await night.expander().drain()
    first, *rest = await night.store.lease(SENDER.address, 10)
    begun = await night.store.begin(first)
    assert begun is not None
    assert await night.broadcasts.cancel(made.broadcast_id)
    assert [await night.store.begin(one) for one in rest] == [None] * 2
    await night.due_now()
    await night.lane(carrier).drain()

    assert carrier.sent == []
    counts = (await night.broadcasts.counts([made.broadcast_id]))[made.broadcast_id]
    assert counts[MessageState.CANCELLED] == 2
    assert counts[MessageState.UNKNOWN] == 1, "it was handed over: the carrier is asked"
    assert not await night.broadcasts.pause(made.broadcast_id)


async def test_a_broadcast_made_twice_is_one(night: Night) -> None:
    first = await night.broadcast(dedupe_key="RESULTS:x")
    second = await night.broadcast(dedupe_key="RESULTS:x")

    assert first.broadcast_id == second.broadcast_id


def _sends(night: Night, kind: MessageKind) -> SendAutomatically:
    audiences = {Channel.SMS: night.audience}
    return SendAutomatically(
        kind, night.stories, night.broadcasts, audiences, "USD", night.clock, new_id
    )


def _effect(night: Night, kind: str) -> Effect:
    now = datetime.now(UTC)
    return Effect(new_id(), kind, kind, {"show_id": night.show_id}, now, 1, night.show_id)


async def test_a_show_that_closes_sends_its_results_once_and_a_recap_in_the_morning(
    night: Night,
) -> None:
    await night.phone()
    result = '{"options":{"o1":2,"o2":1},"votes":3,"voters":3,"winners":["o1"],"config_hash":"x"}'
    await night.pool.execute(
        "UPDATE rounds SET status = 'closed', closed_at = now(), result = $2::text::json"
        " WHERE id = $1",
        night.round_id,
        result,
    )
    effects = [_sends(night, kind) for kind in (MessageKind.RESULTS, MessageKind.RECAP)]
    for deliver in effects:
        await deliver(_effect(night, "x"))
    assert await night.pool.fetchval("SELECT count(*) FROM broadcasts") == 0, "it is not over"

    await night.pool.execute("UPDATE shows SET status = 'closed' WHERE id = $1", night.show_id)
    await night.pool.execute("UPDATE rooms SET seq = 1 WHERE show_id = $1", night.show_id)
    for deliver in effects * 2:
        await deliver(_effect(night, "x"))
    await night.expander().drain()
    results, recap = sorted(await night.rows(), key=lambda row: row["due_at"])

    assert (results["kind"], results["state"]) == ("RESULTS", "queued")
    assert "Ripple won Encore?" in results["body"]
    assert (recap["kind"], recap["state"]) == ("RECAP", "scheduled")
    assert recap["due_at"] > datetime.now(UTC)

"""Everybody gets a message once, whatever becomes of workers, answers and carriers."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import msgspec
import pytest

from rooms import limits
from rooms.messaging.carrier_statuses import heard
from rooms.messaging.kinds import MessageKind
from rooms.messaging.ports import Accepted, NotFound, Permanent, Temporary, Unknown
from rooms.messaging.states import MessageState
from tests.jobs.messaging.night import SENDER, FakeCarrier, Night


async def queued(night: Night, phones: int = 1) -> None:
    """One message for each of so many phones."""
    for _ in range(phones):
        await night.phone()
    await night.broadcast()
    await night.expander().drain()


async def test_a_message_is_sent_and_its_life_is_written_down(
    night: Night, carrier: FakeCarrier
) -> None:
    await queued(night)
    await night.lane(carrier).drain()
    row = await night.only()

    assert (row["state"], row["attempts"]) == ("sent", 1)
    assert row["sent_at"] is not None
    assert carrier.sent[0].address == "+12015550000"
    assert await night.steps(row["id"]) == [("queued", None), ("sending", None), ("sent", None)]


async def test_two_workers_share_a_queue_and_nobody_gets_two(night: Night) -> None:
    await queued(night, 60)
    first, second = FakeCarrier(), FakeCarrier()
    await asyncio.gather(night.lane(first).drain(), night.lane(second).drain())

    reached = [one.address for one in (*first.sent, *second.sent)]
    assert len(reached) == len(set(reached)) == 60
    assert set(await night.states()) == {"sent"}


async def test_what_a_killed_worker_had_begun_is_looked_up_and_not_repeated(
    night: Night, carrier: FakeCarrier
) -> None:
    await queued(night)
    (leased,) = await night.store.lease(SENDER.address, 10)
    assert await night.store.begin(leased) is not None  # ... and here it was killed
    assert await night.store.lease(SENDER.address, 10) == []

    await night.due_now(handed_s_ago=60)
    carrier.lookups = [Accepted("SM1", MessageState.DELIVERED)]
    await night.lane(carrier).drain()
    row = await night.only()

    assert carrier.sent == []
    assert len(carrier.asked) == 1
    assert (row["state"], row["carrier_id"]) == ("delivered", "SM1")
    assert ("unknown", "worker_lost") in await night.steps(row["id"])


async def test_what_a_killed_worker_had_only_leased_is_sent(
    night: Night, carrier: FakeCarrier
) -> None:
    await queued(night)
    await night.store.lease(SENDER.address, 10)
    await night.due_now()
    await night.lane(carrier).drain()

    assert carrier.asked == []
    assert await night.states() == ["sent"]


async def test_an_unknown_outcome_is_repeated_only_when_the_carrier_does_not_have_it(
    night: Night, carrier: FakeCarrier
) -> None:
    await queued(night)
    carrier.outcomes = [Unknown("carrier_unreachable")]
    lane = night.lane(carrier)
    await lane.drain()
    assert await night.states() == ["unknown"]

    await night.due_now()  # too early: lists lag behind
    await lane.drain()
    assert (len(carrier.asked), len(carrier.sent)) == (1, 1)
    assert (await night.only())["reason"] == "not_listed_yet"

    await night.due_now(handed_s_ago=limits.LOOKUP_AFTER_S + 1)
    carrier.lookups = [Temporary("carrier_unreachable"), NotFound()]
    await lane.drain()
    assert len(carrier.sent) == 1, "the carrier could not be asked"

    await night.due_now()
    night.clock.slept += 60.0
    await lane.drain()
    assert len(carrier.sent) == 2
    assert await night.states() == ["sent"]


async def test_an_adapter_that_breaks_has_perhaps_sent(night: Night, carrier: FakeCarrier) -> None:
    await queued(night)
    carrier.outcomes = [RuntimeError("a defect")]
    await night.lane(carrier).drain()

    assert await night.states() == ["unknown"]


async def test_what_is_refused_for_a_while_is_tried_again_and_ends(
    night: Night, carrier: FakeCarrier
) -> None:
    await queued(night)
    carrier.outcomes = [Temporary("odd")] * limits.MESSAGE_ATTEMPTS_MAX
    lane = night.lane(carrier)
    for attempt in range(1, limits.MESSAGE_ATTEMPTS_MAX + 1):
        await night.due_now()
        await lane.drain()
        assert len(carrier.sent) == attempt
    row = await night.only()

    assert (row["state"], row["reason"]) == ("failed", "odd")


async def test_a_busy_carrier_is_left_alone_and_messages_stay(
    night: Night, carrier: FakeCarrier
) -> None:
    await queued(night, 3)
    carrier.outcomes = [Temporary("carrier_busy", "20429", 20.0, sender_wide=True)] * 3
    lane = night.lane(carrier)
    await lane.drain()
    assert set(await night.states()) <= {"sending", "queued"}

    before = night.clock.slept
    await night.due_now()
    while len(carrier.sent) < 6 and "sent" not in await night.states():
        await lane.drain()
        await night.due_now()
    assert night.clock.slept - before >= 10.0, "it did not wait as it was asked to"


async def test_a_number_that_never_takes_texts_is_suppressed(
    night: Night, carrier: FakeCarrier
) -> None:
    await queued(night, 2)
    carrier.outcomes = [
        Permanent("opted_out", "21610", suppress=True, opted_out=True),
        Permanent("country_not_enabled", "21408"),
    ]
    await night.lane(carrier).drain()
    rows = sorted(await night.rows(), key=lambda row: row["state"])

    assert [(row["state"], row["reason"], row["error_code"]) for row in rows] == [
        ("failed", "country_not_enabled", "21408"),
        ("suppressed", "opted_out", "21610"),
    ]
    found = await night.pool.fetchrow(
        "SELECT s.source, pa.state FROM suppressions s JOIN phones p USING (number_hash)"
        " JOIN phone_attendances pa ON pa.phone_id = p.id WHERE p.id = $1",
        rows[1]["phone_id"],
    )
    assert tuple(found) == ("carrier_error", "suppressed")
    assert await night.pool.fetchval("SELECT count(*) FROM suppressions") == 1


async def test_who_says_stop_while_their_message_waits_does_not_get_it(
    night: Night, carrier: FakeCarrier
) -> None:
    await queued(night, 2)
    await night.stop(night.phones[0])
    await night.lane(carrier).drain()

    assert await night.states() == ["suppressed", "sent"]
    assert [one.phone_id for one in carrier.sent] == [night.phones[1]]


@pytest.mark.parametrize("kind", [MessageKind.BROADCAST, MessageKind.RECAP, MessageKind.NUDGE])
async def test_what_has_waited_into_the_night_waits_for_the_morning(
    night: Night, carrier: FakeCarrier, kind: MessageKind
) -> None:
    """A long queue, a pause, a carrier that was away: it was day when the message was made."""
    for _ in range(2):
        await night.phone()
    await night.broadcast(kind)
    await night.expander().drain()
    noon, two = zone_at(12), zone_at(2)
    for phone_id, zone in zip(night.phones, (noon, two), strict=True):
        await night.pool.execute(
            "UPDATE messages SET payload = $2::text::json, due_at = now(),"
            " expires_at = now() + interval '2 days' WHERE phone_id = $1",
            phone_id,
            msgspec.json.encode({"zones": [zone]}).decode(),
        )
    await night.lane(carrier).drain()
    rows = await night.rows()

    if kind is MessageKind.NUDGE:
        assert [row["state"] for row in rows] == ["sent", "sent"]
        return
    assert [one.phone_id for one in carrier.sent] == [night.phones[0]]
    assert rows[1]["state"] in ("scheduled", "queued")
    assert rows[1]["due_at"].astimezone(ZoneInfo(two)).time() == time(8)


def zone_at(hour: int) -> str:
    """A zone in which it is between so many hours and an hour later now."""
    ahead = (hour - datetime.now(UTC).hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}"


async def test_a_nudge_to_a_round_that_has_closed_does_not_go(
    night: Night, carrier: FakeCarrier
) -> None:
    await queued(night)
    await night.pool.execute("UPDATE rounds SET status = 'closed' WHERE id = $1", night.round_id)
    await night.lane(carrier).drain()
    row = await night.only()

    assert (row["state"], row["reason"]) == ("cancelled", "round_closed")


async def test_what_is_too_late_does_not_go(night: Night, carrier: FakeCarrier) -> None:
    await queued(night)
    await night.pool.execute("UPDATE messages SET expires_at = now()")
    await night.lane(carrier).drain()
    row = await night.only()

    assert (row["state"], row["reason"], carrier.sent) == ("cancelled", "too_late", [])


async def test_somebody_who_was_deleted_gets_nothing_and_leaves_no_words(
    night: Night, carrier: FakeCarrier
) -> None:
    await queued(night)
    row = await night.only()
    await night.pool.execute("DELETE FROM phones")
    await night.lane(carrier).drain()
    after = await night.pool.fetchrow("SELECT * FROM messages WHERE id = $1", row["id"])

    assert row["body"] is not None
    assert (after["state"], after["reason"]) == ("cancelled", "recipient_gone")
    assert (after["phone_id"], after["body"], carrier.sent) == (None, None, [])


async def test_a_turn_too_far_ahead_is_left_to_others(night: Night, carrier: FakeCarrier) -> None:
    await queued(night)
    night.pace.waits = [None]
    lane = night.lane(carrier)
    await lane.drain()
    assert await night.states() == ["queued"]

    await night.due_now()
    await lane.drain()
    assert await night.states() == ["sent"]


async def test_a_stopped_lane_gives_back_what_it_had_not_begun(
    night: Night, carrier: FakeCarrier
) -> None:
    await queued(night, 3)
    lane = night.lane(carrier)
    reached = asyncio.Event()

    async def for_ever(seconds: float) -> None:
        reached.set()
        await asyncio.Event().wait()

    night.clock.sleep = for_ever  # type: ignore[method-assign]
    night.pace.waits = [5.0] * 3
    lane.start()
    async with asyncio.timeout(60):
        await reached.wait()
    await lane.stop()

    assert carrier.sent == []
    due = await night.pool.fetchval("SELECT count(*) FROM messages WHERE due_at <= now()")
    assert due == 3, "others need not wait for the lease to end"


async def test_replies_go_before_broadcasts(night: Night) -> None:
    await queued(night, 5)
    await night.pool.execute(
        "UPDATE messages SET priority = 0 WHERE phone_id = $1", night.phones[4]
    )
    (first,) = await night.store.lease(SENDER.address, 1)

    assert first.phone_id == night.phones[4]


async def test_a_callback_before_the_answer_is_applied_once_the_name_is_known(
    night: Night, carrier: FakeCarrier
) -> None:
    await queued(night)
    early = heard("SM1", "delivered", None, None)
    assert not await night.store.hear(early, night.clock.now())

    carrier.outcomes = [Accepted("SM1")]
    await night.lane(carrier).drain()
    row = await night.only()

    assert (row["state"], row["carrier_id"]) == ("delivered", "SM1")
    assert await night.pool.fetchval("SELECT count(*) FROM carrier_callbacks") == 0


async def test_a_callback_that_names_the_message_ends_the_doubt(
    night: Night, carrier: FakeCarrier
) -> None:
    await queued(night)
    carrier.outcomes = [Unknown("carrier_unreachable")]
    await night.lane(carrier).drain()
    row = await night.only()
    said = heard("SM1", "sent", None, str(row["id"]))
    assert await night.store.hear(said, night.clock.now())

    await night.due_now(handed_s_ago=60)
    await night.lane(carrier).drain()
    after = await night.only()

    assert (after["state"], after["carrier_id"], carrier.asked) == ("sent", "SM1", [])


async def test_callbacks_in_any_order_end_the_same(night: Night, carrier: FakeCarrier) -> None:
    await queued(night)
    carrier.outcomes = [Accepted("SM1")]
    await night.lane(carrier).drain()
    for word in ("delivered", "sent", "queued", "delivered", "failed"):
        assert await night.store.hear(heard("SM1", word, None, None), night.clock.now())
    row = await night.only()

    assert (row["state"], row["reason"]) == ("delivered", None)
    assert [state for state, _ in await night.steps(row["id"])] == [
        "queued",
        "sending",
        "sent",
        "delivered",
    ]

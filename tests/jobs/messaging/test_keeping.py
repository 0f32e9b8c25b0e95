"""States hold in the database, the carrier's list mends what callbacks missed, and texts go."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import asyncpg
import pytest

from jobs.messaging.reconciliation import Reconciliation
from rooms.messaging.kinds import Channel, MessageKind, Priority
from rooms.messaging.ports import Accepted, Listed, NewMessage
from rooms.messaging.states import RANKS, MessageState, may_step
from storage.messaging.counting import PostgresMessageCounts
from storage.messaging.keeping import PostgresKeptMessages
from storage.messaging.reconciliations import PostgresSentMessages
from tests.contract.harness import new_id
from tests.jobs.messaging.night import SENDER, FakeCarrier, Night


def message(night: Night) -> NewMessage:
    message_id = new_id()
    return NewMessage(
        message_id=message_id,
        kind=MessageKind.NUDGE,
        channel=Channel.SMS,
        sender=SENDER.address,
        language="en",
        dedupe_key=message_id,
        due_at=datetime.now(UTC),
        priority=Priority.NOW,
        show_id=night.show_id,
        phone_id=night.phones[0],
        body="Setroom: Encore? is open.",
        segments=1,
    )


async def test_the_database_knows_the_same_ranks(night: Night) -> None:
    for state in MessageState:
        assert await night.pool.fetchval("SELECT message_rank($1)", state) == RANKS[state]


async def test_the_database_takes_no_step_back_whoever_writes(night: Night) -> None:
    await night.phone()
    step = "UPDATE messages SET state = $2 WHERE id = $1"
    for before, after in itertools.permutations(MessageState, 2):
        one = message(night)
        await night.pool.execute(
            "INSERT INTO messages (id, kind, channel, sender, language, dedupe_key, priority,"
            " state, created_at, due_at) VALUES ($1, 'NUDGE', 'sms', 's', 'en', $2, 1, $3,"
            " now(), now())",
            one.message_id,
            one.message_id,
            before,
        )
        if may_step(before, after):
            await night.pool.execute(step, one.message_id, after)
        else:
            with pytest.raises(asyncpg.CheckViolationError, match="forward"):
                await night.pool.execute(step, one.message_id, after)


async def test_the_same_message_is_there_once(night: Night) -> None:
    await night.phone()
    one = message(night)

    assert [await night.store.enqueue([one, one]), await night.store.enqueue([one])] == [1, 0]


class CarriersList:
    """What a carrier says it sent."""

    def __init__(self, *pages: Sequence[Listed]) -> None:
        self.pages = pages

    async def sent_on(self, sender: str, day: datetime) -> AsyncIterator[Sequence[Listed]]:
        for page in self.pages:
            yield page
        if not self.pages:
            raise TimeoutError


async def test_what_callbacks_have_missed_is_mended_and_what_differs_is_told(
    night: Night, carrier: FakeCarrier
) -> None:
    for _ in range(4):
        await night.phone()
    await night.broadcast()
    await night.expander().drain()
    names = [f"SM{number}" for number in range(4)]
    carrier.outcomes = [Accepted(name) for name in names]
    await night.lane(carrier).drain()
    evening = "UPDATE messages SET sent_at = date_trunc('day', now(), 'UTC') - '6h'::interval"
    await night.pool.execute(evening)
    yesterday = await night.pool.fetchval("SELECT (now() AT TIME ZONE 'UTC')::date - 1")
    now = datetime.now(UTC)
    listed = CarriersList(
        [Listed("SM0", "delivered", None, now), Listed("SM1", "undelivered", 30006, now)],
        [Listed("SM2", "sent", None, now), Listed("SM9", "sent", None, now)],
    )
    sent = PostgresSentMessages(night.pool)
    reconciliation = Reconciliation(listed, [SENDER], sent, night.store, night.clock)
    found = await reconciliation.compare(SENDER, yesterday)

    assert (found.listed, found.matched, found.mended) == (4, 3, 2)
    assert (found.foreign, found.absent, found.complete) == (1, 1, True)
    states = {row["carrier_id"]: (row["state"], row["reason"]) for row in await night.rows()}
    assert states == {
        "SM0": ("delivered", None),
        "SM1": ("failed", "not_a_mobile"),
        "SM2": ("sent", None),
        "SM3": ("sent", None),
    }
    again = await reconciliation.compare(SENDER, yesterday)
    assert again.mended == 0
    assert await night.pool.fetchval("SELECT count(*) FROM carrier_reconciliations") == 2
    counts = await PostgresMessageCounts(night.pool).counts()
    assert counts.differences == {"mended": 0, "absent": 1, "foreign": 1}


async def test_a_list_that_cannot_be_read_accuses_nobody(night: Night) -> None:
    sent = PostgresSentMessages(night.pool)
    reconciliation = Reconciliation(CarriersList(), [SENDER], sent, night.store, night.clock)
    found = await reconciliation.compare(SENDER, datetime.now(UTC).date())

    assert (found.complete, found.absent, found.listed) == (False, 0, 0)


async def test_texts_are_forgotten_and_that_they_were_sent_is_not(night: Night) -> None:
    await night.phone()
    old, new = message(night), message(night)
    await night.store.enqueue([old, new])
    await night.pool.execute(
        "UPDATE messages SET state = 'failed', ended_at = now() - '91 days'::interval"
        " WHERE id = $1",
        old.message_id,
    )
    await night.pool.execute(
        "INSERT INTO carrier_callbacks VALUES ('SM1', 'sent', NULL, now() - '4 days'::interval),"
        " ('SM2', 'sent', NULL, now())"
    )
    assert await PostgresKeptMessages(night.pool).forget() == 1

    bodies = await night.pool.fetch("SELECT id, body FROM messages ORDER BY body NULLS FIRST")
    assert [row["body"] for row in bodies] == [None, new.body]
    assert await night.pool.fetchval("SELECT count(*) FROM carrier_callbacks") == 1


async def test_a_doubt_that_nobody_could_end_is_given_up(night: Night) -> None:
    await night.phone()
    old, new = message(night), message(night)
    await night.store.enqueue([old, new])
    for one, days in ((old, 4), (new, 1)):
        await night.pool.execute(
            "UPDATE messages SET state = 'unknown', handed_at = now() - make_interval(days => $2)"
            " WHERE id = $1",
            one.message_id,
            days,
        )
    await PostgresKeptMessages(night.pool).forget()

    rows = await night.pool.fetch("SELECT state, reason FROM messages ORDER BY handed_at")
    assert [tuple(row) for row in rows] == [("failed", "outcome_unknown"), ("unknown", None)]


async def test_open_messages_are_counted(night: Night) -> None:
    await night.phone()
    await night.store.enqueue([message(night)])
    (found,) = (await PostgresMessageCounts(night.pool).counts()).open

    assert (found.channel, found.state, found.messages) == ("sms", "queued", 1)
    assert found.overdue_s >= 0.0

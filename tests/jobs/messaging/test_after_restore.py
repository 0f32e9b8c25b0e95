"""A database that was brought back does not know what went out since, and sends nothing twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rooms.messaging.kinds import Channel, MessageKind, Priority
from rooms.messaging.ports import Accepted, NewMessage, NotFound
from rooms.messaging.states import MessageState
from storage.backup.adopting import adopt, quarantine, release
from storage.database import Database
from tests.contract.harness import new_id
from tests.jobs.messaging.night import FakeCarrier, Night
from tests.jobs.messaging.test_lane import queued

AN_HOUR_AGO = timedelta(hours=1)


async def _bring_back(database: Database) -> None:
    async with database.pool.acquire() as connection, connection.transaction():
        await adopt(connection, datetime.now(UTC) - AN_HOUR_AGO, keep_sessions=False)


def _mail(kind: MessageKind, account_id: str, key: str) -> NewMessage:
    return NewMessage(
        message_id=new_id(),
        kind=kind,
        channel=Channel.MAIL,
        sender="hello@setroom.example",
        language="en",
        dedupe_key=key,
        due_at=datetime.now(UTC),
        priority=Priority.LATER,
        account_id=account_id,
        payload={"letter": "any"},
    )


@pytest.fixture
async def account_id(database: Database) -> str:
    return str(
        await database.pool.fetchval(
            "INSERT INTO accounts (id, kind, role, email, password_hash, display_name)"
            " VALUES (uuidv7(), 'user', 'fan', 'somebody@example.org', 'x', 'Somebody')"
            " RETURNING id"
        )
    )


async def _states(database: Database) -> dict[str, tuple[str, bool, Any]]:
    rows = await database.pool.fetch("SELECT dedupe_key, state, held, reason FROM messages")
    return {row["dedupe_key"]: (row["state"], row["held"], row["reason"]) for row in rows}


async def test_a_text_that_was_due_goes_only_if_the_carrier_does_not_have_it(
    night: Night, carrier: FakeCarrier, database: Database
) -> None:
    await queued(night, 2)
    await _bring_back(database)
    carrier.lookups = [Accepted("SM1", MessageState.DELIVERED), NotFound()]
    lane = night.lane(carrier)
    await lane.drain()
    assert len(carrier.asked) == 2
    assert len(carrier.sent) == 1
    assert sorted(await night.states()) == ["delivered", "sent"]
    # It was asked for what went out since the backup, not since now.
    ages = [datetime.now(UTC) - one.handed_at for one in carrier.asked if one.handed_at]
    assert all(age > AN_HOUR_AGO for age in ages) and len(ages) == 2


async def test_a_text_that_is_made_again_is_looked_up_first_until_that_is_released(
    night: Night, carrier: FakeCarrier, database: Database
) -> None:
    await _bring_back(database)
    carrier.lookups = [Accepted("SM1", MessageState.SENT)]
    await queued(night)
    await night.lane(carrier).drain()
    assert (len(carrier.asked), carrier.sent) == (1, [])
    async with database.pool.acquire() as connection:
        await release(connection, send_mail=False)
        assert await quarantine(connection) is None
    await queued(night)
    await night.lane(carrier).drain()
    assert len(carrier.asked) == 1
    assert len(carrier.sent) >= 1


async def test_what_is_due_later_waits_for_its_time_as_before(
    night: Night, carrier: FakeCarrier, database: Database
) -> None:
    await queued(night)
    await database.pool.execute("UPDATE messages SET due_at = now() + interval '1 hour'")
    await _bring_back(database)
    await night.lane(carrier).drain()
    assert (carrier.asked, carrier.sent) == ([], [])
    assert await night.states() == ["queued"]


@pytest.mark.parametrize("send", [True, False], ids=["sent", "dropped"])
async def test_mails_wait_for_a_word_and_those_of_an_accounts_safety_do_not(
    night: Night, database: Database, account_id: str, send: bool
) -> None:
    await night.store.enqueue(
        [
            _mail(MessageKind.RECAP, account_id, "before"),
            _mail(MessageKind.SECURITY, account_id, "safety"),
        ]
    )
    await _bring_back(database)
    await night.store.enqueue(
        [
            _mail(MessageKind.REMINDER, account_id, "again"),
            _mail(MessageKind.SECURITY, account_id, "safety too"),
        ]
    )
    held = await _states(database)
    assert held["before"] == held["again"] == ("queued", True, "restored")
    assert held["safety"] == held["safety too"] == ("queued", False, None)
    async with database.pool.acquire() as connection:
        waiting = await quarantine(connection)
        assert waiting is not None and waiting.mails == 2
        assert await release(connection, send_mail=send) == 2
    after = await _states(database)
    assert after["before"][:2] == (("queued", False) if send else ("cancelled", False))


async def test_who_signs_up_afterwards_gets_mail_at_once(
    night: Night, database: Database, account_id: str
) -> None:
    await _bring_back(database)
    await database.pool.execute(
        "UPDATE accounts SET created_at = now() + interval '1 second' WHERE id = $1", account_id
    )
    await night.store.enqueue([_mail(MessageKind.WELCOME, account_id, "welcome")])
    assert (await _states(database))["welcome"] == ("queued", False, None)

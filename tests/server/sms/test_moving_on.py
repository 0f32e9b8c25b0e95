"""A phone that is one guest's, then the next one's, then another's: who it is stays known."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from rooms.messaging.kinds import MessageKind
from rooms.sms.consent import CONSENT_WORDING_VERSION
from rooms.sms.records import ConsentSource
from storage.accounts.personal_data import PersonalData
from storage.database import Database, open_database
from storage.sms.phones import PostgresPhones
from storage.sms.proofs import PostgresProofs
from tests.contract.harness import new_id
from tests.jobs.messaging.night import FakeCarrier, Night


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(database_url, connections_max=6)
    yield opened
    await opened.close()


async def moved_on(night: Night, times: int) -> list[str]:
    """The one phone of a night is proven to one guest after the other; their attendees."""
    proofs = PostgresProofs(night.pool, new_id)
    chain = [night.attendees[0]]
    for _ in range(times):
        account_id, guest = new_id(), new_id()
        await night.pool.execute(
            "INSERT INTO accounts (id, kind, display_name) VALUES ($1, 'guest', 'App')", account_id
        )
        await night.pool.execute(
            "INSERT INTO attendees (id, show_id, account_id, display_name)"
            " VALUES ($1, $2, $3, 'App')",
            guest,
            night.show_id,
            account_id,
        )
        # As the room's event says it.
        await night.pool.execute(
            "UPDATE attendees SET merged_into = $2 WHERE id = $1", chain[-1], guest
        )
        await proofs.give_phone(
            night.phones[0],
            guest,
            night.show_id,
            language="en",
            wording=CONSENT_WORDING_VERSION,
            source=ConsentSource.APP_CODE,
            now=datetime.now(UTC),
        )
        chain.append(guest)
    return chain


async def test_a_phone_acts_and_is_written_to_as_the_last_one(database: Database) -> None:
    night = await Night(database).open()
    *before, last = await moved_on(night, 4)

    participant = await PostgresPhones(night.pool, new_id).participant(night.show_id, before[0])
    assert participant is not None
    assert participant.participant_id == last
    (recipient,) = await night.audience.page(
        night.show_id, MessageKind.NUDGE, round_id=None, after=None, limit=10
    )
    assert recipient.person_id == last


async def test_what_a_phone_was_sent_is_its_owners_to_take_along(database: Database) -> None:
    night = await Night(database).open()
    await night.broadcast()
    await night.expander().drain()
    await night.lane(FakeCarrier()).drain()
    (message,) = await night.rows()
    owner = await night.pool.fetchval("SELECT account_id FROM phones")

    parts = PersonalData(night.pool).parts(str(owner))
    taken = {name: [row async for row in rows] async for name, rows in parts}
    assert [one["body"] for one in taken["messages"]] == [message["body"]]
    assert taken["mails"] == []

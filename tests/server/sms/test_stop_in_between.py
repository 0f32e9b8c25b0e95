"""STOP holds from when it is kept, also for texts of the phone that are under way by then."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from rooms.sms import replies as say
from rooms.sms.consent import CONSENT_WORDING_VERSION
from rooms.sms.intents import Confirm
from rooms.sms.languages import Language
from rooms.sms.records import ConsentSource, InboundText, PhoneChannel, PhoneKey
from server.rate_limits import RateLimits
from server.secret import Secret
from server.sms.choosing_show import JoinDesk
from server.sms.confirming import ConfirmDesk
from server.sms.opting import OptDesk
from server.sms.secrets import PhoneSecrets
from storage.database import Database, open_database
from storage.sms.phones import PostgresPhones
from storage.sms.proofs import PostgresProofs
from tests.contract.harness import new_id
from tests.jobs.messaging.night import Night

KEY = PhoneKey(
    PhoneChannel.SMS, "+12015550123", hashlib.sha256(b"+12015550123").digest(), "+19255550100"
)


class NoLimits:
    """Everybody may try."""

    async def test(self, *_: Any) -> None:
        pass

    async def hit(self, *_: Any) -> None:
        pass


LIMITS = cast("RateLimits", NoLimits())


def text(body: str) -> InboundText:
    return InboundText(f"SM{new_id()}", KEY, body, datetime.now(UTC))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(database_url, connections_max=4)
    yield opened
    await opened.close()


async def test_a_join_and_a_confirmation_that_were_overtaken_by_a_stop_do_nothing(
    database: Database,
) -> None:
    night = await Night(database).open(phones=0)
    code = night.show_id[-6:].upper()
    phones = PostgresPhones(database.pool, new_id)
    joining = JoinDesk(phones, LIMITS)
    secrets = PhoneSecrets(Secret("of these tests, and long enough to be taken"))
    proofs = PostgresProofs(database.pool, new_id)
    confirming = ConfirmDesk(phones, proofs, secrets, LIMITS, "https://setroom.example")
    first = text(f"JOIN {code}")
    joined = await joining.join(first, await phones.look_up(first), code, Language.EN)
    assert isinstance(joined, str)

    again, confirm = text(f"JOIN {code}"), text("CONFIRM")
    before = await phones.look_up(again)
    assert not before.suppressed
    assert await OptDesk(phones).stop(text("STOP"), Language.EN, ConsentSource.TEXT)
    intent = Confirm(None, "CONFIRM")

    assert await joining.join(again, before, code, Language.EN) == say.StillStopped()
    assert await confirming.confirm(confirm, before, intent, Language.EN) == say.StillStopped()
    row = await night.pool.fetchrow("SELECT state, confirmed_at FROM phone_attendances")
    assert tuple(row) == ("suppressed", None)
    kinds = await night.pool.fetch("SELECT kind, wording_version FROM consents ORDER BY at")
    assert [tuple(one) for one in kinds] == [
        ("join", CONSENT_WORDING_VERSION),
        ("stop", CONSENT_WORDING_VERSION),
    ]

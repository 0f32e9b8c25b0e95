"""What the carrier's lists say of our messages, for admins."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest_asyncio
from litestar import Litestar

from rooms.messaging.reconciling import Comparison, Difference
from storage.messaging.reconciliations import PostgresSentMessages
from tests.server.http import Person, ok, refused

PATH = "/api/operations/reconciliations"
DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def no_comparisons(app: Litestar) -> None:
    await app.state.services.pool.execute("DELETE FROM carrier_reconciliations")


async def compare(app: Litestar, sender: str, day: date = DAY, **changes: Any) -> None:
    values: dict[str, Any] = {
        "ran_at": NOON,
        "listed": 10,
        "matched": 10,
        "mended": 0,
        "absent": 0,
        "foreign": 0,
        "complete": True,
        "differences": (),
    }
    found = Comparison(sender=sender, day=day, **(values | changes))
    await PostgresSentMessages(app.state.services.pool).keep(found)


async def test_the_newest_of_a_day_says_how_things_are_and_all_what_was_mended(
    app: Litestar, admin: Person
) -> None:
    mended = Difference("mended", "SM1", "sent", "delivered")
    wrong = Difference("contradicts", "SM2", "delivered", "failed")
    await compare(app, "+1", mended=2, absent=1, differences=(mended, wrong))
    later = NOON + timedelta(hours=1)
    await compare(app, "+1", ran_at=later, listed=12, mended=1, foreign=1, differences=(wrong,))

    (found,) = ok(await admin.get(PATH))["items"]

    assert found.pop("differences") == [
        {"what": "contradicts", "carrier_id": "SM2", "ours": "delivered", "theirs": "failed"}
    ]
    assert found.pop("ran_at").startswith("2026-11-20T13:00")
    assert found == {
        "sender": "+1",
        "day": "2026-11-20",
        "listed": 12,
        "matched": 10,
        "mended": 3,
        "contradicts": 1,
        "absent": 0,
        "foreign": 1,
        "complete": True,
    }


async def test_days_and_numbers_come_page_by_page(app: Litestar, admin: Person) -> None:
    for back in range(3):
        for sender in ("+1", "whatsapp:+1"):
            await compare(app, sender, DAY - timedelta(days=back))

    seen, cursor = [], ""
    while True:
        page = ok(await admin.get(f"{PATH}?limit=2{cursor}"))
        seen += [(one["day"], one["sender"]) for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == 6
    refused(await admin.get(f"{PATH}?cursor=nonsense"), 422, "validation_failed")

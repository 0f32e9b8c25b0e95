"""What a carrier says of a message: signed, in any order, also before we know its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest

from rooms.messaging.ports import Accepted
from server.messaging.carrier import carrier_of
from tests.contract.harness import new_id
from tests.jobs.messaging.night import SENDER
from tests.server.http import refused
from tests.server.messaging.conftest import Show

PATH = "/webhooks/twilio/status"
RECORDED = Path(__file__).parents[1] / "sandbox" / "data"


async def post(show: Show, form: dict[str, str], query: str = "", **changes: Any) -> httpx.Response:
    settings = show.app.state.services.settings
    address = PATH + (f"?{query}" if query else "")
    signature = show.app.state.services.messaging.signature.sign(
        settings.public_url + address, form
    )
    assert carrier_of(settings) is not None
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": signature,
    } | changes
    return await show.crew.client.post(address, content=urlencode(form), headers=headers)


def said(sid: str, status: str, **more: str) -> dict[str, str]:
    return {"MessageSid": sid, "MessageStatus": status, "AccountSid": "AC", "To": "+1", **more}


async def sent(show: Show, sid: str) -> Any:
    """A message that the carrier took under a name."""
    await show.broadcast()
    await show.expander().drain()
    leased = await show.store.lease(SENDER.address, 10)
    for place, one in enumerate(leased):
        begun = await show.store.begin(one)
        if begun is not None and place == 0:
            await show.store.settle(begun, Accepted(sid), None)
    return leased[0].message_id


async def state_of(show: Show, message_id: str) -> tuple[str, str | None]:
    row = await show.pool.fetchrow("SELECT state, reason FROM messages WHERE id = $1", message_id)
    return row["state"], row["reason"]


async def test_a_message_moves_forward_only(texted: Show) -> None:
    sid = f"SM{new_id()}"
    message_id = await sent(texted, sid)
    for status in ("delivered", "sent", "queued"):
        answer = await post(texted, said(sid, status))
        assert (answer.status_code, answer.content) == (204, b"")

    assert await state_of(texted, message_id) == ("delivered", None)


async def test_an_error_says_why_and_suppresses_where_it_is_for_ever(texted: Show) -> None:
    sid = f"SM{new_id()}"
    message_id = await sent(texted, sid)
    await post(texted, said(sid, "undelivered", ErrorCode="30005"))

    assert await state_of(texted, message_id) == ("failed", "number_unknown")
    state = await texted.pool.fetchval(
        "SELECT pa.state FROM messages m JOIN phone_attendances pa ON pa.phone_id = m.phone_id"
        " WHERE m.id = $1",
        message_id,
    )
    assert state == "suppressed"


async def test_the_address_says_which_message_it_is(texted: Show) -> None:
    await texted.broadcast()
    await texted.expander().drain()
    (first, *_) = await texted.rows()
    sid = f"SM{new_id()}"
    await post(texted, said(sid, "sent"), f"message={first['id']}")

    assert (await state_of(texted, first["id"]))[0] == "sent"


async def test_what_nobody_knows_yet_is_kept(texted: Show) -> None:
    sid = f"SM{new_id()}"
    for query in ("", "message=nonsense", f"message={new_id()}"):
        assert (await post(texted, said(sid, "sent"), query)).status_code == 204

    kept = await texted.pool.fetchval(
        "SELECT count(*) FROM carrier_callbacks WHERE carrier_id = $1", sid
    )
    assert kept == 1


@pytest.mark.parametrize("name", ["delivered", "sent"])
async def test_recorded_callbacks_are_taken(texted: Show, name: str) -> None:
    raw = (RECORDED / f"status-callback.{name}.whatsapp.form.txt").read_text().strip()
    form = dict(parse_qsl(raw, keep_blank_values=True))

    assert (await post(texted, form)).status_code == 204
    kept = await texted.pool.fetchval(
        "SELECT status FROM carrier_callbacks WHERE carrier_id = $1", form["MessageSid"]
    )
    assert kept == name


async def test_a_code_that_is_none_says_only_that_it_failed(texted: Show) -> None:
    for number, code in enumerate(("9" * 400, "x", "-1", "٣٠٠٠٥")):
        sid = f"SM{new_id()}"
        query = f"message={new_id()}" if number % 2 else ""
        assert (await post(texted, said(sid, "failed", ErrorCode=code), query)).status_code == 204
        kept = await texted.pool.fetchrow(
            "SELECT status, error_code FROM carrier_callbacks WHERE carrier_id = $1", sid
        )
        assert tuple(kept) == ("failed", None)


@pytest.mark.parametrize(
    "form", [{}, said("", "sent"), said("SM1", ""), said("S" * 65, "sent"), said("SM\0", "sent")]
)
async def test_what_says_nothing_is_passed_over(texted: Show, form: dict[str, str]) -> None:
    assert (await post(texted, form)).status_code == 204


async def test_nobody_else_may_say_so(texted: Show) -> None:
    forged = await post(texted, said("SM1", "sent"), **{"X-Twilio-Signature": "AAAA"})

    refused(forged, 403, "invalid_signature")

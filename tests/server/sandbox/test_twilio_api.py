"""The sandbox answers as Twilio's API does: to its description, its recordings and its SDK."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from tests.server.sandbox.bodies import MESSAGE, faults, recorded
from tests.server.sandbox.conftest import Carried

PHONE = "+12125550123"
SENDER = "+12015550100"


@pytest.mark.parametrize("name", ["messages-create.json", "messages-sid.json"])
def test_the_description_holds_for_what_was_recorded(name: str) -> None:
    assert faults(recorded(name), MESSAGE) == []


async def send(carried: Carried, **form: str) -> Any:
    values = {"To": PHONE, "From": SENDER, "Body": "Doors at seven."} | form
    return await carried.api("POST", "/Messages.json", data=values)


async def test_a_new_message_has_the_recorded_fields_and_is_queued(carried: Carried) -> None:
    answer = await send(carried)
    body = answer.json()
    like = recorded("messages-create.json")
    assert answer.status_code == 201
    assert faults(body, MESSAGE) == []
    assert list(body) == list(like)
    said = {name: body[name] for name in ("direction", "status", "num_segments", "date_sent")}
    assert said == {name: like[name] for name in said}
    assert (body["to"], body["from"], body["body"]) == (PHONE, SENDER, "Doors at seven.")
    assert body["uri"].endswith(f"/Messages/{body['sid']}.json")


async def test_a_message_can_be_looked_up_by_its_sid_in_every_state(carried: Carried) -> None:
    made = (await send(carried)).json()
    found = (await carried.api("GET", f"/Messages/{made['sid']}.json")).json()
    assert found == made
    await carried.deliver()
    gone = (await carried.api("GET", f"/Messages/{made['sid']}.json")).json()
    assert faults(gone, MESSAGE) == []
    assert (gone["status"], gone["error_code"]) == ("undelivered", 30005)  # nobody's number
    assert parsedate_to_datetime(gone["date_sent"]) >= parsedate_to_datetime(made["date_created"])


async def test_the_list_is_narrowed_and_goes_on_page_by_page(carried: Carried) -> None:
    for number in range(5):
        await send(carried, Body=f"Number {number}")
    await send(carried, To="+12125550199", Body="Somebody else")
    await carried.deliver()
    query: dict[str, Any] = {"To": PHONE, "From": SENDER, "PageSize": 2}
    since = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    path: str | None = "/Messages.json?" + urlencode(query | {"DateSent>": since})
    bodies, pages = [], 0
    while path:
        page = (await carried.api("GET", path)).json()
        assert faults(page, "list") == []
        bodies += [message["body"] for message in page["messages"]]
        path = page["next_page_uri"]
        path = path.partition(carried.sandbox.account_sid)[2] if path else None
        pages += 1
    assert bodies == [f"Number {number}" for number in reversed(range(5))]
    assert pages == 3
    later = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    none = await carried.api("GET", "/Messages.json?" + urlencode(query | {"DateSent>": later}))
    assert none.json()["messages"] == []


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"To": ""}, 21604),
        ({"To": "12"}, 21211),
        ({"Body": " "}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"From": ""}, 21603),
        ({"From": "+12125550111"}, 21606),
        ({"From": f"whatsapp:{SENDER}"}, 21910),
    ],
)
async def test_what_twilio_refuses_is_refused_with_its_codes(
    carried: Carried, form: dict[str, str], code: int
) -> None:
    answer = await send(carried, **form)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert set(answer.json()) == {"code", "message", "more_info", "status"}


async def test_without_the_token_nothing_is_answered(carried: Carried) -> None:
    path = f"/sandbox/twilio/2010-04-01/Accounts/{carried.sandbox.account_sid}/Messages.json"
    async with carried.client() as client:
        for auth in (None, (carried.sandbox.account_sid, "wrong"), ("", "")):
            answer = await client.get(path, auth=auth) if auth else await client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (401, 20003)
            assert answer.headers["www-authenticate"].startswith("Basic")


async def test_another_account_has_nothing_here(carried: Carried) -> None:
    token = carried.sandbox.auth_token.reveal()
    path = f"/sandbox/twilio/2010-04-01/Accounts/AC{'0' * 32}/Messages.json"
    async with carried.client() as client:
        answer = await client.get(path, auth=(carried.sandbox.account_sid, token))
    assert (answer.status_code, answer.json()["code"]) == (404, 20404)
    assert (await carried.api("GET", "/Messages/SM00.json")).json()["code"] == 20404


async def test_where_no_sandbox_carries_texts_there_is_nothing(carried: Carried) -> None:
    carried.app.state.services.sandbox = None
    answer = await send(carried)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_address")


class InProcess(AsyncHttpClient):
    """Carries the SDK's calls to a node in this process."""

    def __init__(self, carried: Carried) -> None:
        super().__init__(logging.getLogger(__name__), True)
        self._carried = carried

    async def request(self, method: str, url: str, **options: Any) -> Response:
        async with self._carried.client() as client:
            answer = await client.request(
                method,
                url.replace("https://api.twilio.com", "http://setroom.test/sandbox/twilio"),
                params=options.get("params"),
                data=options.get("data"),
                headers=options.get("headers"),
                auth=options.get("auth"),
            )
        return Response(answer.status_code, answer.text, answer.headers)


async def test_twilios_own_sdk_sends_reads_lists_and_is_refused(carried: Carried) -> None:
    client = Client(
        carried.sandbox.account_sid,
        carried.sandbox.auth_token.reveal(),
        http_client=InProcess(carried),
    )
    made = await client.messages.create_async(to=PHONE, from_=SENDER, body="¿Listos? 🎶")
    assert (made.status, made.num_segments, made.error_code) == ("queued", "1", None)
    assert made.date_created is not None
    await carried.deliver()
    assert (await client.messages(made.sid).fetch_async()).status == "undelivered"
    listed = await client.messages.list_async(to=PHONE, from_=SENDER, page_size=1)
    assert [message.sid for message in listed] == [made.sid]
    with pytest.raises(TwilioRestException) as refused:
        await client.messages.create_async(to="+1", from_=SENDER, body="Hello")
    assert (refused.value.status, refused.value.code) == (400, 21211)

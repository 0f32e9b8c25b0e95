"""Simulated phones: what they send reaches the webhook as Twilio's own, and the answer them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from twilio.request_validator import RequestValidator

from server.sandbox.webhooks import Answer
from tests.server.http import Person, made, ok
from tests.server.sandbox.bodies import recorded_form
from tests.server.sandbox.conftest import TWIML, Carried

WEBHOOK = "/webhooks/twilio/sms"


async def add(person: Person, **body: Any) -> dict[str, Any]:
    page = made(await person.post("/api/sandbox/phones", {"name": "Ann"} | body))
    phone: dict[str, Any] = page["items"][0]
    return phone


async def text(person: Person, phone: dict[str, Any], body: str) -> dict[str, Any]:
    said: dict[str, Any] = made(
        await person.post(f"/api/sandbox/phones/{phone['id']}/texts", {"body": body})
    )
    return said


async def test_a_text_is_posted_signed_with_the_fields_that_were_recorded(
    carried: Carried, trier: Person
) -> None:
    phone = await add(trier, country="US")
    said = await text(trier, phone, "JOIN ABC234")
    [(path, form, headers)] = carried.doors.posted
    assert path == WEBHOOK
    assert set(form) == set(recorded_form("inbound-sms.us.form.txt"))
    assert (form["From"], form["To"], form["Body"]) == (
        phone["number"],
        "+12015550100",
        "JOIN ABC234",
    )
    assert form["FromCountry"] == "US"
    assert form["FromState"]
    assert form["MessageSid"] == said["text"]["id"]
    validator = RequestValidator(carried.sandbox.auth_token.reveal())
    address = carried.settings.public_url + WEBHOOK
    assert validator.validate(address, form, headers["X-Twilio-Signature"])


async def test_a_whatsapp_phone_writes_as_it_was_recorded(carried: Carried, trier: Person) -> None:
    phone = await add(trier, country="DE", channel="whatsapp")
    await text(trier, phone, "test")
    [(_, form, _)] = carried.doors.posted
    assert set(form) == set(recorded_form("inbound-message.text.whatsapp.form.txt"))
    assert form["From"] == f"whatsapp:{phone['number']}"
    assert form["To"].startswith("whatsapp:+")


async def test_what_is_answered_comes_to_the_phone_and_is_delivered(
    carried: Carried, trier: Person
) -> None:
    phone = await add(trier)
    start = ok(await trier.get("/api/sandbox/phones"))["version"]
    said = await text(trier, phone, "1")
    assert [(reply["body"], reply["status"]) for reply in said["replies"]] == [
        ("Welcome!", "queued")
    ]
    assert said["replies"][0]["answers"] == said["text"]["id"]
    await carried.deliver()
    changes = ok(await trier.get(f"/api/sandbox/messages?after={start}"))
    last = {item["id"]: (item["direction"], item["status"]) for item in changes["items"]}
    assert sorted(last.values()) == [("inbound", "received"), ("outbound-reply", "delivered")]
    again = ok(await trier.get(f"/api/sandbox/messages?after={changes['next']}"))
    assert again == {"items": [], "next": changes["next"]}


async def test_a_webhook_that_fails_is_called_once_more(carried: Carried, trier: Person) -> None:
    phone = await add(trier)
    carried.doors.answers = [Answer(503, b""), Answer(200, TWIML)]
    said = await text(trier, phone, "1")
    first, second = carried.doors.posted
    assert first[1] == second[1]
    assert said["text"]["error_code"] is None
    assert len(said["replies"]) == 1


@pytest.mark.parametrize(
    ("answers", "calls", "code"),
    [
        ([Answer(500, b""), OSError("refused")], 2, 11200),
        ([TimeoutError(), TimeoutError()], 2, 11200),
        ([Answer(403, b"")], 1, 11200),
        ([Answer(200, b"<html>")], 1, 12100),
        ([Answer(200, b"<!DOCTYPE x [<!ENTITY a 'b'>]><Response/>")], 1, 12100),
    ],
)
async def test_no_answer_is_said_on_the_phone(
    carried: Carried, trier: Person, answers: list[Any], calls: int, code: int
) -> None:
    phone = await add(trier)
    carried.doors.answers = answers
    said = await text(trier, phone, "1")
    assert len(carried.doors.posted) == calls
    assert (said["text"]["error_code"], said["replies"]) == (code, [])


@pytest.mark.parametrize(
    "twiml", [b"<Response/>", b"", b"<Response><Message> </Message></Response>"]
)
async def test_an_empty_answer_is_an_answer(carried: Carried, trier: Person, twiml: bytes) -> None:
    phone = await add(trier)
    carried.doors.answers = [Answer(200, twiml)]
    said = await text(trier, phone, "1")
    assert (said["text"]["error_code"], said["replies"]) == (None, [])


async def test_statuses_are_called_back_signed_and_in_order(
    carried: Carried, trier: Person
) -> None:
    callback = f"{carried.settings.public_url}/webhooks/twilio/status?message=7"
    validator = RequestValidator(carried.sandbox.auth_token.reveal())
    for channel, sender in (("sms", "+12015550100"), ("whatsapp", "whatsapp:+12015550100")):
        phone = await add(trier, channel=channel)
        to = phone["number"] if channel == "sms" else f"whatsapp:{phone['number']}"
        form = {"To": to, "From": sender, "Body": "Results", "StatusCallback": callback}
        sid = (await carried.api("POST", "/Messages.json", data=form)).json()["sid"]
        await carried.deliver()
        told, carried.doors.posted = carried.doors.posted, []
        assert [form["MessageStatus"] for _, form, _ in told] == ["sent", "delivered"]
        for path, form, headers in told:
            assert path == "/webhooks/twilio/status?message=7"
            assert form["MessageSid"] == sid
            assert validator.validate(callback, form, headers["X-Twilio-Signature"])
        if channel == "whatsapp":
            for (_, form, _), name in zip(told, ("sent", "delivered"), strict=True):
                like = recorded_form(f"status-callback.{name}.whatsapp.form.txt")
                assert set(like) - set(form) == {"ChannelInstallSid"}  # an id of Twilio's own


async def test_callbacks_go_to_this_site_alone(carried: Carried, trier: Person) -> None:
    phone = await add(trier)
    for elsewhere in ("http://169.254.169.254/x", carried.settings.public_url + ".example/x"):
        form = {"To": phone["number"], "From": "+12015550100", "Body": "x"}
        form["StatusCallback"] = elsewhere
        assert (await carried.api("POST", "/Messages.json", data=form)).status_code == 201
    await carried.deliver()
    assert carried.doors.posted == []


async def test_a_phone_that_is_switched_off_gets_nothing_and_sends_nothing(
    carried: Carried, trier: Person
) -> None:
    phone = await add(trier)
    ok(await trier.put(f"/api/sandbox/phones/{phone['id']}", {"switched_off": True}))
    refused = await trier.post(f"/api/sandbox/phones/{phone['id']}/texts", {"body": "1"})
    assert (refused.status_code, refused.json()["code"]) == (409, "phone_off")
    form = {"To": phone["number"], "From": "+12015550100", "Body": "Results"}
    sid = (await carried.api("POST", "/Messages.json", data=form)).json()["sid"]
    await carried.deliver()
    found = (await carried.api("GET", f"/Messages/{sid}.json")).json()
    assert (found["status"], found["error_code"]) == ("undelivered", 30003)


async def test_a_carrier_that_answers_stop_itself_says_so_and_refuses_to_send(
    carried: Carried, trier: Person
) -> None:
    phone = await add(trier)
    ok(await trier.put(f"/api/sandbox/phones/{phone['id']}", {"carrier_opt_out": True}))
    carried.doors.answers = [Answer(200, b"<Response/>")] * 3
    said = await text(trier, phone, " stop ")
    assert carried.doors.posted[-1][1]["OptOutType"] == "STOP"
    assert "unsubscribed" in said["replies"][0]["body"]
    form = {"To": phone["number"], "From": "+12015550100", "Body": "Results"}
    refused = await carried.api("POST", "/Messages.json", data=form)
    assert (refused.status_code, refused.json()["code"]) == (400, 21610)
    await text(trier, phone, "UNSTOP")
    assert (await carried.api("POST", "/Messages.json", data=form)).status_code == 201
    await text(trier, phone, "2")
    assert "OptOutType" not in carried.doors.posted[-1][1]


async def test_a_text_that_is_said_twice_is_sent_once(carried: Carried, trier: Person) -> None:
    phone = await add(trier)
    path = f"/api/sandbox/phones/{phone['id']}/texts"
    key = {"Idempotency-Key": "the same text"}
    first = made(await trier.post(path, {"body": "1"}, headers=key))
    assert made(await trier.post(path, {"body": "1"}, headers=key)) == first
    assert len(carried.doors.posted) == 1


async def test_numbers_are_kept_for_fiction_and_nobody_has_one_twice(trier: Person) -> None:
    page = made(await trier.post("/api/sandbox/phones", {"name": "Fan", "count": 12}))
    numbers = {phone["number"] for phone in page["items"]}
    assert len(numbers) == 12
    assert all(number[5:10] == "55501" for number in numbers)
    full = await trier.post("/api/sandbox/phones", {"name": "One more"})
    assert (full.status_code, full.json()["code"]) == (409, "too_many_phones")
    crowd = {"name": "Crowd", "count": 100, "crowd": True}
    assert len(made(await trier.post("/api/sandbox/phones", crowd))["items"]) == 100
    ok(await trier.call("DELETE", "/api/sandbox/crowd"), 204)
    assert len(ok(await trier.get("/api/sandbox/phones"))["items"]) == 12


async def test_phones_are_their_owners_alone(carried: Carried, trier: Person) -> None:
    phone = await add(trier)
    other = await trier.signed_up(role="artist")
    assert ok(await other.get("/api/sandbox/phones"))["items"] == []
    for method, path, body in (
        ("GET", f"/api/sandbox/phones/{phone['id']}/messages", None),
        ("POST", f"/api/sandbox/phones/{phone['id']}/texts", {"body": "1"}),
        ("PUT", f"/api/sandbox/phones/{phone['id']}", {"switched_off": True}),
        ("DELETE", f"/api/sandbox/phones/{phone['id']}", None),
    ):
        answer = await other.call(method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_phone")
    assert carried.doors.posted == []


async def test_fans_and_guests_have_no_phones_to_try_and_crews_have(trier: Person) -> None:
    guest = await trier.as_guest()
    fan = await trier.signed_up(role="fan")
    for person in (guest, fan):
        answer = await person.get("/api/sandbox/phones")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    show = await trier.show()
    crew = {"members": [{"role": "moderator", "email": fan.email}]}
    ok(await trier.put(f"/api/shows/{show['id']}/crew", crew))
    ok(await fan.get("/api/sandbox/phones"))


async def test_texts_of_a_phone_come_page_by_page_and_are_bounded(trier: Person) -> None:
    phone = await add(trier)
    for number in range(3):
        await text(trier, phone, str(number))
    path = f"/api/sandbox/phones/{phone['id']}/messages?limit=4"
    first = ok(await trier.get(path))
    rest = ok(await trier.get(f"{path}&cursor={first['next_cursor']}"))
    bodies = [item["body"] for item in first["items"] + rest["items"]]
    assert [body for body in bodies if body != "Welcome!"] == ["2", "1", "0"]
    assert rest["next_cursor"] is None


async def test_what_waits_is_told_as_soon_as_it_happens(trier: Person) -> None:
    phone = await add(trier)
    start = ok(await trier.get("/api/sandbox/phones"))["version"]
    waiting = asyncio.create_task(trier.get(f"/api/sandbox/messages?after={start}&wait_s=25"))
    await text(trier, phone, "1")
    assert ok(await waiting)["items"][0]["body"] == "1"


async def test_where_no_sandbox_carries_texts_there_are_no_phones(artist: Person) -> None:
    answer = await artist.get("/api/sandbox/phones")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_address")

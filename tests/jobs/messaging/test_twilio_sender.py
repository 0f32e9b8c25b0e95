"""The carrier's adapter through the real SDK, against a service that answers as recorded."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import msgspec
import pytest
from aiohttp import encode_basic_auth, web
from jsonschema import Draft202012Validator

from jobs.messaging import twilio_http
from jobs.messaging.twilio_http import CarrierHttp
from jobs.messaging.twilio_sender import TwilioSender
from rooms import limits
from rooms.messaging.kinds import Channel, MessageKind
from rooms.messaging.ports import Accepted, LeasedMessage, NotFound, Permanent, Temporary, Unknown
from rooms.messaging.states import MessageState
from tests.server.sandbox.bodies import DATA, recorded

ACCOUNT, TOKEN = "AC" + "0" * 32, "the token"
CALLBACK = "https://setroom.example/webhooks/twilio/status"
SCHEMA = msgspec.json.decode(
    (DATA.parents[2] / "jobs/messaging/data/create_message.schema.json").read_bytes()
)
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
Answer = Callable[[web.Request], Any]


class Service:
    """Answers as it is told to; keeps what it was asked."""

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []
        self.queries: list[dict[str, str]] = []
        self.answer: Answer = lambda _: web.json_response(
            recorded("messages-create.json"), status=201
        )
        self.listed: list[list[dict[str, Any]]] = [[]]
        self.url = ""

    async def create(self, request: web.Request) -> web.StreamResponse:
        assert request.headers["Authorization"] == encode_basic_auth(ACCOUNT, TOKEN)
        form = await request.post()
        self.forms.append({name: str(value) for name, value in form.items()})
        answer = self.answer(request)
        return await answer if asyncio.iscoroutine(answer) else answer

    async def list(self, request: web.Request) -> web.Response:
        self.queries.append(dict(request.query))
        page = int(request.query.get("Page", "0"))
        more = page + 1 < len(self.listed)
        return web.json_response(
            {
                "messages": self.listed[page],
                "page": page,
                "page_size": 50,
                "next_page_uri": f"{PATH}?Page={page + 1}" if more else None,
            }
        )


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    service = Service()
    app = web.Application()
    app.router.add_post("/proxy" + PATH, service.create)
    app.router.add_get("/proxy" + PATH, service.list)
    # What is still being answered at the end is meant never to be.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    service.url = f"http://127.0.0.1:{runner.addresses[0][1]}/proxy"
    yield service
    await runner.cleanup()


@pytest.fixture
async def sender(service: Service) -> AsyncIterator[TwilioSender]:
    http = CarrierHttp(service.url)
    yield TwilioSender(ACCOUNT, TOKEN, http, CALLBACK)
    await http.close()


def message(**changes: Any) -> LeasedMessage:
    now = datetime.now(UTC)
    values: dict[str, Any] = {
        "message_id": "0198c0de-0000-7000-8000-000000000001",
        "lease": 1,
        "kind": MessageKind.NUDGE,
        "channel": Channel.SMS,
        "sender": "+19255550100",
        "language": "en",
        "state": MessageState.SENDING,
        "attempts": 1,
        "address": "+12015550123",
        "body": "Setroom: Encore? is open. ¿Sí?",
        "payload": None,
        "segments": 1,
        "created_at": now,
        "due_at": now,
        "handed_at": now,
    }
    return LeasedMessage(**(values | changes))


class NobodyKnown:
    def __init__(self, *known: str) -> None:
        self.known = frozenset(known)

    async def of(self, carrier_ids: Any) -> frozenset[str]:
        return self.known & set(carrier_ids)


async def test_what_is_sent_is_what_the_description_asks_for(
    service: Service, sender: TwilioSender, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    outcome = await sender.send(message())
    (form,) = service.forms

    assert outcome == Accepted(recorded("messages-create.json")["sid"])
    assert list(Draft202012Validator(SCHEMA).iter_errors(form)) == []
    assert form == {
        "To": "+12015550123",
        "From": "+19255550100",
        "Body": "Setroom: Encore? is open. ¿Sí?",
        "StatusCallback": f"{CALLBACK}?message=0198c0de-0000-7000-8000-000000000001",
    }
    assert "2015550123" not in caplog.text, "the SDK's own client logs numbers"


async def test_whatsapp_is_addressed_as_such(service: Service, sender: TwilioSender) -> None:
    await sender.send(message(channel=Channel.WHATSAPP, sender="whatsapp:+19255550100"))

    assert service.forms[0]["To"] == "whatsapp:+12015550123"


def problem(status: int, code: int | None, **headers: str) -> Answer:
    body = {"code": code, "message": "The 'To' number +12015550123 …", "status": status}
    return lambda _: web.json_response(body, status=status, headers=headers)


SID = recorded("messages-create.json")["sid"]
DEAD = recorded("messages-create.json") | {"status": "failed", "error_code": 30006}
BUSY = problem(429, 20429, **{"Retry-After": "7"})


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (problem(400, 21610), Permanent("opted_out", "21610", True, True)),
        (problem(400, 21211), Permanent("invalid_number", "21211", True)),
        (BUSY, Temporary("carrier_busy", "20429", 7.0, True)),
        (problem(401, 20003), Temporary("credentials_refused", "20003", None, True)),
        # Whatever stands before the API may have passed the message on.
        (problem(500, 20500), Unknown("carrier_unavailable")),
        (lambda _: web.Response(status=502, text="<html>"), Unknown("carrier_unavailable")),
        (lambda _: web.Response(status=201, text="taken!"), Unknown("carrier_unreachable")),
        (lambda _: web.json_response({}, status=201), Unknown("carrier_answer_unreadable")),
        (
            lambda _: web.json_response(DEAD, status=201),
            Accepted(SID, MessageState.FAILED, "not_a_mobile", "30006", True),
        ),
    ],
)
async def test_each_answer_is_understood(
    service: Service, sender: TwilioSender, answer: Answer, expected: Any
) -> None:
    service.answer = answer

    assert await sender.send(message()) == expected


async def test_an_answer_that_is_cut_off_leaves_it_unknown(
    service: Service, sender: TwilioSender
) -> None:
    def cut(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    service.answer = cut

    assert await sender.send(message()) == Unknown("carrier_unreachable")
    assert len(service.forms) == 1, "nobody may repeat it by themselves"


async def test_an_answer_that_does_not_come_or_does_not_end_leaves_it_unknown(
    service: Service, sender: TwilioSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CARRIER_TIMEOUT_S", 0.2)
    monkeypatch.setattr(limits, "CARRIER_ANSWER_BYTES_MAX", 1_000)

    async def never(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    service.answer = never
    assert await sender.send(message()) == Unknown("carrier_unreachable")
    service.answer = lambda _: web.Response(status=201, text="x" * 2_000)
    assert await sender.send(message()) == Unknown("carrier_unreachable")


async def test_a_carrier_that_is_not_there_has_not_got_it() -> None:
    http = CarrierHttp("http://127.0.0.1:1")
    outcome = await TwilioSender(ACCOUNT, TOKEN, http, None).send(message())
    await http.close()

    assert outcome == Temporary("carrier_unreachable", sender_wide=True)


async def test_a_lost_message_is_found_by_number_text_and_time(
    service: Service, sender: TwilioSender
) -> None:
    lost = message()

    def listed(sid: str, **changes: Any) -> dict[str, Any]:
        created = format_datetime(datetime.now(UTC))
        values = {"sid": sid, "body": lost.body, "date_created": created, "status": "sent"}
        return recorded("messages-create.json") | values | changes

    long_ago = format_datetime(datetime.now(UTC) - timedelta(hours=1))
    service.listed = [
        [
            listed("SM" + "1" * 32, body="another"),
            listed("SM" + "2" * 32, date_created=long_ago),
            listed("SM" + "3" * 32),
        ]
    ]
    third = NobodyKnown("SM" + "3" * 32)
    assert await sender.look_up(lost, third) == NotFound(), "it is another message of ours"

    service.listed[0].append(listed("SM" + "4" * 32, status="delivered"))
    found = await sender.look_up(lost, third)
    assert found == Accepted("SM" + "4" * 32, MessageState.DELIVERED)
    assert service.queries[-1]["To"] == "+12015550123"
    assert service.queries[-1]["From"] == "+19255550100"


async def test_a_lookup_that_fails_decides_nothing(sender: TwilioSender, service: Service) -> None:
    service.listed = [[{"no": "message"}]]

    unreadable = Temporary("carrier_answer_unreadable")
    assert await sender.look_up(message(), NobodyKnown()) == unreadable
    http = CarrierHttp("http://127.0.0.1:1")
    away = TwilioSender(ACCOUNT, TOKEN, http, None)
    assert await away.look_up(message(), NobodyKnown()) == Temporary("carrier_unreachable")
    await http.close()


async def test_a_days_list_is_read_to_its_end_without_replies(
    service: Service, sender: TwilioSender
) -> None:
    one = recorded("messages-create.json")
    reply = recorded("messages-sid.json")
    assert reply["direction"] == "outbound-reply"
    service.listed = [[one, reply], [one | {"sid": "SM" + "9" * 32, "status": "undelivered"}]]
    day = datetime(2027, 5, 8, 12, tzinfo=UTC)
    pages = [page async for page in sender.sent_on("+19255550100", day)]

    assert [[listed.status for listed in page] for page in pages] == [["queued"], ["undelivered"]]
    asked = service.queries[0]
    assert (asked["DateSent>"], asked["DateSent<"]) == (
        "2027-05-08T00:00:00Z",
        "2027-05-09T00:00:00Z",
    )
    assert twilio_http.SDK_ADDRESS not in str(service.queries)

"""What a node counts of texts."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from rooms.sms.grammar import parse
from server.security.headers import fixed_headers, response_headers
from server.sms.metrics import SmsMetrics
from server.sms.webhook import Refusals


def test_texts_are_counted_by_what_they_ask_for() -> None:
    registry = CollectorRegistry()
    metrics = SmsMetrics(registry)
    for body in ("JOIN K7Q2MX", "2", "3", "STOP"):
        metrics.text(parse(body))
    counted = {
        intent: registry.get_sample_value("setroom_sms_texts_total", {"intent": intent})
        for intent in ("join", "vote", "stop", "help")
    }
    assert counted == {"join": 1, "vote": 2, "stop": 1, "help": None}


def test_a_flood_of_forged_webhooks_is_a_line_a_second_that_says_how_many() -> None:
    refusals = Refusals()
    with capture_logs() as lines:
        for at in (10.0, 10.1, 10.5, 11.1, 11.2):
            refusals.tell(at, "no_match")
    assert [(line["event"], line["count"]) for line in lines] == [
        ("webhook_refused", 1),
        ("webhook_refused", 3),
    ]


@pytest.mark.parametrize("https", [False, True])
async def test_the_front_says_what_the_framework_would_say(https: bool) -> None:
    scope = {"type": "http", "path": "/webhooks/twilio/sms", "state": {"request_id": "one"}}
    message = {"type": "http.response.start", "headers": [(b"content-type", b"text/xml")]}
    completed = response_headers(https=https)(message, scope)  # type: ignore[arg-type]
    assert completed is not None
    await completed
    said = {name.lower(): value for name, value in message["headers"]}  # type: ignore[attr-defined]
    del said[b"content-type"], said[b"x-request-id"]
    assert said == dict(fixed_headers("text/xml", https=https))

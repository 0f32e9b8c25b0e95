"""A carrier from outside: signs webhooks as Twilio's documentation says, with nothing of ours."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import os
from typing import Final
from urllib.parse import urlencode
from xml.etree import ElementTree

import httpx

from tests.browser.site import Site

ACCOUNT: Final = "AC" + "0" * 32
TOKEN: Final = "the carrier's token of these tests"
NUMBER: Final = "925550"
WHATSAPP: Final = "whatsapp:+14123456789"
SETTINGS: Final = {
    "SETROOM_SMS": "twilio",
    "SETROOM_TWILIO_ACCOUNT_SID": ACCOUNT,
    "SETROOM_TWILIO_AUTH_TOKEN": TOKEN,
    "SETROOM_SMS_NUMBER": NUMBER,
    # Tests text faster than people: a slower number would be too busy for receipts.
    "SETROOM_SMS_NUMBER_TYPE": "short_code",
    "SETROOM_WHATSAPP_NUMBER": "+14123456789",
    "SETROOM_TWILIO_BASE_URL": "http://127.0.0.1:9",
}
PATH: Final = "/webhooks/twilio/sms"

_numbers = itertools.count(1)


def new_sid() -> str:
    """A MessageSid that was never seen."""
    return f"SM{os.getpid():08x}{next(_numbers):024x}"


def signed(url: str, form: list[tuple[str, str]], token: str = TOKEN) -> str:
    """``X-Twilio-Signature`` over an address and a form."""
    whole = url + "".join(name + value for name, value in sorted(set(form)))
    digest = hmac.new(token.encode(), whole.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def post_form(
    site: Site, form: list[tuple[str, str]], *, public_url: str = "", query: str = ""
) -> httpx.Response:
    """A signed webhook."""
    address = PATH + (f"?{query}" if query else "")
    return site.client.post(
        address,
        content=urlencode(form),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": signed((public_url or site.url) + address, form),
        },
    )


def messages_in(answer: httpx.Response) -> list[str]:
    """What a TwiML document sends."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/xml")
    document = ElementTree.fromstring(answer.content)
    assert document.tag == "Response"
    assert all(child.tag == "Message" for child in document)
    return [child.text or "" for child in document]


class Phone:
    """Somebody who texts."""

    def __init__(self, site: Site, number: str | None = None, *, whatsapp: bool = False) -> None:
        self.site = site
        self.number = number or f"+1201555{next(_numbers) % 10_000:04d}"
        self.whatsapp = whatsapp

    def form(self, body: str, sid: str | None = None, **more: str) -> list[tuple[str, str]]:
        """The parameters of one text."""
        prefix = "whatsapp:" if self.whatsapp else ""
        to = WHATSAPP if self.whatsapp else NUMBER
        fields = {
            "ToCountry": "US",
            "FromCity": "",
            "NumMedia": "0",
            "Body": body,
            "To": to,
            "MessageSid": sid or new_sid(),
            "AccountSid": ACCOUNT,
            "From": prefix + self.number,
            "ApiVersion": "2010-04-01",
        }
        return list((fields | more).items())

    def send(
        self, body: str, sid: str | None = None, *, at: Site | None = None, **more: str
    ) -> httpx.Response:
        """Texts, by way of a node; the answer as it came."""
        return post_form(at or self.site, self.form(body, sid, **more), public_url=self.site.url)

    def text(self, body: str, sid: str | None = None, **more: str) -> str:
        """Texts; the one message that is answered, or nothing."""
        answers = messages_in(self.send(body, sid, **more))
        assert len(answers) <= 1, answers
        return answers[0] if answers else ""

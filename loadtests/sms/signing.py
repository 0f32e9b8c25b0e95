"""Twilio's side of the contract: settings, numbers, forms and signatures.

Written from Twilio's documentation (https://www.twilio.com/docs/usage/security), with nothing of
the server's, so that both cannot be wrong in the same way.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

ACCOUNT: Final = "AC" + "5" * 32
TOKEN: Final = "the carrier's token of the load tests"
NUMBER: Final = "92555"
"""A short code: a hundred messages a second."""
PUBLIC_URL: Final = "https://shows.load.example"
INBOUND: Final = "/webhooks/twilio/sms"
SIGNATURE: Final = "X-Twilio-Signature"
_AREAS: Final = [area for area in range(201, 990) if area % 100 != 11 and area // 10 % 10 != 9]
_FICTIONAL: Final = 100
"""555-0100 to 555-0199 of every area belong to nobody."""


def settings(carrier_url: str) -> dict[str, str]:
    """Variables of a node whose carrier is this one."""
    return {
        "SETROOM_SMS": "twilio",
        "SETROOM_TWILIO_ACCOUNT_SID": ACCOUNT,
        "SETROOM_TWILIO_AUTH_TOKEN": TOKEN,
        "SETROOM_TWILIO_BASE_URL": carrier_url,
        "SETROOM_SMS_NUMBER": NUMBER,
        "SETROOM_SMS_NUMBER_TYPE": "short_code",
        "SETROOM_PUBLIC_URL": PUBLIC_URL,
    }


def number_of(phone: int) -> str:
    """The number (E.164) of the nth phone, from 0; beyond 60,000 there are no more."""
    area, line = divmod(phone, _FICTIONAL)
    return f"+1{_AREAS[area]}555{_FICTIONAL + line:04d}"


def inbound_form(sid: str, sender: str, body: str) -> dict[str, str]:
    """The parameters of a text, blank ones included, as they were recorded of a real one."""
    return {
        "ToCountry": "US",
        "ToState": "CA",
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "ToCity": "",
        "FromZip": "",
        "SmsSid": sid,
        "FromState": "CA",
        "SmsStatus": "received",
        "FromCity": "",
        "Body": body,
        "FromCountry": "US",
        "To": NUMBER,
        "ToZip": "",
        "NumSegments": "1",
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": sender,
        "ApiVersion": "2010-04-01",
    }


def signature(address: str, form: Mapping[str, str], token: str = TOKEN) -> str:
    """Base64 of HMAC-SHA1 over the address and the sorted parameters."""
    signed = address + "".join(name + form[name] for name in sorted(form))
    digest = hmac.digest(token.encode(), signed.encode(), hashlib.sha1)
    return base64.b64encode(digest).decode()

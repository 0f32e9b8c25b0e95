"""A webhook's parameters as a text, or why there is none.

Fields: https://www.twilio.com/docs/messaging/guides/webhook-request
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from rooms import limits
from rooms.sms.records import InboundText, PhoneChannel, PhoneKey
from server.messaging.carrier import Carrier
from server.problems import ApiError
from server.sms.signature import Parameters

_WHATSAPP: Final = "whatsapp:"
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
"""Short codes, names and "anonymous" are no phones: nobody can be texted there, and who answers
them talks to a machine."""

_SID: Final = re.compile(r"[0-9A-Za-z]{1,64}")
_OPT_OUT: Final = frozenset({"STOP", "START", "HELP"})

HashOf = Callable[[str, str], bytes]


def inbound_text(
    form: Parameters, carrier: Carrier, hash_of: HashOf, received_at: datetime
) -> InboundText | None:
    """The text of a signed webhook; ``None``: from nobody, or to none of our numbers.

    Raises:
        ApiError: ``foreign_account``, ``malformed_webhook``.
    """
    if form.get("AccountSid") != carrier.account_sid:
        raise ApiError(403, "foreign_account", "This webhook is another account's.")
    sid = form.get("MessageSid") or form.get("SmsSid")
    if not _SID.fullmatch(sid):
        raise ApiError(400, "malformed_webhook", "A text has a MessageSid.")
    sender, author = form.get("To"), form.get("From")
    channel = PhoneChannel.WHATSAPP if author.startswith(_WHATSAPP) else PhoneChannel.SMS
    number = author.removeprefix(_WHATSAPP)
    ours = carrier.sender_of(channel.value)
    if ours is None or ours.address != sender or not _E164.fullmatch(number):
        return None
    opt_out = form.get("OptOutType").upper()
    return InboundText(
        message_sid=sid,
        phone=PhoneKey(channel, number, hash_of(channel.value, number), sender),
        body=_storable(form.get("Body")),
        received_at=received_at,
        opt_out_type=opt_out if opt_out in _OPT_OUT else None,
        media=_count(form.get("NumMedia")),
        location="Latitude" in form and "Longitude" in form,
    )


def _storable(body: str) -> str:
    """The text as far as it is looked at; the store keeps no U+0000."""
    return body[: limits.SMS_BODY_CHARACTERS_MAX].replace("\x00", "")


def _count(said: str) -> int:
    return int(said) if said.isdecimal() and len(said) <= 3 and said.isascii() else 0

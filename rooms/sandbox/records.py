"""Simulated phones and their texts, as stores and doors hand them on."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from msgspec import Struct

WHATSAPP: Final = "whatsapp:"
"""What stands before a number in a WhatsApp address."""


class PhoneChannel(StrEnum):
    """How a simulated phone writes."""

    SMS = "sms"
    WHATSAPP = "whatsapp"


class TextDirection(StrEnum):
    """Twilio's directions of a message: from a phone, by the API, in answer to a webhook."""

    INBOUND = "inbound"
    API = "outbound-api"
    REPLY = "outbound-reply"


class TextStatus(StrEnum):
    """Those of Twilio's statuses that the sandbox knows."""

    RECEIVED = "received"
    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"


class SandboxPhone(Struct, frozen=True, kw_only=True):
    """A simulated phone.

    Attributes:
        account_id: whose it is; nobody else sees it.
        number: E.164, kept for fiction (`rooms.sandbox.numbers`).
        crowd: one of many, not looked at by itself.
        switched_off: what is sent to it is not delivered.
        carrier_opt_out: the carrier answers STOP, HELP and START by itself, as Twilio's Advanced
            Opt-Out does, and says so by ``OptOutType``.
        opted_out_at: since when the carrier refuses to send to it (error 21610).
    """

    phone_id: str
    account_id: str
    channel: PhoneChannel
    number: str
    country: str
    name: str
    crowd: bool
    switched_off: bool
    carrier_opt_out: bool
    opted_out_at: datetime | None
    created_at: datetime

    @property
    def address(self) -> str:
        """The number as Twilio writes it."""
        return address(self.channel, self.number)


class SandboxMessage(Struct, frozen=True, kw_only=True):
    """A text that the sandbox carried.

    Attributes:
        sid: ``SM`` and 32 hexadecimal digits.
        phone_id: the simulated phone at one end; ``None``: the number is nobody's.
        answers: the text of the phone that this one answers.
        due_at: when its status changes next.
        version: grows with every change of any message.
    """

    sid: str
    phone_id: str | None
    direction: TextDirection
    sender: str
    recipient: str
    body: str
    segments: int
    status: TextStatus
    created_at: datetime
    updated_at: datetime
    sent_at: datetime | None = None
    due_at: datetime | None = None
    error_code: int | None = None
    status_callback: str | None = None
    answers: str | None = None
    version: int = 0


def address(channel: PhoneChannel, number: str) -> str:
    """A number as Twilio writes it: WhatsApp's with a prefix."""
    return f"{WHATSAPP}{number}" if channel is PhoneChannel.WHATSAPP else number


def split_address(text: str) -> tuple[PhoneChannel, str]:
    """The channel and the number of an address."""
    if text.startswith(WHATSAPP):
        return PhoneChannel.WHATSAPP, text.removeprefix(WHATSAPP)
    return PhoneChannel.SMS, text

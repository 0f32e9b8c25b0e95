"""What carries messages, by channel: who sends, from where, and whom it reaches.

Another channel joins by one more `ChannelParts`; queue, broadcasts and lists know no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import asyncpg

from jobs.messaging.twilio_http import CarrierHttp
from jobs.messaging.twilio_sender import TwilioSender
from rooms.messaging.audience import AudienceSource
from rooms.messaging.kinds import Channel
from rooms.messaging.ports import MessageSender
from rooms.messaging.senders import Sender
from server.messaging.carrier import Carrier
from storage.messaging.audience import PhoneAudience

STATUS_PATH: Final = "/webhooks/twilio/status"
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class ChannelParts:
    """One channel. ``carrier`` is not there in a process that does not send."""

    sender: Sender
    audience: AudienceSource
    carrier: MessageSender | None = None


def phone_channels(
    pool: asyncpg.Pool[Any], carrier: Carrier | None, sending: TwilioSender | None = None
) -> dict[Channel, ChannelParts]:
    """The channels of phones that are offered, SMS first."""
    if carrier is None:
        return {}
    return {
        Channel(sender.channel): ChannelParts(
            sender, PhoneAudience(pool, Channel(sender.channel), sender.address), sending
        )
        for sender in carrier.senders
    }


def twilio_sender(carrier: Carrier, http: CarrierHttp, public_url: str) -> TwilioSender:
    """The carrier's adapter."""
    return TwilioSender(
        carrier.account_sid, carrier.auth_token.reveal(), http, callback_url(carrier, public_url)
    )


def callback_url(carrier: Carrier, public_url: str) -> str | None:
    """Where the carrier tells what became of a message; ``None``: it could not get there, and
    Twilio refuses messages that name such an address (21609)."""
    here = urlsplit(public_url).hostname in _LOOPBACK
    if here and urlsplit(carrier.base_url).hostname not in _LOOPBACK:
        return None
    return public_url + STATUS_PATH

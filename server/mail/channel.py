"""Mail as a channel of messages, as web nodes and workers know it."""

from __future__ import annotations

from typing import Any

import asyncpg

from rooms.messaging.kinds import Channel
from rooms.messaging.ports import MessageSender
from rooms.messaging.senders import Sender
from server.mail.configuration import mode_of, sender_of
from server.messaging.channels import ChannelParts
from server.security.tokens import derive_key
from server.settings import Settings
from storage.mail.audience import MailAudience
from storage.mail.hashing import AddressHash


def address_hash(settings: Settings) -> AddressHash:
    """What stands for an address where it must not be kept."""
    return AddressHash(derive_key(settings.secret_key, "mail-address"))


def mail_sender(settings: Settings) -> Sender:
    """The address mails are from, and its pace."""
    return Sender(Channel.MAIL.value, sender_of(settings).addr_spec, settings.mail_per_second)


def mail_channel(
    settings: Settings, pool: asyncpg.Pool[Any], carrier: MessageSender | None = None
) -> dict[Channel, ChannelParts]:
    """The channel, where it is offered. Without ``carrier`` nothing is sent by this process."""
    if mode_of(settings) == "off":
        return {}
    audience = MailAudience(pool, address_hash(settings))
    return {Channel.MAIL: ChannelParts(mail_sender(settings), audience, carrier)}

"""Messaging in a web node: joined here, and used by its handlers and by the SMS door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg

from rooms.messaging.kinds import Channel
from rooms.messaging.lists import MessageLists
from rooms.messaging.ports import MessageStore, Throughput
from rooms.ports import Clock
from server.mail.channel import mail_channel
from server.messaging.broadcasting import Broadcasting
from server.messaging.carrier import carrier_of
from server.messaging.channels import ChannelParts, phone_channels
from server.messaging.previewing import Previews
from server.secret import Secret
from server.settings import Settings
from server.shows.attendance import Attendance
from server.sms.signature import TwilioSignature
from storage.messaging.broadcasts import PostgresBroadcasts
from storage.messaging.lists import PostgresMessageLists
from storage.messaging.queue import PostgresMessages
from storage.messaging.stories import PostgresStories
from storage.messaging.throughput import SharedThroughput
from storage.redis.clients import AnyRedis


@dataclass(frozen=True, slots=True)
class Messaging:
    """What handlers work with.

    Attributes:
        channels: those that are offered, in the order they are proposed.
        throughput: turns of numbers, of answers to texts as well (`server.sms.receipts`).
        store: takes what the carrier says.
    """

    broadcasting: Broadcasting
    previews: Previews
    lists: MessageLists
    channels: Mapping[Channel, ChannelParts]
    throughput: Throughput
    store: MessageStore
    signature: TwilioSignature


def messaging_of(
    settings: Settings,
    pool: asyncpg.Pool[Any],
    redis: AnyRedis,
    attendance: Attendance,
    clock: Clock,
) -> Messaging:
    """Messaging by these settings; nothing is sent by this process."""
    carrier = carrier_of(settings)
    channels = {**phone_channels(pool, carrier), **mail_channel(settings, pool)}
    previews = Previews(channels, clock, settings.public_url, settings.sms_price)
    broadcasting = Broadcasting(
        PostgresBroadcasts(pool),
        PostgresStories(pool),
        previews,
        attendance,
        clock,
        settings.sms_currency,
    )
    return Messaging(
        broadcasting=broadcasting,
        previews=previews,
        lists=PostgresMessageLists(pool),
        channels=channels,
        throughput=SharedThroughput(redis, clock.monotonic),
        store=PostgresMessages(pool),
        signature=TwilioSignature(
            carrier.auth_token if carrier is not None else Secret(""), settings.public_url
        ),
    )

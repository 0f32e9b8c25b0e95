"""What of messaging runs in a worker: a lane for each sender, broadcasts, effects and jobs."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import asyncpg

from jobs.messaging.automatic import SendAutomatically
from jobs.messaging.expander import Expander
from jobs.messaging.lane import Lane
from jobs.messaging.reconciliation import Reconciliation
from jobs.messaging.tasks import Messaging
from jobs.messaging.twilio_http import CarrierHttp
from rooms.messaging.kinds import Channel, MessageKind
from rooms.ports import Clock
from server.messaging.carrier import carrier_of
from server.messaging.channels import ChannelParts, phone_channels, twilio_sender
from server.settings import Settings
from storage.ids import uuid7
from storage.messaging.broadcasts import PostgresBroadcasts
from storage.messaging.expansion import PostgresExpansion
from storage.messaging.keeping import PostgresKeptMessages
from storage.messaging.queue import PostgresMessages
from storage.messaging.reconciliations import PostgresSentMessages
from storage.messaging.stories import PostgresStories
from storage.messaging.throughput import SharedThroughput
from storage.outbox.nudges import MESSAGES, PostgresNudges
from storage.redis.clients import connect

REDIS_TIMEOUT_S = 0.5
"""For a turn of a sender; beyond, the process takes its own share for a while."""

REDIS_CONNECTIONS_MAX = 8


class MessagingWorker:
    """Sends messages from when it is started until it is stopped.

    Args:
        more: channels besides those of phones, such as mail.
    """

    def __init__(
        self,
        settings: Settings,
        pool: asyncpg.Pool[Any],
        clock: Clock,
        more: Mapping[Channel, ChannelParts] | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._nudges = PostgresNudges(pool, MESSAGES)
        self._stories = PostgresStories(pool)
        self._broadcasts = PostgresBroadcasts(pool)
        self._store = PostgresMessages(pool)
        self._kept = PostgresKeptMessages(pool)
        self._sent = PostgresSentMessages(pool)
        # Whoever finds no connection waits for one: dozens of messages ask for their turns at once.
        self._redis = connect(
            settings.redis_url.reveal(),
            timeout_s=REDIS_TIMEOUT_S,
            connect_s=REDIS_TIMEOUT_S,
            connections_max=REDIS_CONNECTIONS_MAX,
            wait_s=REDIS_TIMEOUT_S,
        )
        carrier = carrier_of(settings)
        self._http = CarrierHttp(carrier.base_url) if carrier is not None else None
        self._twilio = None
        if carrier is not None and self._http is not None:
            self._twilio = twilio_sender(carrier, self._http, settings.public_url)
        self._phone_senders = carrier.senders if carrier is not None else ()
        self._channels = {**phone_channels(pool, carrier, self._twilio), **(more or {})}
        self._lanes = self._made_lanes()
        self._expander = Expander(
            PostgresExpansion(pool),
            self._stories,
            {channel: parts.audience for channel, parts in self._channels.items()},
            {channel: parts.sender for channel, parts in self._channels.items()},
            settings.public_url,
            self._nudges,
            clock,
            _new_id,
            random.random,
        )

    def start(self) -> None:
        """Begins."""
        for lane in self._lanes:
            lane.start()
        self._expander.start()

    async def stop(self) -> None:
        """Ends, and lets go of what it held."""
        await self._expander.stop()
        for lane in self._lanes:
            await lane.stop()
        await self._nudges.close()
        if self._http is not None:
            await self._http.close()
        await self._redis.aclose()

    def sends(self, kind: MessageKind) -> SendAutomatically:
        """The handler of the effect that a kind is sent by."""
        return SendAutomatically(
            kind,
            self._stories,
            self._broadcasts,
            {channel: parts.audience for channel, parts in self._channels.items()},
            self._settings.sms_currency,
            self._clock,
            _new_id,
        )

    def jobs(self) -> Messaging:
        """What the recurring jobs work on."""
        reconciliation = None
        if self._twilio is not None:
            reconciliation = Reconciliation(
                self._twilio, self._phone_senders, self._sent, self._store, self._clock
            )
        return Messaging(reconciliation, self._kept)

    def _made_lanes(self) -> list[Lane]:
        throughput = SharedThroughput(self._redis, self._clock.monotonic)
        return [
            Lane(
                parts.sender,
                parts.carrier,
                self._store,
                self._store,
                throughput,
                self._nudges,
                self._clock,
                random.random,
            )
            for parts in self._channels.values()
            if parts.carrier is not None
        ]


def _new_id() -> str:
    return str(uuid7())

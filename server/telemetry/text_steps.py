"""What is kept of texts, with spans around it: where the time of a webhook goes beside its room."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol

import asyncpg

from rooms.ports import NewId
from rooms.sms.records import Caller, Claim, InboundText, NewClaim
from storage.sms.phones import PostgresPhones


class StepTracing(Protocol):
    """The part of `server.telemetry.tracing.RoomTracing` that is needed here."""

    def step(self, name: str) -> AbstractContextManager[None]:
        """Around one call to PostgreSQL."""
        ...


class FollowedPhones(PostgresPhones):
    """Shows in traces what a text waits for. An answer that the room has kept is not waited for."""

    def __init__(self, pool: asyncpg.Pool[Any], new_id: NewId, tracing: StepTracing) -> None:
        super().__init__(pool, new_id)
        self._tracing = tracing

    async def look_up(self, text: InboundText) -> Caller:
        """See `rooms.sms.ports.Phones.look_up`."""
        with self._tracing.step("look up"):
            return await super().look_up(text)

    async def claim(self, claim: NewClaim) -> Claim | None:
        """See `rooms.sms.ports.Phones.claim`."""
        with self._tracing.step("claim"):
            return await super().claim(claim)

    async def answered(self, message_sid: str, twiml: str) -> None:
        """See `rooms.sms.ports.Phones.answered`."""
        with self._tracing.step("keep"):
            await super().answered(message_sid, twiml)

"""Delivers what the sandbox took: each message's status moves on, and the webhook is told.

The steps are in the database, so a node that dies takes no message with it; several nodes share
the work row by row. A status is written first and told then: a node that dies between the two
leaves a callback unsaid, as it happens in the real world, and the message can be looked up.
"""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from rooms.ports import Clock
from rooms.sandbox.ports import MessageStore
from rooms.sandbox.records import SandboxMessage
from server.sandbox.forms import status_form
from server.sandbox.webhooks import Webhooks

AT_ONCE: Final = 50
"""Messages whose step is taken together; each may tell the webhook."""

BETWEEN_LOOKS_S: Final = 0.2
"""While something is under way."""

BETWEEN_IDLE_LOOKS_S: Final = 3.0
"""While nothing is, as far as this node knows: another one may have taken something and died."""

AWAKE_LOOKS: Final = 10
"""So often is looked in vain before this node calls itself idle."""

log = structlog.get_logger(__name__)


class Deliveries:
    """Moves messages on. `run` must be running for as long as the node does."""

    def __init__(
        self, messages: MessageStore, webhooks: Webhooks, account_sid: str, clock: Clock
    ) -> None:
        self._messages = messages
        self._webhooks = webhooks
        self._account_sid = account_sid
        self._clock = clock
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Something is under way."""
        self._woken.set()

    async def run(self) -> None:
        """Works until it is cancelled."""
        looks = 0
        while True:
            looks = AWAKE_LOOKS if await self.move_on() else looks - 1
            if looks > 0:
                await asyncio.sleep(BETWEEN_LOOKS_S)
                continue
            self._woken.clear()
            try:
                await asyncio.wait_for(self._woken.wait(), BETWEEN_IDLE_LOOKS_S)
                looks = AWAKE_LOOKS
            except TimeoutError:
                looks = 0

    async def move_on(self) -> int:
        """Takes the next step of what is due, and tells the webhook; how many there were."""
        try:
            moved = await self._messages.advance(self._clock.now(), AT_ONCE)
            async with asyncio.TaskGroup() as tasks:
                for message in moved:
                    if message.status_callback:
                        tasks.create_task(self._tell(message, message.status_callback))
        except Exception:
            # A store that is away comes back; the messages are where they were.
            log.exception("sandbox_deliveries_failed")
            return 0
        return len(moved)

    async def _tell(self, message: SandboxMessage, callback: str) -> None:
        await self._webhooks.status(callback, status_form(message, self._account_sid))

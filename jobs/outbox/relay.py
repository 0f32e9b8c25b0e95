"""The relay: takes effects from the outbox and hands them to their handlers.

It needs the database alone, so an outage of Redis holds no effect up. Any number of workers may
run one: leases keep them apart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from rooms import limits
from rooms.backoff import Backoff
from rooms.outbox import Effect, EffectRefused, Handlers, Nudges, Outbox, retry_after_s
from rooms.tasks import end

log = structlog.get_logger(__name__)


class Relay:
    """Delivers effects until it is stopped.

    Args:
        outbox: where they are.
        nudges: says when there is something new.
        handlers: what delivers them, by kind; other kinds stay where they are.
        random: a number from 0 up to 1, another one each time; for the waits.
    """

    def __init__(
        self, outbox: Outbox, nudges: Nudges, handlers: Handlers, random: Callable[[], float]
    ) -> None:
        self._outbox = outbox
        self._nudges = nudges
        self._handlers = dict(handlers)
        self._random = random
        self._lanes: list[asyncio.Task[None]] = []
        self._busy: set[asyncio.Task[None] | None] = set()
        self._stopping = False

    def start(self) -> None:
        """Begins, with `limits.EFFECTS_AT_ONCE` lanes, so that a slow effect holds up no other."""
        self._stopping = False
        self._lanes = [
            asyncio.create_task(self._run(), name=f"outbox-{lane}")
            for lane in range(limits.EFFECTS_AT_ONCE)
        ]

    async def stop(self) -> None:
        """Ends. What is under way has `limits.EFFECT_FINISH_S` seconds; beyond, it is cut off and
        its lease runs out."""
        self._stopping = True
        await end([lane for lane in self._lanes if lane not in self._busy])
        if busy := [lane for lane in self._lanes if not lane.done()]:
            await asyncio.wait(busy, timeout=limits.EFFECT_FINISH_S)
        await end(self._lanes)
        self._lanes = []

    async def drain(self) -> int:
        """Delivers, one after the other, everything that is due; how many were tried."""
        tried = 0
        while not self._stopping:
            effect = await self._outbox.lease(self._handlers)
            if effect is None:
                break
            lane = asyncio.current_task()
            self._busy.add(lane)
            try:
                await self._deliver(effect)
            finally:
                self._busy.discard(lane)
            tried += 1
        return tried

    async def _run(self) -> None:
        backoff = Backoff(self._random)
        while not self._stopping:
            seen = self._nudges.count
            try:
                await self.drain()
                backoff.reset()
            except Exception as error:
                # The database is away or said no. Whatever was leased comes back by itself.
                log.warning("outbox_unreachable", error=type(error).__name__)
                await asyncio.sleep(backoff.next_s())
                continue
            if not self._stopping:
                await self._nudges.beyond(seen, limits.OUTBOX_SCAN_S)

    async def _deliver(self, effect: Effect) -> None:
        said = {"kind": effect.kind, "effect_id": effect.effect_id, "attempt": effect.attempt}
        try:
            async with asyncio.timeout(limits.EFFECT_TIMEOUT_S):
                await self._handlers[effect.kind](effect)
        except EffectRefused as error:
            log.error("effect_dead", **said, error=type(error).__name__, exc_info=error)
            await self._outbox.failed(effect, _text(error), None)
        except Exception as error:
            wait_s = retry_after_s(effect.attempt, self._random())
            if wait_s is None:
                log.error("effect_dead", **said, error=type(error).__name__, exc_info=error)
            else:
                log.warning(
                    "effect_failed", **said, error=type(error).__name__, retry_after_s=wait_s
                )
            await self._outbox.failed(effect, _text(error), wait_s)
        else:
            await self._outbox.delivered(effect)
            log.debug("effect_delivered", **said)


def _text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[: limits.EFFECT_ERROR_CHARACTERS_MAX]

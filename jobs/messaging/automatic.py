"""What a show's life sends by itself: RESULTS when it closes, RECAP when it is archived."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

import structlog

from rooms.messaging.audience import AudienceSource
from rooms.messaging.broadcasts import Audience, Broadcast, BroadcastState, automatic_key
from rooms.messaging.kinds import Channel, MessageKind
from rooms.messaging.stories import Stories
from rooms.messaging.windows import last_moment
from rooms.outbox import Effect, Handler
from rooms.ports import Clock, NewId
from rooms.show import ShowStatus

log = structlog.get_logger(__name__)

_OVER = frozenset({ShowStatus.CLOSED, ShowStatus.ARCHIVED})


class Broadcasts(Protocol):
    """Keeps broadcasts."""

    async def create(self, broadcast: Broadcast) -> Broadcast:
        """Adds one; the same ``dedupe_key`` again returns what is there."""
        ...


class SendAutomatically:
    """Handles an effect of a show's life with one broadcast. Done again it finds it there.

    Crew may have made the broadcast before, in their own words or for another time: then that one
    is it.

    Args:
        kind: what is sent.
        audiences: of the channels that are offered, in the order they are tried.
        currency: of estimates, which nobody asked for here.
    """

    def __init__(
        self,
        kind: MessageKind,
        stories: Stories,
        broadcasts: Broadcasts,
        audiences: Mapping[Channel, AudienceSource],
        currency: str,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._kind = kind
        self._stories = stories
        self._broadcasts = broadcasts
        self._audiences = audiences
        self._currency = currency
        self._clock = clock
        self._new_id = new_id

    async def __call__(self, effect: Effect) -> None:
        """Makes the broadcast, if there is somebody to tell, and something, and it is time."""
        show_id = effect.show_id or str(effect.payload.get("show_id"))
        story = await self._stories.of(show_id)
        now = self._clock.now()
        if story is None or story.night.status not in _OVER:
            return
        if self._kind is MessageKind.RESULTS and not story.won:
            return
        expires_at = last_moment(self._kind, story.night)
        if expires_at <= now or not await self._anybody(show_id):
            return
        made = await self._broadcasts.create(
            Broadcast(
                broadcast_id=self._new_id(),
                show_id=show_id,
                kind=self._kind,
                state=BroadcastState.SCHEDULED,
                channels=tuple(self._audiences),
                texts={},
                audience=Audience(),
                dedupe_key=automatic_key(self._kind, show_id),
                created_at=now,
                send_at=now,
                expires_at=expires_at,
                cost_currency=self._currency,
            )
        )
        log.info(
            "broadcast_made_automatically",
            show_id=show_id,
            kind=self._kind.value,
            broadcast_id=made.broadcast_id,
        )

    async def _anybody(self, show_id: str) -> bool:
        for source in self._audiences.values():
            if await source.page(show_id, self._kind, round_id=None, after=None, limit=1):
                return True
        return False


def one_after_the_other(handlers: Sequence[Handler]) -> Callable[[Effect], Awaitable[None]]:
    """Delivers an effect by several handlers. Each bears being called again."""

    async def deliver(effect: Effect) -> None:
        for handler in handlers:
            await handler(effect)

    return deliver

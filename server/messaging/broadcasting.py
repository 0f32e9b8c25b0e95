"""Making and steering broadcasts: the rules, without HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import structlog

from rooms.messaging.broadcasts import Broadcast, BroadcastState, automatic_key
from rooms.messaging.kinds import MessageKind
from rooms.messaging.states import MessageState
from rooms.messaging.stories import Stories, Story
from rooms.participants import CREW
from rooms.ports import Clock
from server.field_problems import FieldProblem
from server.messaging.previewing import Preview, Previews, Wish
from server.problems import ApiError, invalid, not_allowed, not_found
from server.security.identity import Identity
from server.shows.attendance import Attendance, role_in
from storage.messaging.broadcasts import PostgresBroadcasts, TooManyBroadcasts

AUTOMATIC: Final = frozenset({MessageKind.RESULTS, MessageKind.RECAP})
"""Kinds that a show has once; crew may make them first, in its own words."""

_ALREADY: Final[Mapping[str, frozenset[BroadcastState]]] = {
    "pause": frozenset({BroadcastState.PAUSED}),
    "resume": frozenset({BroadcastState.SCHEDULED, BroadcastState.SENDING}),
    "cancel": frozenset({BroadcastState.CANCELLED}),
}

_log = structlog.get_logger(__name__)


class Broadcasting:
    """A show's broadcasts, for its crew.

    Args:
        currency: of estimates.
    """

    def __init__(
        self,
        broadcasts: PostgresBroadcasts,
        stories: Stories,
        previews: Previews,
        attendance: Attendance,
        clock: Clock,
        currency: str,
    ) -> None:
        self._broadcasts = broadcasts
        self._stories = stories
        self._previews = previews
        self._attendance = attendance
        self._clock = clock
        self._currency = currency

    async def crew(self, show_id: str, identity: Identity) -> None:
        """Those who may write to a show's people, and see who was written to.

        Raises:
            ApiError: ``unknown_show``, ``not_allowed``.
        """
        standing = await self._attendance.standing(show_id, identity)
        if role_in(standing, identity) not in CREW:
            raise not_allowed("Messages are for the show's crew.")

    async def story(self, show_id: str, identity: Identity, round_id: str | None = None) -> Story:
        """What there is to tell of a show, for its crew.

        Raises:
            ApiError: ``unknown_show``, ``not_allowed``.
        """
        await self.crew(show_id, identity)
        story = await self._stories.of(show_id, round_id)
        if story is None:
            raise not_found("show")
        return story

    async def preview(self, show_id: str, identity: Identity, wish: Wish) -> Preview:
        """What a broadcast would be, and everything that speaks against it.

        Raises:
            ApiError: ``unknown_show``, ``not_allowed``.
        """
        return await self._previews.of(wish, await self.story(show_id, identity, wish.round_id))

    async def make(
        self, broadcast_id: str, show_id: str, identity: Identity, wish: Wish
    ) -> Broadcast:
        """A new broadcast; the same id again returns it.

        Raises:
            ApiError: ``unknown_show``, ``not_allowed``, ``validation_failed``, ``already_sent``,
                ``too_many_broadcasts``.
        """
        await self.crew(show_id, identity)
        if (there := await self._broadcasts.one(broadcast_id)) is not None:
            return there
        preview = await self.preview(show_id, identity, wish)
        if preview.problems:
            raise invalid(
                *(FieldProblem(one.field, one.code, one.detail) for one in preview.problems)
            )
        broadcast = self._new(broadcast_id, show_id, identity, wish, preview)
        try:
            made = await self._broadcasts.create(broadcast)
        except TooManyBroadcasts:
            detail = "This show has sent as many broadcasts as it may."
            raise ApiError(409, "too_many_broadcasts", detail) from None
        if made.broadcast_id != broadcast_id:
            detail = f"The {wish.kind.lower()} of this show was sent, or is about to be."
            raise ApiError(409, "already_sent", detail)
        _log.info(
            "broadcast_made",
            show_id=show_id,
            broadcast_id=broadcast_id,
            kind=wish.kind.value,
            recipients=preview.reach.total,
        )
        return made

    async def steer(self, broadcast_id: str, identity: Identity, deed: str) -> Broadcast:
        """Pauses, resumes or cancels. Saying what is so already changes nothing.

        Raises:
            ApiError: ``unknown_broadcast``, ``not_allowed``, ``broadcast_ended``.
        """
        await self.known(broadcast_id, identity)
        do = {
            "pause": self._broadcasts.pause,
            "resume": self._broadcasts.resume,
            "cancel": self._broadcasts.cancel,
        }[deed]
        done = await do(broadcast_id)
        now = await self._broadcasts.one(broadcast_id)
        if now is None:
            raise not_found("broadcast")
        if not done and now.state not in _ALREADY[deed]:
            raise ApiError(409, "broadcast_ended", f"This broadcast is {now.state.value}.")
        _log.info("broadcast_steered", broadcast_id=broadcast_id, deed=deed, state=now.state.value)
        return now

    async def known(self, broadcast_id: str, identity: Identity) -> Broadcast:
        """A broadcast of a show whose crew asks.

        Raises:
            ApiError: ``unknown_broadcast``, ``not_allowed``.
        """
        broadcast = await self._broadcasts.one(broadcast_id)
        if broadcast is None:
            raise not_found("broadcast")
        await self.crew(broadcast.show_id, identity)
        return broadcast

    async def of_show(
        self, show_id: str, identity: Identity, before: str | None, limit: int
    ) -> list[Broadcast]:
        """A show's broadcasts, newest first.

        Raises:
            ApiError: ``unknown_show``, ``not_allowed``.
        """
        await self.crew(show_id, identity)
        return await self._broadcasts.of_show(show_id, before, limit)

    async def counts(self, broadcasts: list[Broadcast]) -> dict[str, dict[MessageState, int]]:
        """Messages of broadcasts by state."""
        return await self._broadcasts.counts([one.broadcast_id for one in broadcasts])

    def _new(
        self, broadcast_id: str, show_id: str, identity: Identity, wish: Wish, preview: Preview
    ) -> Broadcast:
        kind = wish.kind
        return Broadcast(
            broadcast_id=broadcast_id,
            show_id=show_id,
            kind=kind,
            state=BroadcastState.SCHEDULED,
            channels=wish.channels,
            texts=wish.own_texts,
            audience=wish.audience,
            dedupe_key=(
                automatic_key(kind, show_id) if kind in AUTOMATIC else f"{kind}:{broadcast_id}"
            ),
            created_at=self._clock.now(),
            send_at=preview.send_at,
            round_id=wish.round_id,
            expires_at=preview.expires_at,
            created_by=identity.account_id,
            recipients=preview.reach.total,
            segments=preview.segments,
            cost_micros=preview.cost_micros,
            cost_currency=self._currency,
        )

"""Figures of shows: as they are for crew, and as they may be shown to brands."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Final, TypedDict

import asyncpg
from msgspec import Struct

from rooms.participants import CREW, Role
from rooms.ports import Clock
from rooms.reports.figures import Channels, Delivery, Step, of_people
from rooms.reports.withholding import (
    GROUP_MIN,
    RELEASE_EVERY_S,
    Released,
    next_cells,
    next_pieces,
)
from rooms.show import ShowStatus
from rooms.timeline.buckets import STEPS_S, Buckets, buckets_of
from server.gates import Gate
from server.problems import not_allowed
from server.reports.schemas import AnalyticsBody, FunnelStep
from server.security.identity import Identity
from server.shows.attendance import Attendance, role_in
from storage.reports.figures import ShowFigures
from storage.reports.released import ReleasedFigures
from storage.timeline.nights import Nights

FRESH_S: Final = 3.0
"""Everybody of a crew sees the same figures for so long: one look, however many watch."""

LOAD_MAX: Final = 0.05
"""Of one database connection's time, for the figures of one show: a look that took long is not
repeated soon."""

KEPT_MAX: Final = 256
"""Shows whose figures a node remembers."""

RELEASES_AT_ONCE: Final = 1
"""Holds one connection while it needs another: two at once could wait for each other."""

RELEASES_WAITING_MAX: Final = 100


class _Named(TypedDict):
    channels: dict[Channels, int | None]
    delivery: dict[Delivery, int | None]
    delivery_rate: float | None
    funnel: list[FunnelStep]


class Look(Struct, frozen=True):
    """Figures, and until when they are fresh (by the node's monotonic clock, in seconds)."""

    body: AnalyticsBody
    fresh_until: float


class Viewing(Struct, frozen=True):
    """Who looks at which show. ``is_over``: it is archived, and its figures stay."""

    show_id: str
    role: Role
    status: ShowStatus

    @property
    def is_over(self) -> bool:
        """Whether nothing changes any more."""
        return self.status in (ShowStatus.ARCHIVED, ShowStatus.CANCELLED)


class Analytics:
    """Reads the figures of shows."""

    def __init__(self, attendance: Attendance, pool: asyncpg.Pool[object], clock: Clock) -> None:
        self._attendance = attendance
        self._nights = Nights(pool)
        self._figures = ShowFigures(pool)
        self._released = ReleasedFigures(pool)
        self._clock = clock
        self._looks: dict[str, asyncio.Task[Look]] = {}
        self._gate = Gate(RELEASES_AT_ONCE, RELEASES_WAITING_MAX)

    async def admit(self, show_id: str, identity: Identity) -> Viewing:
        """What somebody may see of a show's figures.

        Raises:
            ApiError: ``unknown_show``, ``not_allowed``.
        """
        standing = await self._attendance.standing(show_id, identity)
        role = role_in(standing, identity)
        if role not in CREW and role is not Role.BRAND:
            raise not_allowed("A show's figures are for its crew and its brands.")
        return Viewing(show_id=show_id, role=role, status=standing.status)

    async def of(self, viewing: Viewing) -> AnalyticsBody:
        """The figures as this viewer may see them."""
        if viewing.role is Role.BRAND:
            async with self._gate.turn():
                return await self._of_brand(viewing)
        return await self._of_crew(viewing)

    async def _of_crew(self, viewing: Viewing) -> AnalyticsBody:
        found = self._looks.get(viewing.show_id)
        if found is None or (found.done() and not self._is_fresh(found)):
            found = asyncio.create_task(self._look(viewing))
            self._looks.pop(viewing.show_id, None)
            self._looks[viewing.show_id] = found
            while len(self._looks) > KEPT_MAX:
                self._looks.pop(next(iter(self._looks)))
        # Whoever leaves does not take the look away from the others.
        return (await asyncio.shield(found)).body

    def _is_fresh(self, look: asyncio.Task[Look]) -> bool:
        if look.cancelled() or look.exception() is not None:
            return False
        return self._clock.monotonic() < look.result().fresh_until

    async def _look(self, viewing: Viewing) -> Look:
        began = self._clock.monotonic()
        show_id, now = viewing.show_id, self._clock.now()
        totals = await self._figures.totals(show_id)
        cells = {name: count.many for name, count in totals.cells().items()}
        starts_at, ended_at = await self._nights.live_from_to(show_id)
        votes: list[int | None] = []
        heads: list[int | None] = []
        bucket_s = STEPS_S[0]
        if starts_at is not None:
            buckets = buckets_of(starts_at, ended_at or now)
            starts_at, bucket_s = buckets.starts_at, buckets.bucket_s
            votes += [count.many for count in await self._figures.votes(show_id, buckets)]
            heads += await self._figures.head_counts(show_id, buckets)
        body = AnalyticsBody(
            show_id=show_id,
            at=now,
            live=viewing.status is ShowStatus.LIVE,
            starts_at=starts_at,
            ends_at=None if starts_at is None else ended_at,
            bucket_s=bucket_s,
            vote_rate=votes,
            head_count=heads,
            **_named(cells),
            withheld_below=None,
        )
        took = self._clock.monotonic() - began
        return Look(body, began + max(FRESH_S, took / LOAD_MAX))

    async def _of_brand(self, viewing: Viewing) -> AnalyticsBody:
        show_id, now = viewing.show_id, self._clock.now()
        starts_at, ended_at = await self._nights.live_from_to(show_id)
        buckets = _pieces_for_brands(starts_at, ended_at or now) if starts_at else None

        async def advance(before: Released) -> Released:
            totals = await self._figures.totals(show_id)
            votes, heads = before.votes, before.head_counts
            if buckets is not None:
                over = buckets.points if ended_at else _over(buckets, now)
                votes = next_pieces(votes, await self._figures.votes(show_id, buckets), over)
                counted = await self._figures.head_counts(show_id, buckets)
                heads = next_pieces(heads, [of_people(people) for people in counted], over)
            return Released(next_cells(before.cells, totals.cells()), votes, heads)

        release = await self._released.current(show_id, now, advance)
        return AnalyticsBody(
            show_id=show_id,
            at=release.released_at,
            live=viewing.status is ShowStatus.LIVE,
            starts_at=buckets.starts_at if buckets else None,
            ends_at=ended_at if buckets else None,
            bucket_s=RELEASE_EVERY_S,
            vote_rate=list(release.figures.votes),
            head_count=list(release.figures.head_counts),
            **_named({name: cell.shown for name, cell in release.figures.cells.items()}),
            withheld_below=GROUP_MIN,
        )


def _named(cells: Mapping[str, int | None]) -> _Named:
    """Cells by their names as fields of a body. A rate follows from what is shown alone."""
    delivered, failed = cells.get("delivery.delivered"), cells.get("delivery.failed")
    known = None if delivered is None or failed is None else delivered + failed
    return _Named(
        channels={one: cells.get(f"channels.{one.value}") for one in Channels},
        delivery={one: cells.get(f"delivery.{one.value}") for one in Delivery},
        delivery_rate=round(delivered / known, 4) if delivered is not None and known else None,
        funnel=[FunnelStep(step, cells.get(f"funnel.{step.value}")) for step in Step],
    )


def _pieces_for_brands(starts_at: datetime, ends_at: datetime) -> Buckets:
    """Pieces of one length for the whole night, from the minute in which it began."""
    found = buckets_of(starts_at, ends_at)
    return Buckets(found.starts_at, found.ends_at, RELEASE_EVERY_S)


def _over(buckets: Buckets, now: datetime) -> int:
    """How many pieces ended at least one piece ago: what came in late is in them."""
    return max(0, int((now - buckets.starts_at).total_seconds() // RELEASE_EVERY_S) - 1)

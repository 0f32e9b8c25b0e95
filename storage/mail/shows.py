"""Shows as mails tell of them (`rooms.mail.ports.Shows`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from rooms.catalogue.distances import Near
from rooms.mail.facts import ShowFacts
from rooms.show import Access, ShowStatus
from rooms.shows.records import LineUpStatus, ShowFilter, ShowRecord
from storage.catalogue.nearby import NearbyShows
from storage.catalogue.zones import zone_of
from storage.shows.rows import SELECT_SHOW, show_of
from storage.shows.shows import PostgresShows

_SOME = f"{SELECT_SHOW} WHERE s.id = ANY ($1::uuid[])"

_JOINED = f"""
{SELECT_SHOW}
 WHERE s.status IN ('published', 'live') AND s.starts_at >= $2 AND s.starts_at < $3
   AND EXISTS (SELECT FROM attendees a WHERE a.show_id = s.id AND a.account_id = $1
                  AND a.admitted AND a.removed_at IS NULL)
 ORDER BY s.starts_at, s.id LIMIT $4
"""


class PostgresMailShows:
    """Reads shows."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool
        self._near = NearbyShows(pool)
        self._shows = PostgresShows(pool)

    async def facts(self, show_ids: Sequence[str]) -> Mapping[str, ShowFacts]:
        """Those that there are."""
        rows = await self._pool.fetch(_SOME, list(show_ids))
        return {str(row["id"]): await facts_of(show_of(row)) for row in rows}

    async def joined(
        self, account_id: str, since: datetime, until: datetime, limit: int
    ) -> Sequence[ShowFacts]:
        """Announced shows that somebody joined, the next first."""
        rows = await self._pool.fetch(_JOINED, account_id, since, until, limit)
        return [await facts_of(show_of(row)) for row in rows]

    async def coming(
        self, home: Near | None, since: datetime, until: datetime, limit: int
    ) -> Sequence[ShowFacts]:
        """Public announced shows, around a home or anywhere, the next first."""
        wanted = ShowFilter(
            statuses=(ShowStatus.PUBLISHED,),
            starts_from=since,
            starts_to=until,
            ascending=True,
            limit=limit,
        )
        if home is None:
            found = await self._shows.find(wanted)
        else:
            found = [show for show, _ in await self._near.find(home, wanted, 0)]
        found.sort(key=lambda show: (show.starts_at, show.show_id))
        return [await facts_of(show) for show in found]


async def facts_of(show: ShowRecord) -> ShowFacts:
    """A show in the time of its place."""
    venue = show.venue
    zone = await zone_of(venue.city, show.state, venue.country) if venue else None
    return ShowFacts(
        show_id=show.show_id,
        slug=show.slug,
        title=show.title,
        status=show.status,
        starts_at=show.starts_at.astimezone(ZoneInfo(zone)) if zone else show.starts_at,
        local=zone is not None,
        public=show.access is not Access.PRIVATE and show.status is not ShowStatus.DRAFT,
        artists=tuple(
            artist.name for artist in show.artists if artist.status is not LineUpStatus.DECLINED
        ),
        venue=venue.name if venue else None,
        city=venue.city if venue else None,
        country=venue.country if venue else None,
        join_code=show.join_code,
        takes_sms=show.takes_sms,
    )

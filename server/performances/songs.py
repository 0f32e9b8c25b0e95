"""Reading what was played, and songs with their past."""

from __future__ import annotations

import asyncio
from uuid import UUID

from rooms.performances.records import ReviewStatus
from rooms.performances.views import NightPast, SongFilter
from rooms.show import ShowStatus
from server.cursors import no_cursor, read_cursor, write_cursor
from server.performances.schemas import PerformancePage, SongPage
from server.performances.views import performance_view, song_view
from server.problems import ApiError, not_found
from server.security.identity import Identity
from server.shows.attendance import Attendance
from storage.performances.reading import PostgresPerformances
from storage.performances.songs import PostgresSongs, position_of


class Songs:
    """Performances and songs."""

    def __init__(
        self, attendance: Attendance, performances: PostgresPerformances, songs: PostgresSongs
    ) -> None:
        self._attendance = attendance
        self._performances = performances
        self._songs = songs

    async def of_show(self, show_id: str, viewer: Identity | None) -> PerformancePage:
        """What was played at an archived show, for whoever may see the show.

        Raises:
            ApiError: ``unknown_show``, ``join_code_required``, ``not_archived``.
        """
        standing = await self._attendance.read(show_id, viewer)
        if standing.status is not ShowStatus.ARCHIVED:
            raise ApiError(
                409, "not_archived", "What was played is told once the show is archived."
            )
        # First whether it is there: the list is then at least as new.
        complete = await self._performances.is_derived(show_id)
        played, past = await asyncio.gather(
            self._performances.of_show(show_id), self._performances.past_of(show_id)
        )
        return PerformancePage(
            show_id=show_id,
            complete=complete,
            pending_reviews=sum(one.review_status == ReviewStatus.PENDING for one in played),
            items=[
                performance_view(one, past.songs.get(one.song_id) if one.song_id else None)
                for one in played
            ],
        )

    async def past_of(self, show_id: str) -> NightPast:
        """What the songs of an archived show had behind them; no access is checked."""
        return await self._performances.past_of(show_id)

    async def of_artist(
        self, artist_id: str, sort: str, cursor: str | None, limit: int
    ) -> SongPage:
        """A page of what an artist plays.

        Raises:
            ApiError: ``unknown_artist``, ``validation_failed`` (the cursor).
        """
        if not await self._songs.artist_exists(artist_id):
            raise not_found("artist")
        after = _place(cursor) if cursor else None
        try:
            found = await self._songs.of_artist(SongFilter(artist_id, sort, after, limit + 1))
        except ValueError:
            raise no_cursor() from None
        page = found[:limit]
        more = len(found) > limit
        return SongPage(
            items=[song_view(song) for song in page],
            next_cursor=_cursor(position_of(page[-1], sort)) if more else None,
        )


def _cursor(position: tuple[str, str]) -> str:
    return write_cursor(position)


def _place(cursor: str) -> tuple[str, str]:
    value, song_id = read_cursor(cursor, tuple[str, UUID])
    return value, str(song_id)

"""Whom a show concerns who gets mail: those who know its artists, and those who joined it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg

from rooms import limits
from rooms.mail.audiences import NEAR_KM, TRAVELS_KM, Acquainted, Joined
from rooms.mail.kinds import language_of
from storage.catalogue.nearby import DISTANCE_KM

_LAT, _LON = "(acc.home_city ->> 'lat')::float8", "(acc.home_city ->> 'lon')::float8"

# Driven by the artists' shows: whoever was admitted to one of their rooms. Crew of the show has
# announced it. One line for each person, with the artist highest on the bill whom they know.
_ACQUAINTED: Final = f"""
SELECT DISTINCT ON (acc.id) acc.id, ar.name AS artist,
       coalesce(r.language, acc.language) AS language,
       -- Without one of the two places the formula would say half the earth, not null.
       CASE WHEN v.lat IS NOT NULL AND acc.home_city IS NOT NULL
            THEN {DISTANCE_KM.format(lat=_LAT, lon=_LON)} END AS distance_km
  FROM line_up fresh
  JOIN line_up old ON old.artist_id = fresh.artist_id AND old.show_id <> fresh.show_id
                  AND old.status <> 'declined'
  JOIN attendees a ON a.show_id = old.show_id AND a.admitted AND a.removed_at IS NULL
  JOIN accounts acc ON acc.id = a.account_id AND acc.kind = 'user' AND acc.disabled_at IS NULL
  JOIN mail_recipients r ON r.account_id = acc.id AND r.verified_address = lower(acc.email)
  JOIN artists ar ON ar.id = fresh.artist_id
  JOIN shows s ON s.id = fresh.show_id
  LEFT JOIN venues v ON v.id = s.venue_id
  LEFT JOIN mail_preferences p ON p.account_id = acc.id AND p.kind = 'NEW_SHOW'
 WHERE fresh.show_id = $1 AND fresh.status <> 'declined'
   AND coalesce(p.frequency, 'immediate') <> 'never'
   AND acc.id IS DISTINCT FROM s.owner_id AND ar.claimed_by IS DISTINCT FROM acc.id
   AND NOT EXISTS (SELECT FROM crew c WHERE c.show_id = s.id AND c.account_id = acc.id)
 ORDER BY acc.id, fresh.position
"""

_JOINED: Final = """
SELECT a.id AS attendee_id, a.account_id, a.show_id, s.starts_at,
       coalesce(r.language, acc.language) AS language
  FROM shows s
  JOIN attendees a ON a.show_id = s.id AND a.admitted AND a.removed_at IS NULL
                  AND a.merged_into IS NULL AND a.role = 'fan'
  JOIN accounts acc ON acc.id = a.account_id AND acc.kind = 'user' AND acc.disabled_at IS NULL
  JOIN mail_recipients r ON r.account_id = acc.id AND r.verified_address = lower(acc.email)
  LEFT JOIN mail_preferences p ON p.account_id = acc.id AND p.kind = 'REMINDER'
 WHERE s.status = 'published' AND s.starts_at > $1 AND s.starts_at <= $2
   AND a.joined_at < s.starts_at - $3::interval
   AND coalesce(p.frequency, 'immediate') = 'immediate'
   AND NOT EXISTS (SELECT FROM messages m WHERE m.attendee_id = a.id AND m.show_id = s.id
                      AND m.kind = 'REMINDER' AND m.dedupe_key LIKE $4 || '%')
 ORDER BY s.starts_at, a.id LIMIT $5
"""


class PostgresMailAudiences:
    """Finds people."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def acquainted(self, show_id: str) -> AsyncIterator[Sequence[Acquainted]]:
        """Those who were in a room of one of a show's artists, in portions."""
        async with self._pool.acquire() as connection, connection.transaction(readonly=True):
            cursor = await connection.cursor(_ACQUAINTED, show_id)
            while rows := await cursor.fetch(limits.MAIL_JOB_MAX):
                yield [_acquainted(row) for row in rows]

    async def joined(
        self, after: datetime, until: datetime, before: timedelta, key: str
    ) -> Sequence[Joined]:
        """Those who joined shows that begin between these, and have no message of this key.

        Args:
            before: how long before its beginning they must have joined: who joins an hour before
                needs no reminder.
        """
        rows = await self._pool.fetch(_JOINED, after, until, before, key, limits.MAIL_JOB_MAX)
        return [
            Joined(
                attendee_id=str(row["attendee_id"]),
                account_id=str(row["account_id"]),
                show_id=str(row["show_id"]),
                starts_at=row["starts_at"],
                language=language_of(row["language"]),
            )
            for row in rows
        ]


def _acquainted(row: asyncpg.Record) -> Acquainted:
    distance_km = row["distance_km"]
    return Acquainted(
        account_id=str(row["id"]),
        artist=row["artist"],
        language=language_of(row["language"]),
        near=distance_km is not None and distance_km <= NEAR_KM,
        far=distance_km is not None and distance_km > TRAVELS_KM,
    )

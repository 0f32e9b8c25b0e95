"""A show's figures from PostgreSQL: people, votes, texts and head counts, with who is behind them.

Somebody who turned out to be somebody else (``attendees.merged_into``, twice at most) is counted
as that person. People are the audience: who came as crew is in no figure.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import asyncpg

from rooms.reports.figures import NOTHING, Channels, Count, Delivery, Step, Totals, of_people
from rooms.rounds.counting.patterns import WITHDRAWN
from rooms.timeline.buckets import Buckets
from storage.reports.planning import BALLOTS, CLOSED_ROUNDS, WHO, one_moment

LOOK_TIMEOUT_S: Final = 10.0
"""For one statement: a night of fifty thousand is counted in some tenths of a second."""

# A ballot's class ends with its channel: ``audience:sms``, ``held:audience:web``.
_PEOPLE = f"""
WITH {WHO}, votes AS MATERIALIZED (
    SELECT w.person,
           count(DISTINCT b.round_id) FILTER (WHERE b.round_id = ANY ({CLOSED_ROUNDS})) AS closed,
           bool_or(split_part(b.voter_class, ':', -1) = 'web') AS web,
           bool_or(split_part(b.voter_class, ':', -1) = 'sms') AS sms
      FROM {BALLOTS} b JOIN who w ON w.id = b.participant_id
     GROUP BY w.person
), phones AS MATERIALIZED (
    SELECT attendee_id, bool_or(confirmed_at IS NOT NULL) AS confirmed
      FROM phone_attendances WHERE show_id = $1
     GROUP BY attendee_id
)
SELECT count(*) AS opened,
       count(*) FILTER (WHERE a.admitted) AS joined,
       count(*) FILTER (WHERE a.admitted AND coalesce(p.confirmed, true)) AS confirmed,
       count(v.person) AS voted,
       count(*) FILTER (WHERE v.closed = cardinality({CLOSED_ROUNDS})) AS voted_in_all,
       count(*) FILTER (WHERE v.web) AS web,
       count(*) FILTER (WHERE v.sms) AS sms
  FROM attendees a
  LEFT JOIN phones p ON p.attendee_id = a.id
  LEFT JOIN votes v ON v.person = a.id
 WHERE a.show_id = $1 AND a.merged_into IS NULL AND a.role = 'fan'
"""

_DELIVERY = """
SELECT CASE WHEN state IN ('scheduled', 'queued', 'sending', 'unknown') THEN 'queued'
            ELSE state END AS state,
       count(*) AS many, count(DISTINCT coalesce(attendee_id, phone_id, account_id, id)) AS people
  FROM messages
 WHERE show_id = $1 AND channel IN ('sms', 'whatsapp') AND state <> 'cancelled'
 GROUP BY 1
"""

_VOTES = f"""
SELECT (extract(epoch FROM at - $3::timestamptz) / $5::int)::float8 AS place,
       count(*) AS many, count(DISTINCT participant_id) AS people
  FROM (SELECT b.participant_id,
               date_bin(make_interval(secs => $5::int), b.cast_at, $3::timestamptz) AS at
          FROM {BALLOTS} b WHERE b.cast_at >= $3 AND b.cast_at <= $4) AS binned
 GROUP BY at
"""

_HEADS = """
SELECT minute, participants FROM head_counts
 WHERE show_id = $1 AND minute >= $2 AND minute <= $3 ORDER BY minute
"""


class ShowFigures:
    """Reads figures."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def totals(self, show_id: str) -> Totals:
        """The figures without a time."""
        async with one_moment(self._pool, LOOK_TIMEOUT_S) as connection:
            row = await connection.fetchrow(_PEOPLE, show_id, WITHDRAWN)
            texts = {
                sent["state"]: Count(sent["many"], sent["people"])
                for sent in await connection.fetch(_DELIVERY, show_id)
            }
        return Totals(
            funnel={step: of_people(row[step.value]) for step in Step},
            channels={channel: of_people(row[channel.value]) for channel in Channels},
            delivery={state: texts.get(state.value, NOTHING) for state in Delivery},
        )

    async def votes(self, show_id: str, buckets: Buckets) -> list[Count]:
        """Ballots by the time at which they were last changed, one count a piece."""
        counts = [NOTHING] * buckets.points
        for place, many, people in await self._pool.fetch(
            _VOTES, show_id, WITHDRAWN, buckets.starts_at, buckets.ends_at, buckets.bucket_s
        ):
            if 0 <= round(place) < len(counts):
                counts[round(place)] = Count(many, people)
        return counts

    async def head_counts(self, show_id: str, buckets: Buckets) -> list[int]:
        """The most people at once, one number a piece."""
        rows: list[tuple[datetime, int]] = [
            (row["minute"], row["participants"])
            for row in await self._pool.fetch(_HEADS, show_id, buckets.starts_at, buckets.ends_at)
        ]
        return buckets.peaks(rows)

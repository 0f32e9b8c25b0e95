"""How a round's votes came about, counted where they are."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import asyncpg

from rooms.rounds.counting.patterns import HELD
from rooms.rounds.scrutiny import VoterKind, VoterKindCount

BURST_S = 10

_VOTERS = """
WITH voters AS (
  SELECT b.participant_id, b.picks, b.cast_at, b.voter_class LIKE $2 AS held,
         CASE WHEN a.checked_in_at IS NOT NULL THEN 'checked_in'
              WHEN a.phone_confirmed_at IS NOT NULL THEN 'phone'
              WHEN c.kind = 'user' THEN 'account'
              WHEN a.joined_at < r.opened_at THEN 'guest'
              ELSE 'newcomer' END AS kind
    FROM ballots b
    JOIN rounds r ON r.id = b.round_id
    JOIN attendees a ON a.id = b.participant_id
    JOIN accounts c ON c.id = a.account_id
   WHERE b.round_id = $1 AND b.pattern <> '')
"""

_COUNTS = (
    _VOTERS
    + """
SELECT kind, NULL AS option_id, count(*) AS voters, count(*) FILTER (WHERE held) AS held
  FROM voters GROUP BY kind
UNION ALL
SELECT kind, pick ->> 'option_id', count(DISTINCT participant_id),
       count(DISTINCT participant_id) FILTER (WHERE held)
  FROM voters, jsonb_array_elements(picks) AS pick GROUP BY kind, pick ->> 'option_id'
"""
)

_BURST = (
    _VOTERS
    + """
SELECT coalesce(max(votes), 0) FROM (
  SELECT count(*) AS votes FROM voters WHERE kind = 'newcomer'
   GROUP BY floor(extract(epoch FROM cast_at) / $3)) AS bursts
"""
)

_NEWCOMERS = (
    _VOTERS
    + """
SELECT participant_id FROM voters
 WHERE kind = 'newcomer' AND NOT held
   AND ($3::text IS NULL OR picks @> jsonb_build_array(jsonb_build_object('option_id', $3::text)))
 ORDER BY participant_id LIMIT $4
"""
)


class Scrutinies:
    """Looks at ballots and at who cast them."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def counts(self, round_id: str) -> list[VoterKindCount]:
        """Voters by what is known of them; withdrawn votes are none."""
        rows = await self._pool.fetch(_COUNTS, round_id, f"{HELD}%")
        options: dict[str, dict[str, int]] = defaultdict(dict)
        held_options: dict[str, dict[str, int]] = defaultdict(dict)
        for row in rows:
            if row["option_id"] is not None:
                options[row["kind"]][row["option_id"]] = row["voters"]
                if row["held"]:
                    held_options[row["kind"]][row["option_id"]] = row["held"]
        found = {row["kind"]: row for row in rows if row["option_id"] is None}
        return [
            VoterKindCount(
                kind=kind,
                voters=found[kind]["voters"],
                held=found[kind]["held"],
                options=options[kind],
                held_options=held_options[kind],
            )
            for kind in VoterKind
            if kind in found
        ]

    async def newcomers_burst(self, round_id: str) -> int:
        """The most newcomers whose newest vote fell into the same `BURST_S` seconds."""
        return int(await self._pool.fetchval(_BURST, round_id, f"{HELD}%", BURST_S))

    async def newcomers(self, round_id: str, option_id: str | None, limit: int) -> list[str]:
        """Newcomers whose ballots count, or of those who picked an option; by their ids."""
        rows = await self._pool.fetch(_NEWCOMERS, round_id, f"{HELD}%", option_id, limit)
        return [str(row["participant_id"]) for row in rows]

"""Rounds beyond one room: where a round belongs, and the results of a tour."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from rooms.events import RoundResult
from rooms.ports import RoundRecord
from rooms.rounds.counting.patterns import HELD
from rooms.vote_config import Pick, VoteConfig

_TOUR_RESULTS = """
SELECT r.id, r.config, r.config_hash, r.status, r.result
  FROM rounds r JOIN shows s ON s.id = r.show_id
 WHERE s.tour_id = $1 AND s.status NOT IN ('draft', 'cancelled') AND s.access <> 'private'
   AND r.status IN ('closed', 'revealed') AND r.result IS NOT NULL
 ORDER BY r.closed_at DESC, r.id LIMIT $2
"""

_HELD = """
SELECT b.participant_id, a.display_name, a.device_id, b.picks::text AS picks, b.cast_at
  FROM ballots b JOIN attendees a ON a.id = b.participant_id
 WHERE b.round_id = $1 AND b.pattern <> '' AND b.voter_class LIKE $2
 ORDER BY b.cast_at, b.participant_id LIMIT $3
"""

_ROWS_AT_ONCE = 200

_decode_config = msgspec.json.Decoder(VoteConfig).decode
_decode_picks = msgspec.json.Decoder(tuple[Pick, ...]).decode
_decode_result = msgspec.json.Decoder(RoundResult).decode


class HeldBallot(msgspec.Struct, frozen=True):
    """A ballot that waits for review."""

    participant_id: str
    display_name: str
    device_id: str | None
    picks: tuple[Pick, ...]
    cast_at: datetime


class RoundIndex:
    """Finds rounds by what is known of them outside their room."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def show_of(self, round_id: str) -> str | None:
        """The show's id; ``None``: no such round."""
        found = await self._pool.fetchval("SELECT show_id FROM rounds WHERE id = $1", round_id)
        return str(found) if found else None

    async def held(self, round_id: str, limit: int) -> list[HeldBallot]:
        """Ballots of a round that wait for review, the oldest first."""
        rows = await self._pool.fetch(_HELD, round_id, f"{HELD}%", limit)
        return [
            HeldBallot(
                participant_id=str(row["participant_id"]),
                display_name=row["display_name"],
                device_id=str(row["device_id"]) if row["device_id"] else None,
                picks=_decode_picks(row["picks"]),
                cast_at=row["cast_at"],
            )
            for row in rows
        ]

    async def tour_exists(self, tour_id: str) -> bool:
        """Whether there is such a tour."""
        return bool(await self._pool.fetchval("SELECT true FROM tours WHERE id = $1", tour_id))

    async def results_of_tour(self, tour_id: str, limit: int) -> AsyncGenerator[RoundRecord, None]:
        """Rounds with a result of the tour's shows that anybody may read, the newest first."""
        async with self._pool.acquire() as connection, connection.transaction(readonly=True):
            cursor = connection.cursor(_TOUR_RESULTS, tour_id, limit, prefetch=_ROWS_AT_ONCE)
            async for row in cursor:
                yield RoundRecord(
                    round_id=str(row["id"]),
                    config=_decode_config(row["config"]),
                    config_hash=row["config_hash"],
                    status=row["status"],
                    result=_decode_result(row["result"]),
                )

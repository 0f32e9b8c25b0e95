"""What messages tell of a show (`rooms.messaging.stories.Stories`)."""

from __future__ import annotations

from typing import Any

import asyncpg
import msgspec

from rooms.events import RoundResult
from rooms.messaging.stories import OpenRound, Story, Won
from rooms.messaging.windows import ShowNight
from rooms.ports import RoundRecord
from rooms.show import ShowStatus
from rooms.views import may_see_result
from rooms.vote_config import VoteConfig
from storage.catalogue.zones import zone_of

ROUNDS_MAX = 50
"""Results that are looked at: more are told by the page."""

_SHOW = """
SELECT s.title, s.slug, s.status, s.starts_at, s.ends_at, s.join_code, s.takes_sms,
       CASE WHEN s.status = 'live' THEN s.status_changed_at END AS live_since,
       v.city, v.state, v.country,
       (SELECT a.name FROM line_up l JOIN artists a ON a.id = l.artist_id
         WHERE l.show_id = s.id AND l.status <> 'declined'
         ORDER BY l.billing <> 'headliner', l.position LIMIT 1) AS artist,
       (SELECT min(e.at) FROM room_events e
         WHERE e.show_id = s.id AND e.name = 'show_status_changed'
           AND e.data ->> 'status' IN ('closed', 'cancelled')) AS ended_at
  FROM shows s LEFT JOIN venues v ON v.id = s.venue_id
 WHERE s.id = $1
"""

_WON = """
SELECT id, config, config_hash, status, result FROM rounds
 WHERE show_id = $1 AND status IN ('closed', 'revealed') AND result IS NOT NULL
   AND superseded_by IS NULL
 ORDER BY closed_at DESC, id LIMIT $2
"""

_ROUND = "SELECT config, status FROM rounds WHERE id = $1 AND show_id = $2"

_config = msgspec.json.Decoder(VoteConfig).decode
_result = msgspec.json.Decoder(RoundResult).decode


class PostgresStories:
    """Reads stories."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def of(self, show_id: str, round_id: str | None = None) -> Story | None:
        """What there is to tell; ``None``: there is no such show."""
        show = await self._pool.fetchrow(_SHOW, show_id)
        if show is None:
            return None
        asked = await self._pool.fetchrow(_ROUND, round_id, show_id) if round_id else None
        return Story(
            show_id=show_id,
            title=show["title"],
            artist=show["artist"] or "",
            slug=show["slug"],
            join_code=show["join_code"],
            takes_sms=show["takes_sms"],
            night=ShowNight(
                status=ShowStatus(show["status"]),
                starts_at=show["starts_at"],
                ends_at=show["ends_at"],
                ended_at=show["ended_at"],
                live_since=show["live_since"],
                zone=await zone_of(show["city"], show["state"], show["country"]),
            ),
            won=tuple(
                won
                for row in await self._pool.fetch(_WON, show_id, ROUNDS_MAX)
                if (won := _won(row)) is not None
            ),
            round=None if asked is None else _open_round(asked),
        )


def _won(row: asyncpg.Record) -> Won | None:
    config, result = _config(row["config"]), _result(row["result"])
    record = RoundRecord(
        round_id=str(row["id"]),
        config=config,
        config_hash=row["config_hash"],
        status=row["status"],
        result=result,
    )
    if not may_see_result(record, crew=False) or not result.winners or result.next_round_id:
        return None
    labels = {option.id: option.label for option in config.options} | dict(result.labels or {})
    return Won(config.title, " + ".join(labels.get(one, one) for one in result.winners))


def _open_round(row: asyncpg.Record) -> OpenRound:
    config = _config(row["config"])
    return OpenRound(config.title, row["status"] == "open", "sms" in config.who.channels)

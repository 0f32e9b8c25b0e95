"""Trained models: `rooms.suggestions.ports.SuggestionModels`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg

from rooms.suggestions.ports import StoredModel

SAVE = """
INSERT INTO suggestion_models AS m (artist_id, version, trained_at, shows, payload)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (artist_id) DO UPDATE
   SET version = excluded.version, trained_at = excluded.trained_at, shows = excluded.shows,
       payload = excluded.payload
 WHERE m.trained_at < excluded.trained_at
"""
FIND = """
SELECT artist_id, version, trained_at, shows, payload FROM suggestion_models WHERE artist_id = $1
"""


class PostgresSuggestionModels:
    """Keeps one model per artist."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def save(self, model: StoredModel) -> None:
        """Replaces the artist's model, unless a newer one (``trained_at``) is there."""
        await self._pool.execute(
            SAVE, model.artist_id, model.version, model.trained_at, model.shows, model.payload
        )

    async def find(self, artist_id: UUID) -> StoredModel | None:
        """The artist's model, or None if there is none yet."""
        row = await self._pool.fetchrow(FIND, artist_id)
        if row is None:
            return None
        return StoredModel(
            artist_id=UUID(str(row["artist_id"])),
            version=row["version"],
            trained_at=row["trained_at"],
            shows=row["shows"],
            payload=row["payload"],
        )

"""Finding what is public by name (``search_index``), and keeping that table level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import asyncpg

from rooms.catalogue.records import Found, Kind, Named

ROWS_PER_REFRESH: Final = 1_000
"""Notes taken at a time: about a tenth of a second of one connection."""

# What has become private a moment ago may still be in the index, but is in no answer.
_PUBLIC = """
(f.kind <> 'show' OR EXISTS (
    SELECT FROM shows p WHERE p.id = f.id AND show_is_public(p.status, p.access)))
"""

_SEARCH = f"""
SELECT f.*, s.slug FROM search_catalogue($1, $2, $3, $4, $5, $6) AS f
  LEFT JOIN shows s ON f.kind = 'show' AND s.id = f.id
 WHERE {_PUBLIC} ORDER BY f.score DESC, f.kind COLLATE "C", f.id
"""

_BY_SHORT_ID = """
SELECT kind, id, name FROM search_index WHERE kind = $1 AND right(id::text, 12) = $2
 ORDER BY id LIMIT 10
"""
# Read from what the index is made of: somebody who has just published need not wait for it.
_BY_ID = "SELECT kind, id, name FROM searchable_{table} WHERE id = $1"

_MOST = """
SELECT kind, id, name, detail FROM search_index WHERE kind = $1 ORDER BY weight DESC, key LIMIT $2
"""


class PostgresSearch:
    """Finds."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def search(
        self,
        text: str,
        kinds: Sequence[Kind],
        limit: int,
        after: tuple[float, str, str] | None = None,
    ) -> list[Found]:
        """What fits best first. ``after``: (score, kind, id) of the last one before."""
        score, kind, one = after or (None, None, None)
        rows = await self._pool.fetch(
            _SEARCH, text, [wanted.value for wanted in kinds], score, kind, one, limit
        )
        return [
            Found(
                kind=Kind(row["kind"]),
                id=str(row["id"]),
                name=row["name"],
                detail=row["detail"],
                slug=row["slug"],
                at=row["at"],
                score=row["score"],
            )
            for row in rows
        ]

    async def by_id(self, kind: Kind, one: str) -> Named | None:
        """Something public by its id."""
        row = await self._pool.fetchrow(_BY_ID.format(table=f"{kind.value}s"), one)
        return _named(row) if row else None

    async def by_short_id(self, kind: Kind, short: str) -> list[Named]:
        """What is public and whose id ends so (12 hexadecimal digits): hardly ever several."""
        return [_named(row) for row in await self._pool.fetch(_BY_SHORT_ID, kind.value, short)]

    async def most(self, kind: Kind, limit: int) -> list[Found]:
        """The best known of a kind."""
        rows = await self._pool.fetch(_MOST, kind.value, limit)
        return [
            Found(kind=kind, id=str(row["id"]), name=row["name"], detail=row["detail"])
            for row in rows
        ]

    async def refresh(self) -> int:
        """Brings a portion of the index level; how many notes were taken, 0 when it is."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL statement_timeout = 30000")
            taken: int = await connection.fetchval("SELECT refresh_search($1)", ROWS_PER_REFRESH)
        return taken


def _named(row: Any) -> Named:
    return Named(Kind(row["kind"]), str(row["id"]), row["name"])

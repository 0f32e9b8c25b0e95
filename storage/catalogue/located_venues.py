"""Gives venues the coordinates of their cities, in portions."""

from __future__ import annotations

from typing import Any, Final

import asyncpg

from storage.catalogue.cities import gazetteer

VENUES_PER_PORTION: Final = 500
"""A portion is one short statement: nobody waits for it."""

_FIRST = "00000000-0000-0000-0000-000000000000"

_UNKNOWN = """
SELECT id, city, state, country FROM venues
 WHERE lat IS NULL AND city IS NOT NULL AND id > $1 ORDER BY id LIMIT $2
"""

_LOCATE = """
UPDATE venues v SET lat = u.lat, lon = u.lon
  FROM unnest($1::uuid[], $2::float8[], $3::float8[]) AS u (id, lat, lon)
 WHERE v.id = u.id AND v.lat IS NULL
"""


class PostgresVenues:
    """Locates venues."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def locate(self) -> int:
        """Every venue whose city the gazetteer knows; how many were located now.

        Those that it does not know are looked at again at the next run, when it may be newer.
        """
        located, last = 0, _FIRST
        while rows := await self._pool.fetch(_UNKNOWN, last, VENUES_PER_PORTION):
            last = str(rows[-1]["id"])
            known = await gazetteer()
            found = [
                (row["id"], city.lat, city.lon)
                for row in rows
                if (city := known.locate(row["city"], row["state"], row["country"])) is not None
            ]
            if found:
                await self._pool.execute(
                    _LOCATE, *(list(part) for part in zip(*found, strict=True))
                )
                located += len(found)
        return located

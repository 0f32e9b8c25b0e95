"""Shows near a place: a box of degrees by the index ``venues_located``, then the circle."""

from __future__ import annotations

from typing import Any, Final

import asyncpg

from rooms.catalogue.distances import EARTH_RADIUS_KM, Near, box_around
from rooms.shows.records import ShowFilter, ShowRecord
from storage.shows.rows import SELECT_SHOW, show_of
from storage.shows.shows import conditions_of

NEARBY_MAX: Final = 500
"""Shows of one circle that can be paged through."""

DISTANCE_KM: Final = f"""
(2 * {EARTH_RADIUS_KM} * asin(sqrt(least(1, sin(radians(v.lat - {{lat}}) / 2) ^ 2
 + cos(radians({{lat}})) * cos(radians(v.lat)) * sin(radians(v.lon - {{lon}}) / 2) ^ 2))))
"""

_ORDER = """
 ORDER BY CASE s.status WHEN 'live' THEN 0 WHEN 'published' THEN 0 ELSE 1 END, {distance},
          CASE WHEN s.status IN ('live', 'published') THEN s.starts_at END,
          s.starts_at DESC, s.id
"""


class NearbyShows:
    """Finds shows by place."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def find(
        self, near: Near, wanted: ShowFilter, skip: int
    ) -> list[tuple[ShowRecord, float]]:
        """Live and coming shows, the nearest first, then those that are over in the same order;
        with each its distance in km, of its city's centre.

        Args:
            wanted: which shows; its order and ``after`` mean nothing here.
            skip: how many were on the pages before.
        """
        values: list[Any] = []

        def value(given: Any) -> str:
            values.append(given)
            return f"${len(values)}"

        lat, lon = value(near.lat) + "::float8", value(near.lon) + "::float8"
        distance = DISTANCE_KM.format(lat=lat, lon=lon)
        box = box_around(near)
        south, north = value(box.south), value(box.north)
        west, east = value(box.west), value(box.east)
        across = "OR" if box.west > box.east else "AND"
        conditions = [
            f"v.lat BETWEEN {south} AND {north}",
            f"(v.lon >= {west} {across} v.lon <= {east})",
            f"{distance} <= {value(near.radius_km)}",
            *conditions_of(wanted, value),
        ]
        statement = (
            f"{SELECT_SHOW.replace('SELECT s.id,', f'SELECT {distance} AS distance_km, s.id,', 1)}"
            f" WHERE {' AND '.join(conditions)}{_ORDER.format(distance=distance)}"
            f" LIMIT {value(wanted.limit)} OFFSET {value(skip)}"
        )
        rows = await self._pool.fetch(statement, *values)
        return [(show_of(row), row["distance_km"]) for row in rows]

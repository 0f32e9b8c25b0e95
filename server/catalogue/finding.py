"""Search, suggestions, cities, and shows near a place."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Final

from rooms.catalogue.distances import RADIUS_KM_MAX, Near
from rooms.catalogue.gazetteer import City
from rooms.catalogue.records import Found, Kind
from rooms.show import ShowStatus
from rooms.shows.records import ShowFilter, ShowRecord
from server.catalogue.schemas import FoundView, SearchPage
from server.catalogue.views import found_view
from server.cursors import read_cursor, write_cursor
from server.field_problems import FieldProblem
from server.gates import Gate
from server.problems import invalid
from server.text import one_line
from storage.catalogue.cities import gazetteer
from storage.catalogue.nearby import NEARBY_MAX, NearbyShows
from storage.catalogue.search import PostgresSearch

SUGGESTIONS_MAX: Final = 8
"""What fits below a search field on a phone."""

QUERY_CHARACTERS_MAX: Final = 100

AT_ONCE: Final = 3
"""Of a node's ten connections to the database: a search holds one for 10 to 60 ms, and anybody may
search, whereas rooms and sign-ins need the others."""

WAITING_MAX: Final = 60
"""A second or two of searches."""

LISTED_NEARBY: Final = (
    ShowStatus.LIVE,
    ShowStatus.PUBLISHED,
    ShowStatus.CLOSED,
    ShowStatus.ARCHIVED,
)

_POINT = re.compile(r"\s*(-?\d{1,2}(?:\.\d{1,9})?)\s*,\s*(-?\d{1,3}(?:\.\d{1,9})?)\s*")


class Finding:
    """Finds what is public."""

    def __init__(self, search: PostgresSearch, nearby: NearbyShows) -> None:
        self._search = search
        self._nearby = nearby
        self._gate = Gate(AT_ONCE, WAITING_MAX)

    async def search(
        self, text: str, kinds: Sequence[Kind], limit: int, cursor: str | None
    ) -> SearchPage:
        """A page of what fits, best first.

        Raises:
            ApiError: ``busy``; the cursor is none of ours.
        """
        after = read_cursor(cursor, tuple[float, str, str]) if cursor else None
        wanted = one_line(text)[:QUERY_CHARACTERS_MAX]
        async with self._gate.turn():
            found = await self._search.search(wanted, kinds or tuple(Kind), limit + 1, after)
        page = found[:limit]
        last = page[-1] if len(found) > limit else None
        return SearchPage(
            items=[found_view(one) for one in page],
            next_cursor=write_cursor((last.score, last.kind, last.id)) if last else None,
        )

    async def suggest(self, text: str) -> list[FoundView]:
        """The eight that fit best.

        Raises:
            ApiError: ``busy``.
        """
        wanted = one_line(text)[:QUERY_CHARACTERS_MAX]
        async with self._gate.turn():
            found = await self._search.search(wanted, tuple(Kind), SUGGESTIONS_MAX)
        return [found_view(one) for one in found]

    async def most(self, kind: Kind, limit: int) -> list[Found]:
        """The best known of a kind."""
        return await self._search.most(kind, limit)

    async def places(self, text: str, limit: int) -> list[City]:
        """Cities that are called so, or nearly.

        Raises:
            ApiError: ``busy``.
        """
        cities = await gazetteer()
        # A slip of the finger is looked for in 90,000 names: 20 ms that belong to a thread.
        async with self._gate.turn():
            return await asyncio.to_thread(cities.find, text, limit)

    async def near(
        self, near: Near, wanted: ShowFilter, cursor: str | None
    ) -> tuple[list[tuple[ShowRecord, float]], str | None]:
        """A page of shows near a place with their distances in km, and the next one's cursor.

        Raises:
            ApiError: ``busy``; the cursor is none of ours.
        """
        skip = read_cursor(cursor, int) if cursor else 0
        if not 0 <= skip <= NEARBY_MAX:
            raise invalid(FieldProblem("cursor", "invalid", "This is no cursor of ours."))
        async with self._gate.turn():
            found = await self._nearby.find(near, wanted, skip)
        page = found[: wanted.limit - 1]
        ends = skip + len(page)
        more = len(found) > len(page) and ends < NEARBY_MAX
        return page, write_cursor(ends) if more else None


def read_near(text: str, radius_km: float) -> Near:
    """``lat,lon`` in degrees.

    Raises:
        ApiError: it is no point on the ground.
    """
    match = _POINT.fullmatch(text)
    if match is None or abs(float(match[1])) > 90 or abs(float(match[2])) > 180:
        detail = "Give latitude and longitude in degrees: 42.44,-76.50."
        raise invalid(FieldProblem("near", "invalid", detail))
    return Near(float(match[1]), float(match[2]), min(radius_km, RADIUS_KM_MAX))

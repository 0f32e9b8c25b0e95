"""Shows in the lists of pages: public ones, with their venue and artists in one statement."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from rooms.catalogue.records import Kind, ListedShow, Named, VenuePlace

COLUMNS = """
       s.id, s.slug, s.title, s.status, s.starts_at, s.date_precision = 'month' AS month_only,
       s.venue_id, v.name AS venue_name, v.city, v.state, v.country, v.lat, v.lon,
       (SELECT coalesce(json_agg(json_build_object('id', a.id, 'name', a.name)
                                 ORDER BY l.position, l.id), '[]')
          FROM line_up l JOIN artists a ON a.id = l.artist_id
         WHERE l.show_id = s.id AND l.status <> 'declined')::text AS artists,
       (SELECT count(*) FROM performances p
         WHERE p.show_id = s.id AND p.section <> 'soundcheck') AS songs
"""

FROM = "shows s LEFT JOIN venues v ON v.id = s.venue_id"

PUBLIC = "show_is_public(s.status, s.access)"

OVER = "s.status IN ('closed', 'archived')"
COMING = "s.status IN ('live', 'published')"


class _Artist(Struct):
    id: str
    name: str


_ARTISTS = msgspec.json.Decoder(list[_Artist])


def listed_show(row: Any) -> ListedShow:
    """A row of `COLUMNS`."""
    venue = place = None
    if row["venue_id"] is not None:
        venue = Named(Kind.VENUE, str(row["venue_id"]), row["venue_name"])
        place = place_of(row)
    return ListedShow(
        show_id=str(row["id"]),
        slug=row["slug"],
        title=row["title"],
        status=row["status"],
        starts_at=row["starts_at"],
        month_only=row["month_only"],
        venue=venue,
        place=place,
        artists=tuple(
            Named(Kind.ARTIST, artist.id, artist.name) for artist in _ARTISTS.decode(row["artists"])
        ),
        songs=row["songs"],
    )


def place_of(row: Any) -> VenuePlace:
    """The venue's columns."""
    return VenuePlace(
        city=row["city"],
        state=row["state"],
        country=row["country"],
        lat=row["lat"],
        lon=row["lon"],
    )

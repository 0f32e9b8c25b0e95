"""Rows of shows as records, and the SQL that reads them."""

from __future__ import annotations

from typing import Any

import msgspec

from rooms.show import Access, ShowStatus
from rooms.shows.records import LineUpRecord, ShowRecord, TourRecord, VenueRecord

SELECT_SHOW = """
SELECT s.id, s.slug, s.title, s.status, s.access, s.starts_at, s.ends_at, s.join_code, s.owner_id,
       s.created_at, s.updated_at, s.takes_sms,
       s.tour_id, t.name AS tour_name,
       s.date_precision, s.venue_id, v.state AS venue_state,
       v.name AS venue_name, v.city AS venue_city, v.country AS venue_country,
       (SELECT coalesce(json_agg(json_build_object(
                   'artist_id', a.id, 'name', a.name, 'billing', l.billing,
                   'position', l.position, 'status', l.status) ORDER BY l.position, l.id), '[]')
          FROM line_up l JOIN artists a ON a.id = l.artist_id
         WHERE l.show_id = s.id)::text AS line_up
  FROM shows s LEFT JOIN venues v ON v.id = s.venue_id LEFT JOIN tours t ON t.id = s.tour_id
"""

_LINE_UP = msgspec.json.Decoder(tuple[LineUpRecord, ...])


def show_of(row: Any) -> ShowRecord:
    """A row of `SELECT_SHOW`."""
    venue = None
    if row["venue_name"] is not None:
        venue = VenueRecord(
            name=row["venue_name"],
            city=row["venue_city"],
            country=row["venue_country"],
        )
    tour = None
    if row["tour_id"] is not None:
        tour = TourRecord(tour_id=str(row["tour_id"]), name=row["tour_name"])
    return ShowRecord(
        show_id=str(row["id"]),
        slug=row["slug"],
        title=row["title"],
        status=ShowStatus(row["status"]),
        access=Access(row["access"]),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        join_code=row["join_code"],
        owner_id=str(row["owner_id"]) if row["owner_id"] else None,
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        venue=venue,
        artists=_LINE_UP.decode(row["line_up"]),
        takes_sms=row["takes_sms"],
        tour=tour,
        month_only=row["date_precision"] == "month",
        venue_id=str(row["venue_id"]) if row["venue_id"] else None,
        state=row["venue_state"],
    )

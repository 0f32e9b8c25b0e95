"""Finding or making the artists, venues and tours that a show names."""

from __future__ import annotations

from typing import Any, TypeAlias

import asyncpg

from rooms.catalogue.gazetteer import City
from rooms.catalogue.names import normalised
from rooms.shows.records import VenueRecord
from storage.catalogue.cities import gazetteer

Connection: TypeAlias = "asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]"

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"


async def artist_by_name(connection: Connection, name: str) -> str:
    """The id of the artist of this name, made if there is none.

    Of several that share a name the oldest is taken. The lock keeps two shows that name a new
    artist at once from making it twice.
    """
    key = normalised(name)
    find = "SELECT id FROM artists WHERE normalised_name = $1 ORDER BY id LIMIT 1"
    found = await connection.fetchval(find, key)
    if found is None:
        await connection.execute(_LOCK, f"artist {key}")
        found = await connection.fetchval(find, key)
    if found is None:
        found = await connection.fetchval(
            "INSERT INTO artists (name, normalised_name) VALUES ($1, $2) RETURNING id", name, key
        )
    return str(found)


async def tour_id(connection: Connection, show_id: str, name: str | None) -> str | None:
    """The id of the tour of this name of a show's headliner, made if the show's owner has none.

    A tour is found by the shows of the same owner alone: who names somebody else's tour would
    otherwise speak in its leaderboard. ``None`` without a name or a line-up.
    """
    if name is None:
        return None
    find = (
        "SELECT t.id FROM tours t "
        "JOIN shows other ON other.tour_id = t.id "
        "JOIN shows s ON s.id = $1 AND s.owner_id = other.owner_id "
        "JOIN line_up l ON l.show_id = s.id AND l.artist_id = t.artist_id "
        "WHERE lower(t.name) = lower($2) ORDER BY t.id LIMIT 1"
    )
    await connection.execute(_LOCK, f"tour {name.casefold()}")
    found = await connection.fetchval(find, show_id, name)
    if found is None:
        found = await connection.fetchval(
            "INSERT INTO tours (artist_id, name) SELECT artist_id, $2::varchar FROM line_up "
            "WHERE show_id = $1 ORDER BY position, id LIMIT 1 RETURNING id",
            show_id,
            name,
        )
    return None if found is None else str(found)


async def city_of(venue: VenueRecord | None) -> City | None:
    """Where a venue lies, for `venue_id`. Asked before its transaction: the first call of a
    process reads the whole gazetteer."""
    if venue is None:
        return None
    return (await gazetteer()).locate(venue.city, None, venue.country)


async def venue_id(
    connection: Connection, venue: VenueRecord | None, city: City | None
) -> str | None:
    """The id of a venue, made if there is none of this name, city and country."""
    if venue is None:
        return None
    find = (
        "SELECT id FROM venues WHERE lower(name) = lower($1) "
        "AND lower(city) IS NOT DISTINCT FROM lower($2) AND country IS NOT DISTINCT FROM $3 "
        "ORDER BY id LIMIT 1"
    )
    values = (venue.name, venue.city, venue.country)
    found = await connection.fetchval(find, *values)
    if found is None:
        await connection.execute(_LOCK, f"venue {venue.name.casefold()}")
        found = await connection.fetchval(find, *values)
    if found is None:
        found = await connection.fetchval(
            "INSERT INTO venues (name, city, country, lat, lon) VALUES ($1, $2, $3, $4, $5) "
            "RETURNING id",
            *values,
            city.lat if city else None,
            city.lon if city else None,
        )
    return str(found)

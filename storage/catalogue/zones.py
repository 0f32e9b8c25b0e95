"""The time zone of a place, by its city."""

from __future__ import annotations

from storage.catalogue.cities import gazetteer


async def zone_of(city: str | None, state: str | None, country: str | None) -> str | None:
    """Its IANA name; ``None``: the gazetteer does not know the city."""
    if not city:
        return None
    found = (await gazetteer()).locate(city, state, country)
    return found.time_zone if found else None

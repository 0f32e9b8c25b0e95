"""Distances on the ground."""

from __future__ import annotations

from math import asin, cos, degrees, radians, sin, sqrt
from typing import Final

from msgspec import Struct

EARTH_RADIUS_KM: Final = 6371.0
"""Mean radius; a sphere is wrong by half a percent at most, a city's centre by more."""

RADIUS_KM_DEFAULT: Final = 100.0
RADIUS_KM_MAX: Final = 1000.0
"""How far somebody travels to a concert."""


class Near(Struct, frozen=True):
    """A circle on the ground: degrees (WGS 84) and kilometres."""

    lat: float
    lon: float
    radius_km: float = RADIUS_KM_DEFAULT


class Box(Struct, frozen=True):
    """Degrees between which a circle lies. ``west`` > ``east`` where it crosses the date line."""

    south: float
    north: float
    west: float
    east: float


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """The great circle between two points given in degrees (haversine)."""
    rise = sin(radians(other_lat - lat) / 2) ** 2
    run = sin(radians(other_lon - lon) / 2) ** 2
    flat = cos(radians(lat)) * cos(radians(other_lat))
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, rise + flat * run)))


def box_around(near: Near) -> Box:
    """A box that holds the whole circle, for an index to begin with."""
    angle = near.radius_km / EARTH_RADIUS_KM
    south, north = near.lat - degrees(angle), near.lat + degrees(angle)
    if south <= -90 or north >= 90:
        return Box(max(south, -90.0), min(north, 90.0), -180.0, 180.0)
    reach = degrees(asin(min(1.0, sin(angle) / cos(radians(near.lat)))))
    return Box(south, north, _around(near.lon - reach), _around(near.lon + reach))


def _around(lon: float) -> float:
    return (lon + 180) % 360 - 180

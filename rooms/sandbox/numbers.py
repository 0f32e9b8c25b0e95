"""Numbers that belong to nobody, and that every parser of numbers takes for valid.

Each country's are those that its numbering authority keeps for fiction: the last hundred of the
exchange 555 in North America (ATIS-0300115, 555-0100 to 555-0199 of every area code), and
``0171 39200xx`` in Germany (Bundesnetzagentur, numbers for media productions). Those of the United
Kingdom and of France are not used: parsers refuse them.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

PER_AREA: Final = 100
"""Numbers kept for fiction in one area."""


class Area(Struct, frozen=True):
    """A hundred numbers of one place.

    Attributes:
        prefix: what stands before the last two digits, E.164.
        country: ISO 3166-1 alpha-2.
        state, city, zip_code: as Twilio says them of a North American number; empty elsewhere.
    """

    prefix: str
    country: str
    state: str = ""
    city: str = ""
    zip_code: str = ""


AREAS: Final = (
    Area("+121255501", "US", "NY", "NEW YORK", "10012"),
    Area("+141555501", "US", "CA", "SAN FRANCISCO", "94103"),
    Area("+131255501", "US", "IL", "CHICAGO", "60607"),
    Area("+151255501", "US", "TX", "AUSTIN", "78701"),
    Area("+161555501", "US", "TN", "NASHVILLE", "37203"),
    Area("+160755501", "US", "NY", "ITHACA", "14850"),
    Area("+178755501", "PR", "PR", "SAN JUAN", "00901"),
    Area("+151455501", "CA", "QC", "MONTREAL", ""),
    Area("+4917139200", "DE"),
)

COUNTRIES: Final = tuple(dict.fromkeys(area.country for area in AREAS))
"""Countries that a simulated phone may be from."""


def areas_of(country: str) -> tuple[Area, ...]:
    """The areas of a country; none where it has no number for fiction."""
    return tuple(area for area in AREAS if area.country == country)


def area_of(number: str) -> Area | None:
    """The area of one of these numbers."""
    return next((area for area in AREAS if number.startswith(area.prefix)), None)


def numbers_of(country: str) -> tuple[str, ...]:
    """Every number of a country, area by area in turn, so that neighbours differ at sight."""
    areas = areas_of(country)
    return tuple(f"{area.prefix}{last:02d}" for last in range(PER_AREA) for area in areas)

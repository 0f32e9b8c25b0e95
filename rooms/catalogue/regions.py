"""First-level divisions of countries: GeoNames' codes to what people write behind a city.

GeoNames numbers most of the world's divisions; a number says nothing to a reader, so only those
that archives and posters tell are named: states, provinces, the nations of the United Kingdom.
"""

from __future__ import annotations

from types import MappingProxyType

from rooms.catalogue.countries import US_STATES

_CANADA = MappingProxyType(
    {
        "01": "AB",
        "02": "BC",
        "03": "MB",
        "04": "NB",
        "05": "NL",
        "07": "NS",
        "08": "ON",
        "09": "PE",
        "10": "QC",
        "11": "SK",
        "12": "YT",
        "13": "NT",
        "14": "NU",
    }
)
_AUSTRALIA = MappingProxyType(
    {
        "01": "ACT",
        "02": "NSW",
        "03": "NT",
        "04": "QLD",
        "05": "SA",
        "06": "TAS",
        "07": "VIC",
        "08": "WA",
    }
)
_UNITED_KINGDOM = MappingProxyType(
    {"ENG": "England", "NIR": "Northern Ireland", "SCT": "Scotland", "WLS": "Wales"}
)


def region_of(country: str, code: str) -> str | None:
    """The division as it is written, or None where a number is all there is.

    Args:
        country: ISO 3166-1 alpha-2.
        code: GeoNames' ``admin1`` code (https://download.geonames.org/export/dump/readme.txt).
    """
    match country:
        case "US":
            return code if code in US_STATES else None
        case "CA":
            return _CANADA.get(code)
        case "AU":
            return _AUSTRALIA.get(code)
        case "GB":
            return _UNITED_KINGDOM.get(code)
        case _:
            return None

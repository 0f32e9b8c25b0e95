"""Names of countries as archives write them, to ISO 3166-1 alpha-2 codes."""

from __future__ import annotations

from types import MappingProxyType

COUNTRY_CODES = MappingProxyType(
    {
        "argentina": "AR",
        "australia": "AU",
        "austria": "AT",
        "belgium": "BE",
        "brazil": "BR",
        "canada": "CA",
        "chile": "CL",
        "costa rica": "CR",
        "czech republic": "CZ",
        "denmark": "DK",
        "east germany": "DE",
        "egypt": "EG",
        "england": "GB",
        "finland": "FI",
        "france": "FR",
        "germany": "DE",
        "great britain": "GB",
        "greece": "GR",
        "hungary": "HU",
        "iceland": "IS",
        "india": "IN",
        "ireland": "IE",
        "italy": "IT",
        "ivory coast": "CI",
        "jamaica": "JM",
        "japan": "JP",
        "luxembourg": "LU",
        "mexico": "MX",
        "netherlands": "NL",
        "new zealand": "NZ",
        "northern ireland": "GB",
        "norway": "NO",
        "poland": "PL",
        "portugal": "PT",
        "scotland": "GB",
        "south africa": "ZA",
        "spain": "ES",
        "sweden": "SE",
        "switzerland": "CH",
        "the netherlands": "NL",
        "uk": "GB",
        "united kingdom": "GB",
        "united states": "US",
        "us": "US",
        "usa": "US",
        "wales": "GB",
        "west germany": "DE",
        "zimbabwe": "ZW",
    }
)
"""Countries that have ceased to exist map to the one their cities lie in today."""

NATIONS_OF_GB = frozenset({"england", "scotland", "wales", "northern ireland"})
"""Countries of the United Kingdom: kept as the state, so that nothing that was said is lost."""

US_STATES = frozenset(
    "AK AL AR AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE "
    "NH NJ NM NV NY OH OK OR PA RI SC SD TN TX UT VA VT WA WI WV WY".split()
)
"""Postal codes of the states and the District of Columbia."""


def country_code(name: str) -> str | None:
    """The ISO 3166-1 alpha-2 code of a country's English name, or None if it is not known."""
    return COUNTRY_CODES.get(" ".join(name.casefold().split()))

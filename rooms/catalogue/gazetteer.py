"""The world's cities by name: what a fan types into a city field, and where a venue's city lies.

A city is found by its name, by its names in other languages, without accents, by the beginning of
a name and with slips of the finger. Only the texts are kept (one line and some keys for each of
70,000 cities); a city is read from its line when it is asked for.
"""

from __future__ import annotations

import heapq
import re
from bisect import bisect_left
from collections.abc import Iterable
from typing import Final

from msgspec import Struct
from rapidfuzz import process
from rapidfuzz.distance import OSA

from rooms.catalogue.names import title_key

QUERY_CHARACTERS_MAX: Final = 80
"""The longest name of a city has 58 characters."""

FUZZY_FROM_CHARACTERS: Final = 4
"""Shorter words are one slip away from too many others."""

OTHER_NAME_WEIGHT: Final = 0.1
"""What a name in another language counts while only its beginning was typed."""

PLACES_MAX: Final = 20
"""Cities in one answer."""

UNSAID_COUNTRY_INHABITANTS_MIN: Final = 100_000
"""Without its country a city is only believed to be meant if it is a large one."""

_SAINTLY = re.compile(r"\b(st|ste|ft|mt)\b")
_LONG_FORMS: Final = {"st": "saint", "ste": "sainte", "ft": "fort", "mt": "mount"}


class City(Struct, frozen=True):
    """A city. ``admin``: its state, province or nation where that is commonly said.

    ``lat``, ``lon``: degrees (WGS 84), to two decimals, about a kilometre. ``time_zone``: its name
    in the IANA database.
    """

    name: str
    admin: str | None
    country: str
    lat: float
    lon: float
    population: int
    time_zone: str


def city_key(name: str) -> str:
    """A city's name for comparison: ``St. Louis`` and ``Saint Louis`` are one."""
    return _SAINTLY.sub(lambda match: _LONG_FORMS[match[1]], title_key(name))


class Gazetteer:
    """Finds cities. Made from lines of `write_line`'s form; takes about half a second."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = [line for line in lines if line]
        self._populations = [int(line.split("\t", 6)[5]) for line in self._lines]
        self._own_keys: list[str] = []
        found: list[tuple[str, int]] = []
        for number, line in enumerate(self._lines):
            name, *_, others = line.split("\t")
            own = city_key(name)
            self._own_keys.append(own)
            found.append((own, number))
            found.extend((key, number) for key in others.split("|") if key and key != own)
        found.sort()
        self._keys = [key for key, _ in found]
        self._cities = [number for _, number in found]

    def __len__(self) -> int:
        """How many cities there are."""
        return len(self._lines)

    def find(self, text: str, limit: int = 8) -> list[City]:
        """Cities whose name begins so, the largest first; then those that nearly do.

        Args:
            text: what somebody has typed, perhaps with a region or country behind a comma.
            limit: how many at most, up to ``PLACES_MAX``.
        """
        said, _, behind = text[:QUERY_CHARACTERS_MAX].partition(",")
        key, region = city_key(said), title_key(behind)
        if not key or not any(sign.isalnum() for sign in key):
            return []
        limit = min(limit, PLACES_MAX)
        wanted = limit if not region else 10 * limit
        numbers = self._beginning_with(key, wanted)
        if len(key) >= FUZZY_FROM_CHARACTERS and len(numbers) < limit and not self._called(key):
            known = set(numbers)
            numbers += [number for number in self._similar_to(key, wanted) if number not in known]
        cities = [self._city(number) for number in numbers]
        if region:
            cities = [city for city in cities if _lies_in(city, region)]
        return cities[:limit]

    def locate(self, city: str | None, state: str | None, country: str | None) -> City | None:
        """The city of a venue: the largest of this name in its state and country.

        Args:
            city: its name, perhaps with its state behind a comma.
            state: a postal code or a nation's name; ignored where divisions have no names here.
            country: ISO 3166-1 alpha-2. Without one only a large city is believed to be meant.
        """
        name, _, behind = (city or "").partition(",")
        key, state = city_key(name), state or behind.strip() or None
        if not key:
            return None
        named = [self._city(number) for number in self._called(key)]
        if country is None:
            named = [one for one in named if one.population >= UNSAID_COUNTRY_INHABITANTS_MIN]
        else:
            named = [one for one in named if one.country == country]
        if state is not None and any(one.admin is not None for one in named):
            named = [one for one in named if one.admin is None or one.admin == state]
        return max(named, key=lambda one: one.population, default=None)

    def _called(self, key: str) -> set[int]:
        at = bisect_left(self._keys, key)
        numbers = set()
        while at < len(self._keys) and self._keys[at] == key:
            numbers.add(self._cities[at])
            at += 1
        return numbers

    def _beginning_with(self, key: str, limit: int) -> list[int]:
        """The largest first; another language's name counts a tenth, as long as it is not said to
        the end: who types ``bar`` hardly means Manaus, which was Barra once."""
        start = bisect_left(self._keys, key)
        end = bisect_left(self._keys, key + "\U0010ffff", lo=start)
        exact = self._called(key)

        def likelihood(number: int) -> float:
            said = number in exact or self._own_keys[number].startswith(key)
            return self._populations[number] * (1.0 if said else OTHER_NAME_WEIGHT)

        return heapq.nlargest(limit, set(self._cities[start:end]), key=likelihood)

    def _similar_to(self, key: str, limit: int) -> list[int]:
        """One slip in four letters, two in eight: a letter too many, missing, wrong or swapped."""
        slips = 1 if len(key) < 8 else 2
        found = process.extract(key, self._keys, scorer=OSA.distance, score_cutoff=slips, limit=200)
        best: dict[int, int] = {}
        for _, distance, at in found:
            number = self._cities[at]
            best[number] = min(distance, best.get(number, distance))
        ranked = sorted(best, key=lambda number: (best[number], -self._populations[number]))
        return ranked[:limit]

    def _city(self, number: int) -> City:
        name, admin, country, lat, lon, population, zone, _ = self._lines[number].split("\t")
        return City(name, admin or None, country, float(lat), float(lon), int(population), zone)


def write_line(city: City, other_keys: Iterable[str]) -> str:
    """One line of the packed file.

    Name, region, country, latitude, longitude, inhabitants (rounded to hundreds, which compresses
    better), time zone and keys of other names, with tabs between.
    """
    return "\t".join(
        (
            city.name,
            city.admin or "",
            city.country,
            f"{city.lat:.2f}",
            f"{city.lon:.2f}",
            str(round(city.population, -2)),
            city.time_zone,
            "|".join(other_keys),
        )
    )


def _lies_in(city: City, region: str) -> bool:
    """Whether a region's or a country's code begins as somebody typed."""
    parts = (city.admin or "", city.country)
    return any(title_key(part).startswith(region) for part in parts if part)

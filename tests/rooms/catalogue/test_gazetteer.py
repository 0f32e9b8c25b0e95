"""Cities by what people type, and venues by what archives say."""

from __future__ import annotations

import pytest

from rooms.catalogue.gazetteer import Gazetteer
from storage.catalogue.cities import packaged_gazetteer


@pytest.fixture(scope="module")
def cities() -> Gazetteer:
    return packaged_gazetteer()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("barcel", ("Barcelona", "ES")),
        ("Barcelna", ("Barcelona", "ES")),
        ("münchen", ("Munich", "DE")),
        ("munchen", ("Munich", "DE")),
        ("SAO PAULO", ("São Paulo", "BR")),
        ("saint louis", ("St. Louis", "US")),
        ("new yrok", ("New York City", "US")),
        ("gothenberg", ("Gothenburg", "SE")),
        ("Ithaca, NY", ("Ithaca", "US")),
        ("springfield, il", ("Springfield", "US")),
    ],
)
def test_a_city_is_found_as_it_is_typed(
    cities: Gazetteer, typed: str, meant: tuple[str, str]
) -> None:
    first = cities.find(typed)[0]
    assert (first.name, first.country) == meant


def test_the_largest_comes_first_and_nobody_gets_more_than_asked_for(cities: Gazetteer) -> None:
    found = cities.find("lond", 5)
    assert (found[0].name, found[0].country) == ("London", "GB")
    assert len(found) == 5
    assert len(cities.find("a", 10_000)) <= 20


@pytest.mark.parametrize("typed", ["", " ", "?!", ",", "zzzzqqqq", "%", "x" * 10_000])
def test_what_is_no_city_finds_none(cities: Gazetteer, typed: str) -> None:
    assert cities.find(typed) == []


@pytest.mark.parametrize(
    ("city", "state", "country", "lat"),
    [
        ("Portland", "OR", "US", 45.52),
        ("Portland", "ME", "US", 43.66),
        ("Portland, ME", None, "US", 43.66),
        ("Springfield", "MA", "US", 42.1),
        ("Birmingham", "England", "GB", 52.48),
        ("Birmingham", "AL", "US", 33.52),
        ("Paris", None, None, 48.85),
        ("Göteborg", None, "SE", 57.71),
    ],
)
def test_state_and_country_tell_cities_of_one_name_apart(
    cities: Gazetteer, city: str, state: str | None, country: str | None, lat: float
) -> None:
    found = cities.locate(city, state, country)
    assert found is not None
    assert found.lat == pytest.approx(lat, abs=0.1)


@pytest.mark.parametrize(
    ("city", "state", "country"),
    [
        (None, None, "US"),
        ("Nowhere At All", None, "US"),
        ("Ithaca", None, None),
        ("Paris", "NY", "US"),
        ("Barcelona", None, "SE"),
    ],
)
def test_a_venue_is_rather_nowhere_than_in_the_wrong_place(
    cities: Gazetteer, city: str | None, state: str | None, country: str | None
) -> None:
    assert cities.locate(city, state, country) is None

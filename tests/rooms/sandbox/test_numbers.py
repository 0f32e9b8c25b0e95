"""Simulated phones have numbers that nobody has, and that every parser takes."""

from __future__ import annotations

import phonenumbers
import pytest

from rooms.sandbox.numbers import AREAS, COUNTRIES, PER_AREA, area_of, numbers_of


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_number_is_valid_where_it_is_said_to_be_from(country: str) -> None:
    numbers = numbers_of(country)
    assert len(set(numbers)) == len(numbers) > 0
    for number in numbers:
        parsed = phonenumbers.parse(number)
        assert phonenumbers.is_valid_number(parsed), number
        assert phonenumbers.region_code_for_number(parsed) == country
        assert phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == number


def test_north_american_numbers_are_those_kept_for_fiction() -> None:
    for country in ("US", "CA", "PR"):
        for number in numbers_of(country):
            assert "5550100" <= number[-7:] <= "5550199"


def test_the_next_number_is_of_another_area() -> None:
    numbers = numbers_of("US")
    assert area_of(numbers[0]) != area_of(numbers[1])
    assert sum(len(numbers_of(country)) for country in COUNTRIES) == PER_AREA * len(AREAS)

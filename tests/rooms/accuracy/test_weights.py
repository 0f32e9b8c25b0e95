"""The weight of a rater, against numbers worked out by hand from DOMAIN's formula."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.accuracy import rule
from rooms.accuracy.weights import UNKNOWN, Reputation, rating_weight, reputation_of, weigh

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
counts = st.floats(0, 500, allow_nan=False)


@pytest.mark.parametrize(
    ("agreements", "disagreements", "k", "weight"),
    [
        (0, 0, 0.0, 1.0),  # p = 2.8 / 4
        (3, 0, (5.8 / 7 - 0.7) / 0.3, 1 + (5.8 / 7 - 0.7) / 0.3),  # log4(4) = 1
        (15, 0, (17.8 / 19 - 0.7) / 0.3, 1 + 2 * (17.8 / 19 - 0.7) / 0.3),  # log4(16) = 2
        (0, 3, (2.8 / 7 - 0.7) / 0.7, 1 - 3 / 7),  # p = 0.4, k = -3/7
        (7, 3, 0.0, 1.0),  # as accurate as expected: the number does not matter
        (255, 0, (257.8 / 259 - 0.7) / 0.3, 3.0),  # 1 + 4k, over the bound
        (0, 255, (2.8 / 259 - 0.7) / 0.7, 0.1),  # 1 + 4k, under it
    ],
)
def test_worked_examples(agreements: float, disagreements: float, k: float, weight: float) -> None:
    found = weigh(agreements, disagreements)
    assert found.k == pytest.approx(k)
    assert found.w == pytest.approx(weight)


@given(counts, counts)
@settings(max_examples=200)
def test_a_weight_stays_within_its_bounds(agreements: float, disagreements: float) -> None:
    assert rule.WEIGHT_MIN <= weigh(agreements, disagreements).w <= rule.WEIGHT_MAX


@given(counts, counts)
@settings(max_examples=200)
def test_being_right_never_costs_weight_and_being_wrong_never_brings_any(
    agreements: float, disagreements: float
) -> None:
    before = weigh(agreements, disagreements).w
    assert weigh(agreements + 1, disagreements).w >= before - 1e-12
    assert weigh(agreements, disagreements + 1).w <= before + 1e-12


def test_a_settlement_counts_half_after_180_days() -> None:
    found = reputation_of([(True, NOW), (False, NOW)], NOW + timedelta(days=180))
    assert found.agreements == pytest.approx(0.5)
    assert found.disagreements == pytest.approx(0.5)
    assert found.at(NOW + timedelta(days=540)).agreements == pytest.approx(0.125)


def test_a_reputation_does_not_grow_when_it_is_looked_at_from_before() -> None:
    found = Reputation(4.0, 1.0, NOW)
    assert found.at(NOW - timedelta(days=90)) == found


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 2_000)), max_size=40), st.randoms())
@settings(max_examples=100)
def test_the_order_of_settlements_does_not_matter(
    settled: list[tuple[bool, int]], order: random.Random
) -> None:
    moments = [(agreed, NOW - timedelta(days=age)) for agreed, age in settled]
    shuffled = list(moments)
    order.shuffle(shuffled)
    assert reputation_of(shuffled, NOW) == reputation_of(moments, NOW)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 2_000)), max_size=40))
@settings(max_examples=100)
def test_decaying_the_sum_is_the_sum_of_what_decayed(settled: list[tuple[bool, int]]) -> None:
    moments = [(agreed, NOW - timedelta(days=age)) for agreed, age in settled]
    later = NOW + timedelta(days=77)
    at_once = reputation_of(moments, later)
    in_steps = reputation_of(moments, NOW).at(later)
    assert in_steps.agreements == pytest.approx(at_once.agreements)
    assert in_steps.disagreements == pytest.approx(at_once.disagreements)


@pytest.mark.parametrize(
    ("has_account", "checked_in", "weight"),
    [(True, False, 1.0), (False, False, 0.5), (True, True, 1.25), (False, True, 0.625)],
)
def test_account_and_presence(has_account: bool, checked_in: bool, weight: float) -> None:
    found = rating_weight(UNKNOWN, NOW, has_account=has_account, checked_in=checked_in)
    assert found == pytest.approx(weight)


def test_the_extremes_of_a_rating() -> None:
    best, worst = Reputation(400, 0, NOW), Reputation(0, 400, NOW)
    assert rating_weight(best, NOW, has_account=True, checked_in=True) == pytest.approx(3.75)
    assert rating_weight(worst, NOW, has_account=False, checked_in=False) == pytest.approx(0.05)

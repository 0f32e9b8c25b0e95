"""The confidence of an entry, against numbers worked out by hand from DOMAIN's formula."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.accuracy import rule
from rooms.accuracy.confidence import (
    EntryState,
    RatingGroup,
    group,
    judge,
    judge_groups,
    voter_class,
)

CONFIRMED, DISPUTED, STRUCK = EntryState.CONFIRMED, EntryState.DISPUTED, EntryState.STRUCK


def some(value: int, people: int, weight: float = 1.0, cluster: str | None = None) -> RatingGroup:
    """Ratings that count alike."""
    return RatingGroup(value, weight, cluster, people)


@pytest.mark.parametrize(
    ("groups", "confidence", "weight", "state"),
    [
        ([], 1 / 2, 0, DISPUTED),
        ([some(1, 3)], 4 / 5, 3, DISPUTED),  # sure, but too light
        ([some(1, 4)], 5 / 6, 4, CONFIRMED),
        ([some(1, 3), some(-1, 1)], 4 / 6, 4, DISPUTED),
        ([some(1, 7), some(-1, 1)], 8 / 10, 8, CONFIRMED),  # meets 0.8
        ([some(-1, 3)], 1 / 5, 3, DISPUTED),
        ([some(-1, 4)], 1 / 6, 4, STRUCK),
        ([some(1, 1), some(-1, 5)], 2 / 8, 6, STRUCK),  # meets 0.25
        ([some(1, 8, 0.5)], 5 / 6, 4, CONFIRMED),  # eight guests
        ([some(1, 1, 3.0), some(1, 1, 1.0)], 5 / 6, 4, CONFIRMED),
        ([some(1, 9, 1.0, "c1")], 4 / 5, 3, DISPUTED),  # nine as one: capped at 3
        ([some(1, 9, 1.0, "c1"), some(1, 1)], 5 / 6, 4, CONFIRMED),
        ([some(1, 9, 1.0, "c1"), some(1, 2, 1.0, "c2")], 6 / 7, 5, CONFIRMED),
        ([some(-1, 9, 1.0, "c1"), some(1, 4)], 5 / 9, 7, DISPUTED),
        ([some(1, 4, 1.0, "c1"), some(-1, 2, 1.0, "c1")], 3 / 5, 3, DISPUTED),  # scaled by half
        ([some(1, 2, 1.0, "c1")], 3 / 4, 2, DISPUTED),  # under the cap: as it is
    ],
)
def test_worked_examples(
    groups: list[RatingGroup], confidence: float, weight: float, state: EntryState
) -> None:
    found = judge_groups(groups)
    assert found.confidence == pytest.approx(confidence)
    assert found.weight == pytest.approx(weight)
    assert found.state is state


def test_counts_of_people_are_not_capped() -> None:
    found = judge_groups([some(1, 9, 1.0, "c1"), some(-1, 2)])
    assert (found.up, found.down) == (9, 2)


def test_one_cluster_never_confirms_whatever_it_weighs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule, "CLUSTER_WEIGHT_MAX", 50.0)
    assert judge_groups([some(1, 20, 1.0, "c1")]).state is DISPUTED
    assert judge_groups([some(1, 20, 1.0, "c1"), some(-1, 1)]).state is DISPUTED
    assert judge_groups([some(1, 20, 1.0, "c1"), some(1, 1)]).state is CONFIRMED


weights = st.sampled_from([0.05, 0.5, 0.625, 1.0, 1.25, 2.35, 3.0, 3.75])
rating_groups = st.lists(
    st.builds(
        RatingGroup,
        value=st.sampled_from([1, -1]),
        weight=weights,
        cluster=st.sampled_from([None, None, "c1", "c2"]),
        people=st.integers(1, 30),
    ),
    max_size=12,
)


@given(rating_groups, st.randoms())
@settings(max_examples=200)
def test_the_order_of_ratings_does_not_matter(
    groups: list[RatingGroup], order: random.Random
) -> None:
    shuffled = list(groups)
    order.shuffle(shuffled)
    assert judge_groups(shuffled) == judge_groups(groups)


@given(rating_groups)
@settings(max_examples=200)
def test_confidence_is_never_certain_and_clusters_never_exceed_their_cap(
    groups: list[RatingGroup],
) -> None:
    found = judge_groups(groups)
    assert 0 < found.confidence < 1
    clusters = {one.cluster for one in groups if one.cluster}
    alone = sum(one.weight * one.people for one in groups if not one.cluster)
    assert found.weight <= alone + rule.CLUSTER_WEIGHT_MAX * len(clusters) + 1e-6


@given(rating_groups, weights)
@settings(max_examples=200)
def test_one_more_independent_rating_moves_confidence_its_way(
    groups: list[RatingGroup], weight: float
) -> None:
    before = judge_groups(groups).confidence
    assert judge_groups([*groups, some(1, 1, weight)]).confidence > before
    assert judge_groups([*groups, some(-1, 1, weight)]).confidence < before


@given(rating_groups)
@settings(max_examples=100)
def test_a_confirmed_entry_is_confirmed_by_more_than_one(groups: list[RatingGroup]) -> None:
    if judge_groups(groups).state is CONFIRMED:
        ups = [one for one in groups if one.value > 0]
        alone = sum(one.people for one in ups if not one.cluster)
        assert alone + len({one.cluster for one in ups if one.cluster}) >= 2


@pytest.mark.parametrize(
    ("weight", "cluster", "text"),
    [
        (0.5, None, "0.500"),
        (0.625, None, "0.625"),
        (1.2511, "c0123456789a", "1.250@c0123456789a"),
        (0.05, None, "0.050"),
        (3.75, None, "3.750"),
    ],
)
def test_a_class_is_read_as_it_was_written(weight: float, cluster: str | None, text: str) -> None:
    assert voter_class(weight, cluster) == text
    again = group(1, text, 3)
    assert again == RatingGroup(1, pytest.approx(weight, abs=0.0125), cluster, 3)


def test_taken_back_ratings_and_empty_counts_are_nothing() -> None:
    assert judge({(0, "1.000"): 4, (1, "1.000"): 0, (-1, "0.500"): 0}) == judge({})
    found = judge({(1, "1.000"): 3, (1, "0.500"): 2, (-1, "1.000@c1"): 2})
    assert (found.up, found.down) == (5, 2)
    assert found.confidence == pytest.approx((1 + 4) / (2 + 6))

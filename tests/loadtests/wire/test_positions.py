"""Fractional positions as a client makes them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.wire.positions import DIGITS, POSITION_BYTES_MAX, NoRoom, between


@given(st.integers(), st.lists(st.integers(0, 10_000), max_size=60))
def test_a_new_key_lies_between_its_neighbours(seed: int, places: list[int]) -> None:
    rng = random.Random(seed)
    keys: list[str] = []
    for place in places:
        index = place % (len(keys) + 1)
        low = keys[index - 1] if index else None
        high = keys[index] if index < len(keys) else None
        key = between(low, high, rng)
        assert (low is None or low < key) and (high is None or key < high)
        assert set(key) <= set(DIGITS) and not key.endswith("0")
        keys.insert(index, key)
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_three_hundred_appends_stay_short() -> None:
    rng = random.Random(7)
    key: str | None = None
    for _ in range(300):
        key = between(key, None, rng)
    assert key is not None and len(key) <= 8


def test_two_who_append_at_once_get_different_keys() -> None:
    keys = {between("V1", None, random.Random(seed)) for seed in range(50)}
    assert len(keys) > 45


def test_the_same_gap_again_and_again_stays_within_the_limit() -> None:
    rng = random.Random(3)
    low, high = between(None, None, rng), None
    for _ in range(30):
        high = between(low, high, rng)
    assert len(high or "") <= POSITION_BYTES_MAX


def test_equal_neighbours_leave_no_room() -> None:
    with pytest.raises(NoRoom):
        between("V1", "V1", random.Random(1))

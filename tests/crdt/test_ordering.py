"""Rules of positions: always a third in between, never too long, never twice the same."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crdt.ordering import (
    DIGITS,
    POSITION_BYTES_MAX,
    HashedDigits,
    PositionExhausted,
    is_position,
    position_between,
    positions_evenly,
)

positions = st.text(alphabet=DIGITS, min_size=1, max_size=40).filter(is_position)


def test_digits_are_in_the_order_of_their_bytes() -> None:
    assert list(DIGITS) == sorted(DIGITS, key=str.encode)
    assert len(set(DIGITS)) == 62


@given(st.sets(positions, min_size=2, max_size=2), st.integers())
@settings(max_examples=400, deadline=None)
def test_between_two_positions_there_is_a_third(pair: set[str], seed: int) -> None:
    low, high = sorted(pair)
    middle = position_between(low, high, random.Random(seed))
    assert low.encode() < middle.encode() < high.encode()
    assert is_position(middle)


@given(positions, st.integers())
@settings(max_examples=200, deadline=None)
def test_before_and_after_everything_there_is_room(position: str, seed: int) -> None:
    pick = random.Random(seed)
    assert (
        position_between(None, position, pick) < position < position_between(position, None, pick)
    )


@given(st.integers(), st.lists(st.integers(0, 10**6), min_size=5, max_size=60))
@settings(max_examples=60, deadline=None)
def test_inserting_anywhere_keeps_the_order(seed: int, places: list[int]) -> None:
    pick = random.Random(seed)
    keys: list[str] = []
    for place in places:
        index = place % (len(keys) + 1)
        before = keys[index - 1] if index else None
        after = keys[index] if index < len(keys) else None
        keys.insert(index, position_between(before, after, pick))
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
    assert all(is_position(key) for key in keys)


def test_appending_a_thousand_times_keeps_positions_short() -> None:
    pick = random.Random(1)
    last = None
    for _ in range(1000):
        position = position_between(last, None, pick)
        assert last is None or position > last
        last = position
    assert len(last or "") <= 8


def test_prepending_three_hundred_times_keeps_positions_short() -> None:
    pick = random.Random(1)
    first = None
    for _ in range(300):
        first = position_between(None, first, pick)
    assert len(first or "") <= 8


@pytest.mark.parametrize("side", ["left", "right", "alternating"])
@pytest.mark.parametrize("seed", range(5))
def test_three_hundred_worst_case_inserts_stay_within_the_bound(side: str, seed: int) -> None:
    pick = random.Random(seed)
    low, high = "V1", "V2"
    longest = 0
    for turn in range(300):
        middle = position_between(low, high, pick)
        longest = max(longest, len(middle))
        if side == "left" or (side == "alternating" and turn % 2):
            high = middle
        else:
            low = middle
    assert longest <= POSITION_BYTES_MAX
    print(side, longest)


def test_a_position_that_would_be_too_long_is_said() -> None:
    pick = random.Random(1)
    low, high = "V1", "V2"
    with pytest.raises(PositionExhausted):
        for _ in range(1000):
            high = position_between(low, high, pick)


def test_concurrent_appends_do_not_collide() -> None:
    """Two hundred people append after the same last song without seeing each other."""
    for last in (None, "V1", "zzz1"):
        made = {position_between(last, None, random.Random(seed)) for seed in range(200)}
        assert len(made) == 200
    between = {position_between("V1", "V2", random.Random(seed)) for seed in range(200)}
    assert len(between) == 200


@pytest.mark.parametrize(
    ("before", "after"),
    [("b", "a"), ("a", "a"), ("a0", "b"), ("", "b"), ("a", "b0"), ("ä", None), (None, "-")],
)
def test_neighbours_that_cannot_be_are_refused(before: str | None, after: str | None) -> None:
    with pytest.raises(ValueError, match="neighbour"):
        position_between(before, after, random.Random(1))


@pytest.mark.parametrize("text", ["", "0", "a0", "a b", "ä", "a\n", "x" * 65, "-1", "a1\x00"])
def test_what_is_no_position(text: str) -> None:
    assert not is_position(text)


@pytest.mark.parametrize("count", [0, 1, 2, 61, 300, 5000])
def test_even_positions_are_short_in_order_and_leave_room(count: int) -> None:
    keys = positions_evenly(count)
    assert len(keys) == count == len(set(keys))
    assert keys == sorted(keys)
    assert all(is_position(key) and len(key) <= 4 for key in keys)
    pick = random.Random(1)
    for low, high in pairwise(keys):
        assert low < position_between(low, high, pick) < high


def test_hashed_digits_repeat_for_a_name_and_differ_between_names() -> None:
    again = [position_between("V", None, HashedDigits("e1")) for _ in range(2)]
    assert again[0] == again[1]
    assert position_between("V", None, HashedDigits("e2")) != again[0]

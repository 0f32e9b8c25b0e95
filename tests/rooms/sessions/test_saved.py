"""``setlist_saved``: an unbroken row from the first."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.sessions.saved import SavedCount


@settings(max_examples=100, deadline=None)
@given(st.permutations(list(range(1, 9))))
def test_only_an_unbroken_row_from_the_first_is_received(order: list[int]) -> None:
    saved = SavedCount()
    assert [saved.arrive() for _ in order] == list(range(1, 9))
    settled: set[int] = set()
    for number in order:
        saved.settle(number, seq=number * 10)
        settled.add(number)
        expected = next(count for count in range(9) if count + 1 not in settled)
        assert saved.received == expected
    assert saved.received == 8 and saved.seq == 80


def test_news_are_told_once() -> None:
    saved = SavedCount()
    saved.arrive()
    saved.arrive()
    saved.settle(2, 5)
    assert not saved.news()
    saved.settle(1, 4)
    assert saved.news() and not saved.news()

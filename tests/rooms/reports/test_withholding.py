"""What a brand is shown gives no person and no small group away, however it is subtracted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.reports.figures import Channels, Count, Delivery, Step, Totals, of_people
from rooms.reports.withholding import (
    GROUP_MIN,
    PIECES_MAX,
    RELEASE_EVERY_S,
    Cell,
    Released,
    Shown,
    is_due,
    next_cells,
    next_pieces,
    shown,
)

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)
people = st.integers(0, 200)
counts = st.builds(lambda n, more: Count(n + more, n), people, st.integers(0, 300))


def could_be(told: Shown) -> set[int]:
    """What a figure of people may have been when it was released, for who knows the rules."""
    return set(range(GROUP_MIN)) if told is None else set(range(told, told + GROUP_MIN))


@given(counts)
def test_a_figure_is_a_multiple_of_the_group_or_withheld(count: Count) -> None:
    told = shown(count)
    if count.people < GROUP_MIN:
        assert told is None
    else:
        assert told is not None
        assert told % GROUP_MIN == 0
        assert 0 < told <= count.many < told + GROUP_MIN


@pytest.mark.parametrize("few", range(GROUP_MIN))
def test_nobody_and_somebody_look_the_same(few: int) -> None:
    assert shown(of_people(few)) is None


def test_much_of_few_people_is_withheld() -> None:
    assert shown(Count(many=5_000, people=GROUP_MIN - 1)) is None


@given(st.lists(people, min_size=2, max_size=40))
def test_between_two_answers_that_differ_there_are_always_enough_people(night: list[int]) -> None:
    cells: dict[str, Cell] = {}
    last: tuple[Shown, int] | None = None
    for now in night:
        cells = next_cells(cells, {"voted": of_people(now)})
        told = cells["voted"].shown
        if last is None:
            last = told, now
        elif told != last[0]:
            assert abs(now - last[1]) >= GROUP_MIN
            last = told, now


@given(st.lists(people, min_size=1, max_size=30), st.integers(-1, 1))
def test_one_person_more_or_less_never_shows(night: list[int], step: int) -> None:
    """Who comes or goes alone, at whatever moment, changes no answer."""
    cells: dict[str, Cell] = {}
    for now in night:
        cells = next_cells(cells, {"voted": of_people(now)})
    alone = next_cells(cells, {"voted": of_people(max(0, cells["voted"].people + step))})
    assert alone["voted"].shown == cells["voted"].shown


@given(st.lists(people, min_size=2, max_size=4))
def test_a_withheld_part_cannot_be_computed_from_the_whole(parts: list[int]) -> None:
    """Whoever knows the whole and all other parts as they are shown, and the rules, is left with
    several numbers for the part, of which none is told apart."""
    whole = sum(parts)
    told = [shown(of_people(part)) for part in parts]
    for place, part in enumerate(told):
        if part is not None:
            continue
        low = high = 0
        for other, value in enumerate(told):
            if other != place:
                low, high = low + min(could_be(value)), high + max(could_be(value))
        wholes = could_be(shown(of_people(whole)))
        left = {n for n in range(GROUP_MIN) if min(wholes) - high <= n <= max(wholes) - low}
        assert parts[place] in left
        # Of two parts, at most whether anybody was there at all; of more, never one number.
        assert len(left) >= (GROUP_MIN - 1 if len(parts) == 2 else GROUP_MIN // 2)


@given(
    st.lists(st.lists(counts, min_size=5, max_size=5), min_size=1, max_size=6),
    st.lists(st.integers(0, 5), min_size=6, max_size=6),
)
def test_a_piece_of_time_is_told_once(looks: list[list[Count]], over: list[int]) -> None:
    told: tuple[Shown, ...] = ()
    reached = 0
    for look, until in zip(looks, over, strict=False):
        reached = max(reached, until)
        following = next_pieces(told, look, reached)
        assert following[: len(told)] == told
        assert len(following) == max(len(told), reached)
        told = following


def test_pieces_end() -> None:
    many = [of_people(50)] * (PIECES_MAX + 10)
    assert len(next_pieces((), many, len(many))) == PIECES_MAX


def test_there_is_one_release_in_a_while() -> None:
    assert is_due(None, NOW)
    assert not is_due(NOW, NOW + timedelta(seconds=RELEASE_EVERY_S - 1))
    assert is_due(NOW, NOW + timedelta(seconds=RELEASE_EVERY_S))


def test_a_show_of_few_has_no_figure_at_all() -> None:
    few = of_people(GROUP_MIN - 1)
    totals = Totals(
        funnel=dict.fromkeys(Step, few),
        channels=dict.fromkeys(Channels, few),
        delivery=dict.fromkeys(Delivery, few),
    )
    cells = next_cells(Released().cells, totals.cells())
    assert len(cells) == len(Step) + len(Channels) + len(Delivery)
    assert {cell.shown for cell in cells.values()} == {None}

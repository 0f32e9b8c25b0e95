"""A simulation that finds nothing may see nothing: it finds each bug that is planted."""

from __future__ import annotations

import pytest

from tests.simulation.night import run_night
from tests.simulation.planted import BUGS, Bug, planted

NIGHTS_MAX = 60
"""A bug that so many nights in its own weather do not meet would not be found by chance."""

WITHOUT = 2
"""So many of the nights are had once more without the bug, the one that found it among them."""


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_is_found(bug: Bug) -> None:
    found = None
    with planted(bug.name):
        for seed in range(NIGHTS_MAX):
            outcome = run_night(seed, plan=bug.plan(seed))
            if outcome.violation is not None:
                found = seed
                break
    assert found is not None, bug.what
    for seed in range(max(0, found + 1 - WITHOUT), found + 1):
        sound = run_night(seed, plan=bug.plan(seed))
        assert sound.violation is None, sound.violation


def test_the_bugs_are_gone_afterwards() -> None:
    with planted("no_deduplication"):
        assert run_night(0, plan=BUGS[5].plan(0)).violation is not None
    assert run_night(0, plan=BUGS[5].plan(0)).violation is None


def test_there_are_at_least_ten_of_them() -> None:
    assert len({bug.name for bug in BUGS}) == len(BUGS) >= 10

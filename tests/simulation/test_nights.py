"""A few hundred nights keep every promise, and a night is the same whenever it is had again.

``make simulate SEEDS=100000`` runs many more; see ``docs/simulation.md``.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.simulation.faults import KINDS
from tests.simulation.night import run_night
from tests.simulation.plan import plan_of
from tests.simulation.runner import EXERCISED, Summary, run_many

NIGHTS = 200
PER_TEST = 50
FOUND_BEFORE = (
    *(137, 228, 330, 399, 762, 1049, 1110, 2743, 3070, 3645, 4650, 4976, 5006),
    *(14640, 26233, 33138, 211799),
)
"""Seeds that found something while this was made, in the product or in the simulation."""

AGAIN = (0, 1, 7, 27, 28, 46, 49, 52)
"""Some of these differed between processes: what changed was told in the order of a set."""

_DIGESTS = """
import sys
from tests.simulation.night import run_night
print(*[run_night(int(seed)).digest for seed in sys.argv[1:]])
"""


@pytest.fixture(scope="module")
def nights() -> Summary:
    """What the nights of this module came to together."""
    return Summary()


@pytest.mark.parametrize("first", range(0, NIGHTS, PER_TEST))
def test_every_promise_is_kept(first: int, nights: Summary) -> None:
    summary = run_many(range(first, first + PER_TEST))
    assert not summary.failures, summary.failures
    nights.counts.update(summary.counts)
    nights.nights += summary.nights


def test_every_kind_of_fault_happened(nights: Summary) -> None:
    if nights.nights < NIGHTS:
        nights.counts.update(run_many(range(NIGHTS)).counts)
    never = [kind for kind in KINDS if not nights.counts[EXERCISED[kind]]]
    assert not never
    assert nights.counts["crash_in_commit"]
    assert nights.counts["lost_race"] and nights.counts["locked_turn"]
    assert nights.counts["resumed"] and nights.counts["closed_4008"]
    assert nights.counts["already_answered"] and nights.counts["repaired"]


@pytest.mark.parametrize("seed", FOUND_BEFORE)
def test_what_was_found_once_stays_mended(seed: int) -> None:
    outcome = run_night(seed)
    assert outcome.violation is None, outcome.violation


def test_the_same_seed_is_the_same_night() -> None:
    for seed in AGAIN:
        first, second = run_night(seed), run_night(seed, keeps_story=True)
        assert (first.digest, first.steps) == (second.digest, second.steps)
        assert second.lines


def test_the_same_seed_is_the_same_night_in_another_process() -> None:
    told = []
    for hash_seed in ("1", "77"):
        arguments = [sys.executable, "-c", _DIGESTS, *map(str, AGAIN)]
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run(
            arguments, env=environment, capture_output=True, text=True, check=True, timeout=120
        )
        told.append(done.stdout.split())
    assert told[0] == told[1] == [run_night(seed).digest for seed in AGAIN]


def test_another_seed_is_another_night() -> None:
    assert run_night(0).digest != run_night(1).digest


def test_a_night_with_fewer_kinds_of_fault_has_none_of_the_others() -> None:
    plan = plan_of(3).without(frozenset(KINDS))
    outcome = run_night(3, plan=plan)
    assert outcome.violation is None
    assert not any(outcome.counts.get(EXERCISED[kind]) for kind in KINDS)

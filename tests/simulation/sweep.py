"""A process dies at every await of the product that any night waits at.

By chance a process dies where it waits often. So nights are looked at first, for the awaits that
each of them waits at; then some of those that do are had again for each of these, and a process
dies just there. Every promise is kept all the same.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from random import Random

from tests.simulation.crash_points import MAY_DIE, DieAt
from tests.simulation.night import run_night
from tests.simulation.runner import Failure, Summary, one, side_by_side

Waits = dict[str, list[tuple[int, int]]]
"""Place → (seed, how often it is waited at before everything heals)."""


def waits_of(seed: int) -> tuple[int, dict[str, int]]:
    """What a night waits at."""
    counts = run_night(seed, crash_points=True).counts
    waits = {key.removeprefix(MAY_DIE): n for key, n in counts.items() if key.startswith(MAY_DIE)}
    return seed, waits


def look(seeds: Iterable[int], jobs: int) -> Waits:
    """Where the nights of these seeds wait."""
    found: Waits = defaultdict(list)
    with side_by_side(waits_of, seeds, jobs) as nights:
        for seed, waits in nights:
            for place, times in waits.items():
                found[place].append((seed, times))
    return {place: sorted(nights) for place, nights in sorted(found.items())}


def chosen(waits: Waits, times: int) -> list[tuple[int, DieAt]]:
    """For each place so many nights, each with one of its waits there."""
    picked = []
    for place, nights in waits.items():
        dice = Random(f"sweep {place}")
        for _ in range(times):
            seed, most = dice.choice(nights)
            picked.append((seed, DieAt(place, 1 + int(dice.random() * most))))
    return picked


def sweep(
    waits: Waits,
    jobs: int,
    times: int,
    *,
    progress: Callable[[Summary, int], None],
    failed: Callable[[Failure], None],
) -> Summary:
    """Has the nights in which a process dies at each place."""
    picked = chosen(waits, times)
    summary = Summary()
    began = time.monotonic()
    with side_by_side(_night, picked, jobs) as outcomes:
        for outcome in outcomes:
            summary.add(outcome)
            summary.seconds = time.monotonic() - began
            if outcome[3] is not None:
                failed(outcome[3])
            if summary.nights % 50 == 0:
                progress(summary, len(picked))
    return summary


def _night(picked: tuple[int, DieAt]) -> tuple[int, int, dict[str, int], Failure | None]:
    seed, die_at = picked
    return one(seed, die_at, crash_points=True)

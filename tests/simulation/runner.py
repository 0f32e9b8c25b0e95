"""Runs many nights: in several processes, until the first that break a promise."""

from __future__ import annotations

import gc
import multiprocessing
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tests.simulation.crash_points import DieAt
from tests.simulation.faults import KINDS
from tests.simulation.night import Outcome, run_night
from tests.simulation.plan import Plan

NIGHTS_PER_COLLECTION = 16
CHUNK = 8
PROGRESS_S = 2.0

EXERCISED = {
    **{kind: kind for kind in KINDS if kind not in ("bus_drop", "bus_duplicate", "bus_delay")},
    "bus_drop": "bus_dropped",
    "bus_duplicate": "bus_doubled",
    "bus_delay": "bus_late",
    "unknown_outcome": "unknown_before",
}
"""Fault → what is counted when it really happened."""

EFFECTS = (
    "crash_in_commit",
    "unknown_before",
    "unknown_after",
    "unknown_late",
    "lost_race",
    "locked_turn",
    "already_answered",
    "decided_ahead",
    "decided_again",
    "resumed",
    "snapshot",
    "said_again",
    "repaired",
    "too_slow",
    "closed_1006",
    "closed_1012",
    "closed_1013",
    "closed_4008",
    "closed_4009",
    "phone_gave_up",
    "log:room_epoch_changed",
    "log:room_waits_for_log",
)
"""What faults lead to, and what a simulation worth its name has met."""


@dataclass
class Failure:
    """A night that broke a promise, as it is told to the parent process."""

    seed: int
    what: str
    trace: str
    die_at: DieAt | None = None


@dataclass
class Summary:
    """What many nights came to."""

    nights: int = 0
    steps: int = 0
    events: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, outcome: tuple[int, int, dict[str, int], Failure | None]) -> None:
        """One night more."""
        steps, events, counts, failure = outcome
        self.nights += 1
        self.steps += steps
        self.events += events
        self.counts.update(counts)
        if failure is not None:
            self.failures.append(failure)

    def never(self) -> list[str]:
        """Kinds of fault and effect that no night met: with them the tool proves nothing."""
        wanted = (*EXERCISED.values(), *EFFECTS)
        return sorted({name for name in wanted if not self.counts[name]})


def replay_command(seed: int, die_at: DieAt | None = None) -> str:
    """How to have a night again."""
    where = f" ARGS='--die-at {die_at}'" if die_at is not None else ""
    return f"make simulate SEED={seed}{where}"


def one(
    seed: int, die_at: DieAt | None = None, *, crash_points: bool = False
) -> tuple[int, int, dict[str, int], Failure | None]:
    """One night, as small as it has to be to travel between processes."""
    outcome = run_night(seed, crash_points=crash_points, die_at=die_at)
    if seed % NIGHTS_PER_COLLECTION == 0:
        gc.collect()
    failure = None
    if outcome.violation is not None:
        trace = "".join(traceback.format_exception(outcome.violation))
        failure = Failure(seed, str(outcome.violation), trace, die_at)
    return outcome.steps, outcome.events, outcome.counts, failure


def _begin() -> None:
    # What was imported never goes away: a collection looks only at what nights left behind.
    gc.disable()
    gc.freeze()


def run_many(
    seeds: Iterable[int],
    *,
    jobs: int = 1,
    failures_max: int = 5,
    crash_points: bool = False,
    progress: Callable[[Summary], None] = lambda _summary: None,
    failed: Callable[[Failure], None] = lambda _failure: None,
) -> Summary:
    """Runs nights until so many have failed.

    Args:
        jobs: processes; 1 runs them in this one.
        crash_points: whether the awaits at which processes died are counted, which takes longer.
        progress: called about every `PROGRESS_S` seconds.
        failed: called with each failure, as soon as it is known.
    """
    summary = Summary()
    began = told = time.monotonic()
    night = partial(one, crash_points=crash_points)
    with side_by_side(night, seeds, jobs) as outcomes:
        for outcome in outcomes:
            summary.add(outcome)
            summary.seconds = time.monotonic() - began
            if outcome[3] is not None:
                failed(outcome[3])
            if len(summary.failures) >= failures_max:
                break
            if time.monotonic() - told > PROGRESS_S:
                told = time.monotonic()
                progress(summary)
    summary.seconds = time.monotonic() - began
    return summary


class side_by_side:  # noqa: N801 (a context manager, used like a function)
    """Nights in several processes, in the order in which they are over."""

    def __init__(self, night: Callable[[Any], Any], seeds: Iterable[Any], jobs: int) -> None:
        self._night = night
        self._seeds = seeds
        self._jobs = jobs

    def __enter__(self) -> Iterator[Any]:
        if self._jobs <= 1:
            self._pool = None
            return map(self._night, self._seeds)
        context = multiprocessing.get_context("spawn")
        self._pool = context.Pool(self._jobs, initializer=_begin)
        return self._pool.imap_unordered(self._night, self._seeds, chunksize=CHUNK)

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.terminate()
            self._pool.join()


def shrunk(plan: Plan) -> tuple[Plan, Outcome]:
    """The same night with as few kinds of fault as still break a promise."""
    seed = plan.seed
    outcome = run_night(seed, plan=plan)
    for kind in sorted(plan.faults):
        smaller = plan.without(frozenset({kind}))
        tried = run_night(seed, plan=smaller)
        if tried.violation is not None:
            plan, outcome = smaller, tried
    return plan, outcome


def show_progress(summary: Summary, total: int) -> None:
    """One line that is written over."""
    rate = summary.nights / max(summary.seconds, 0.001)
    left = (total - summary.nights) / max(rate, 0.001)
    line = (
        f"\r{summary.nights:>7} of {total} nights  {rate:6.1f}/s  {left / 60:5.1f} min left  "
        f"{summary.counts['crash']} crashes  {summary.counts['lost_race']} lost races  "
        f"{len(summary.failures)} failed "
    )
    sys.stderr.write(line)
    sys.stderr.flush()

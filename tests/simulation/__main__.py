"""``python -m tests.simulation``: nights by the thousand, or one of them again.

``--seeds N`` runs N nights from ``--first`` on; ``--seed S`` replays one, with ``--trace`` its
story, and tells the fewest kinds of fault with which it still fails (``--shrink``). With ``--bug``
the night is one of the bug's own weather.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import traceback

from tests.simulation import crash_points
from tests.simulation.night import run_night
from tests.simulation.plan import plan_of
from tests.simulation.planted import BUGS, planted
from tests.simulation.runner import (
    EFFECTS,
    EXERCISED,
    Failure,
    Summary,
    replay_command,
    run_many,
    show_progress,
    shrunk,
)
from tests.simulation.sweep import look, sweep

ENOUGH_NIGHTS = 500
"""So many nights meet every kind of fault; fewer need not."""


def main() -> int:
    """Runs the command; the exit status is 1 when a promise was broken."""
    arguments = _arguments()
    if arguments.list_bugs:
        for bug in BUGS:
            print(f"{bug.name:<28} {bug.what}")
        return 0
    if arguments.seed is not None:
        return _replay(arguments)
    if arguments.crash_everywhere is not None:
        return _everywhere(arguments)
    return _many(arguments)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=1_000, help="how many nights")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, default=0, help="processes; 0: one per core")
    parser.add_argument("--failures", type=int, default=5, help="stop after so many failures")
    parser.add_argument("--seed", type=int, help="replay this night")
    parser.add_argument("--trace", action="store_true", help="tell the night's story")
    parser.add_argument("--shrink", action="store_true", help="find the faults that matter")
    parser.add_argument("--crash-points", action="store_true", help="count awaits died at")
    parser.add_argument("--die-at", type=crash_points.die_at, metavar="FILE:LINE@WAIT")
    parser.add_argument(
        "--crash-everywhere",
        type=int,
        metavar="TIMES",
        help="let a process die so often at each await that the nights wait at",
    )
    parser.add_argument("--bug", choices=[bug.name for bug in BUGS], help="plant this bug")
    parser.add_argument("--list-bugs", action="store_true", help="the bugs that can be planted")
    return parser.parse_args()


def _replay(arguments: argparse.Namespace) -> int:
    bug = next((one for one in BUGS if one.name == arguments.bug), None)
    plan = plan_of(arguments.seed) if bug is None else bug.plan(arguments.seed)
    with planted(arguments.bug):
        outcome = run_night(
            arguments.seed, plan=plan, keeps_story=arguments.trace, die_at=arguments.die_at
        )
        if outcome.violation is not None and arguments.shrink:
            plan, _ = shrunk(plan)
    if arguments.trace:
        print("\n".join(outcome.lines))
    if outcome.violation is not None:
        traceback.print_exception(outcome.violation)
    print(f"seed {outcome.seed}: {outcome.steps} steps, {outcome.events} events")
    print(f"faults: {', '.join(sorted(plan.faults)) or 'none'}")
    print(f"digest: {outcome.digest}")
    if outcome.violation is None:
        print("every promise was kept")
        return 0
    print(f"BROKEN: {outcome.violation}")
    return 1


def _many(arguments: argparse.Namespace) -> int:
    # A bug is planted in this process alone.
    jobs = 1 if arguments.bug else arguments.jobs or os.cpu_count() or 1
    total = arguments.seeds
    seeds = range(arguments.first, arguments.first + total)
    gc.disable()
    gc.freeze()
    with planted(arguments.bug):
        summary = run_many(
            seeds,
            jobs=jobs,
            failures_max=arguments.failures,
            crash_points=arguments.crash_points,
            progress=lambda so_far: show_progress(so_far, total),
            failed=_tell,
        )
    if sys.stderr.isatty():
        sys.stderr.write("\n")
    _report(summary)
    if arguments.crash_points:
        print("\n".join(crash_points.report(summary.counts)))
    never = summary.never() if summary.nights >= ENOUGH_NIGHTS else []
    for name in never:
        print(f"NEVER EXERCISED: {name}")
    return 1 if summary.failures or never else 0


def _everywhere(arguments: argparse.Namespace) -> int:
    jobs = arguments.jobs or os.cpu_count() or 1
    gc.disable()
    gc.freeze()
    waits = look(range(arguments.first, arguments.first + arguments.seeds), jobs)
    print(f"{len(waits)} awaits that {arguments.seeds} nights wait at", flush=True)
    summary = sweep(waits, jobs, arguments.crash_everywhere, progress=show_progress, failed=_tell)
    print("\n".join(crash_points.report(summary.counts)))
    missed = [place for place in waits if not summary.counts[crash_points.DIED + place]]
    for place in missed:
        print(f"NOBODY DIED AT: {place}")
    print(f"{summary.nights} nights, {summary.counts['crash']} deaths, at {len(waits)} awaits")
    if not summary.failures:
        print("every promise was kept")
    return 1 if summary.failures or missed else 0


def _tell(failure: Failure) -> None:
    print(f"\nBROKEN in seed {failure.seed}: {failure.what}")
    print(f"  again: {replay_command(failure.seed, failure.die_at)}", flush=True)


def _report(summary: Summary) -> None:
    rate = summary.nights / max(summary.seconds, 0.001)
    print(
        f"{summary.nights} nights, {summary.steps} steps, {summary.events} events in "
        f"{summary.seconds:.0f} s ({rate:.1f} nights a second)"
    )
    print("faults:  " + _counted(summary, sorted({*EXERCISED.values()})))
    print("effects: " + _counted(summary, EFFECTS))
    if not summary.failures:
        print("every promise was kept")


def _counted(summary: Summary, names: object) -> str:
    return ", ".join(f"{name} {summary.counts[name]}" for name in names)  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())

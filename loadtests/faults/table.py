"""``python -m loadtests.faults.table``: every fault in the middle of a night, and what came of it.

Prints a table: fault, what clients see, seconds until all is well again, what was lost, what was
doubled. ``docs/faults.md`` holds one.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from loadtests.faults import night
from loadtests.faults.judging import Findings
from loadtests.faults.processes import ServerFailed
from loadtests.faults.scenarios import NAMES, PLATFORMS, Fault
from loadtests.faults.skew import library
from loadtests.faults.stage import Stage
from loadtests.faults.stores import StoreFailed

HEADINGS = ("fault", "what clients see", "well again after", "lost", "doubled")


async def run(
    only: Sequence[str], seed: int, say: Callable[[str], None]
) -> list[tuple[Fault, Findings]]:
    """Plays the faults, on one stage of each kind that is needed.

    Args:
        only: parts of names; empty: all.
    """
    rng = random.Random(seed)
    rows: list[tuple[Fault, Findings]] = []
    for kind, platform in PLATFORMS.items():
        if kind == "clocks" and library() is None:
            say("libfaketime is not installed: clocks are left out")
            continue
        if only and not any(name in known for known in NAMES[kind] for name in only):
            continue
        try:
            async with platform() as standing:
                for fault in standing.faults:
                    if only and not any(name in fault.name for name in only):
                        continue
                    found = await _one(standing.stage, fault, rng.getrandbits(31), say)
                    rows.append((fault, found))
        except (ServerFailed, StoreFailed, TimeoutError) as error:
            # The others are still worth playing; this one is told as what it is.
            say(f"{kind}: the stage does not stand: {error}")
            rows.append((Fault(kind, f"{kind}: not played", _unplayed), _not_played(kind, error)))
    return rows


async def _unplayed(_: Stage) -> float:
    return 0.0


def _not_played(kind: str, error: Exception) -> Findings:
    found = Findings(kind)
    found.problems.append(f"the stage does not stand: {type(error).__name__}")
    return found


async def _one(stage: Stage, fault: Fault, seed: int, say: Callable[[str], None]) -> Findings:
    try:
        found = await night.play(stage, fault.name, fault.disturb, seed)
    except Exception as error:
        found = Findings(fault.name)
        found.problems.append(f"{type(error).__name__}: {error}")
        await stage.ready()
    verdict = "BROKEN" if found.broken else "kept"
    say(
        f"{fault.name:<22} {found.promised:>5} promised, lost {len(found.lost)}, "
        f"doubled {len(found.doubled)}, well again after {found.recovery_s:5.1f} s  {verdict}"
    )
    for problem in found.broken[:10]:
        say(f"    {problem[:400]}")
    return found


def as_markdown(rows: Sequence[tuple[Fault, Findings]]) -> str:
    """The table of docs/faults.md."""
    lines = [f"| {' | '.join(HEADINGS)} |", "|---|---|---|---|---|"]
    for fault, found in rows:
        lines.append(
            f"| {fault.what} | {found.sightings.told()} | {found.recovery_s:.1f} s "
            f"| {len(found.lost)} of {found.promised} | {len(found.doubled)} |"
        )
    return "\n".join(lines)


def as_json(rows: Sequence[tuple[Fault, Findings]], seed: int) -> dict[str, Any]:
    """Everything that was found."""
    return {
        "seed": seed,
        "faults": [
            {
                "name": fault.name,
                "what": fault.what,
                "told": found.sightings.told(),
                "closes": {str(code): n for code, n in found.sightings.closes.items()},
                "rejects": dict(found.sightings.rejects),
                "http": dict(found.sightings.http),
                "ready": dict(found.sightings.ready),
                "slowest_ack_s": round(found.sightings.waited_s, 3),
                "lasted_s": round(found.lasted_s, 3),
                "recovery_s": round(found.recovery_s, 3),
                "promised": found.promised,
                "lost": found.lost,
                "doubled": found.doubled,
                "problems": found.problems,
            }
            for fault, found in rows
        ],
    }


@click.command()
@click.option("--only", multiple=True, help="Faults whose names hold this; may be repeated.")
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--seed", type=int)
def main(only: tuple[str, ...], file: Path | None, seed: int | None) -> None:
    """Play every fault under load and say what clients saw, and what was lost."""
    chosen = random.SystemRandom().getrandbits(31) if seed is None else seed
    click.echo(f"seed {chosen}")
    began = time.monotonic()
    rows = asyncio.run(run(only, chosen, click.echo))
    click.echo(f"\n{as_markdown(rows)}\n\n{len(rows)} faults in {time.monotonic() - began:.0f} s")
    if file is not None:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(as_json(rows, chosen))))
    if any(found.broken for _, found in rows):
        raise click.ClickException(f"promises were broken, seed {chosen}")


if __name__ == "__main__":
    main()

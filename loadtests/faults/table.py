"""``python -m loadtests.faults.table``: every fault in the middle of a night, and what came of it.

Prints a table: fault, what clients see, seconds until all is well again, what was lost, what was
doubled. ``docs/faults.md`` holds one. A fault that cannot be played, or whose stage does not stand,
is a row with its reason; the others are played all the same, and the exit code is 1.
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import click

from loadtests.faults import night, rows
from loadtests.faults.rows import Record, Row
from loadtests.faults.scenarios import PLATFORMS, Fault, Platform
from loadtests.faults.stage import Stage

FAULT_TIMEOUT_S = 900.0
"""For one fault. The waits in it are bounded, and together shorter."""

STAND_TRIES = 2
"""For a stage: a busy machine may be too slow for the first."""

NAMES = tuple(fault.name for platform in PLATFORMS for fault in platform.faults)


def chosen(only: Sequence[str], without: Sequence[str]) -> list[str]:
    """Names that hold a part of ``only`` (empty: all), and none of ``without``; in order."""
    return [
        name
        for name in NAMES
        if (not only or any(part in name for part in only))
        and not any(part in name for part in without)
    ]


async def run(
    names: Collection[str],
    seed: int,
    say: Callable[[str], None],
    done: Callable[[Row], None],
    platforms: Sequence[Platform] = PLATFORMS,
) -> None:
    """Plays the faults, on one stage of each kind as long as it holds.

    Args:
        done: takes each row as soon as it is known.
    """
    for platform in platforms:
        waiting = [fault for fault in platform.faults if fault.name in names]
        tries = STAND_TRIES
        while waiting:
            left, error = await _on_one_stage(platform, waiting, seed, say, done)
            if error is not None and len(left) == len(waiting):
                tries -= 1
                say(f"the stage for {waiting[0].name} does not stand: {type(error).__name__}")
                if tries == 0:
                    for fault in left:
                        done(rows.failed(fault.name, fault.what, error))
                    break
            waiting = left


async def _on_one_stage(
    platform: Platform,
    waiting: Sequence[Fault],
    seed: int,
    say: Callable[[str], None],
    done: Callable[[Row], None],
) -> tuple[list[Fault], Exception | None]:
    """Plays one after the other until one fails. Returns what is left, and why the stage fell."""
    left = list(waiting)
    try:
        async with platform.stand() as stage:
            while left:
                fault = left[0]
                row = await _one(stage, fault, seed)
                say(_told(row))
                done(row)
                left.pop(0)
                if row.outcome == "failed":
                    break  # Nobody knows what state this stage is in.
    except Exception as error:
        return left, error
    return left, None


async def _one(stage: Stage, fault: Fault, seed: int) -> Row:
    # Its own, so that a fault is the same in whatever company it is played.
    own = random.Random(f"{seed}/{fault.name}").getrandbits(31)
    try:
        async with asyncio.timeout(FAULT_TIMEOUT_S):
            found = await night.play(
                stage, fault.name, fault.disturb, own, another_log=fault.another_log
            )
    except Exception as error:
        return rows.failed(fault.name, fault.what, error)
    return rows.judged(fault.name, fault.what, found)


def _told(row: Row) -> str:
    lines = [
        f"{row.name:<22} {row.promised:>5} promised, lost {row.lost}, doubled {row.doubled}, "
        f"well again after {row.recovery_s:5.1f} s  load {row.load:4.1f}  {row.outcome}"
    ]
    return "\n".join([*lines, *(f"    {why[-400:]}" for why in row.why[:10])])


def _version() -> str:
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        said = subprocess.run(
            command, check=True, capture_output=True, text=True, cwd=Path(__file__).parent
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return said.stdout.strip()


def _begun(file: Path | None, resume: bool, seed: int | None) -> Record:
    fresh = random.SystemRandom().getrandbits(31) if seed is None else seed
    version = _version()
    if not resume:
        return Record(fresh, version)
    if file is None or not file.exists():
        raise click.UsageError("--resume needs the --json FILE of an earlier run")
    record = rows.read(file)
    if record.version != version:
        raise click.UsageError(f"{file} is of {record.version}, this is {version}")
    record.rows = [row for row in record.rows if row.outcome == "kept"]
    return record


@click.command()
@click.option("--only", multiple=True, help="Faults whose names hold this; may be repeated.")
@click.option("--without", multiple=True, help="None whose names hold this; may be repeated.")
@click.option("--list", "listing", is_flag=True, help="Names the faults and plays none.")
@click.option(
    "--json",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Each row is kept here as soon as it is known.",
)
@click.option("--resume", is_flag=True, help="Plays what FILE does not hold as kept.")
@click.option(
    "--document",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="docs/faults.md: its table becomes this one, if every fault was played.",
)
@click.option("--seed", type=int)
def main(
    only: tuple[str, ...],
    without: tuple[str, ...],
    listing: bool,
    file: Path | None,
    resume: bool,
    document: Path | None,
    seed: int | None,
) -> None:
    """Play every fault under load and say what clients saw, and what was lost."""
    names = chosen(only, without)
    if listing:
        click.echo("\n".join(names))
        return
    record = _begun(file, resume, seed)
    click.echo(f"seed {record.seed}, {record.version}")
    known = {row.name for row in record.rows}
    began = time.monotonic()

    def done(row: Row) -> None:
        record.rows.append(row)
        record.rows.sort(key=lambda one: NAMES.index(one.name))
        if file is not None:
            rows.keep(record, file)

    asyncio.run(run([name for name in names if name not in known], record.seed, click.echo, done))
    played = time.monotonic() - began
    click.echo(f"\n{rows.as_markdown(record.rows)}\n\n{len(record.rows)} faults, {played:.0f} s")
    if document is not None and {row.name for row in record.rows} == set(NAMES):
        document.write_text(rows.in_document(document.read_text(), record.rows))
    bad = [row.name for row in record.rows if row.outcome != "kept"]
    if bad:
        raise click.ClickException(f"not kept: {', '.join(bad)}; seed {record.seed}")


if __name__ == "__main__":
    main()

"""``python -m loadtests.broadcasts``: everybody gets it once, whoever dies on the way."""

from __future__ import annotations

import asyncio
import shutil
import sys

import click

from loadtests.broadcasts.drill import Drill, Report
from loadtests.faults import processes


@click.command()
@click.option("--recipients", default=20_000, show_default=True)
@click.option("--kills", default=3, show_default=True, help="kill -9 of the worker on the way.")
@click.option("--per-second", default=100, show_default=True, help="What the carrier takes.")
@click.option("--seed", default=1, show_default=True)
def main(recipients: int, kills: int, per_second: int, seed: int) -> None:
    """One broadcast, with a carrier that loses answers and workers that are killed."""
    report = asyncio.run(_run(recipients, kills, per_second, seed))
    click.echo(f"recipients   {report.recipients}, joined and confirmed in {report.joined_s:.0f} s")
    click.echo(f"killed       at {', '.join(map(str, report.kills))} messages")
    click.echo(f"sent         in {report.sent_s:.0f} s; states {report.counts}")
    click.echo(
        f"carrier      lost {report.lost} answers, refused {report.refused} as too many, "
        f"was asked {report.looked_up} times, called back {report.callbacks} times"
    )
    for problem in report.problems:
        click.echo(f"BROKEN       {problem}")
    if report.problems:
        sys.exit(1)
    click.echo("everybody once")


async def _run(recipients: int, kills: int, per_second: int, seed: int) -> Report:
    data_dir = processes.data_folder("setroom-broadcasts-")
    try:
        async with Drill(data_dir, recipients, seed, per_second) as drill:
            return await drill.run(kills)
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)


if __name__ == "__main__":
    main()

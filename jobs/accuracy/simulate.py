"""Simulates the rule of accuracy on nights of the shipped archives.

::

    python -m jobs.accuracy.simulate [--write] [--quick]

Prints the tables of ``docs/accuracy.md``; ``--write`` puts them there, with the figure beside.
The same seed every time: the same numbers every time. Fails when C is calibrated worse than
`BRIER_MAX` in the stated setting.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from jobs.accuracy.simulation.findings import BRIER_MAX, Findings, Setting, find_out
from jobs.accuracy.simulation.report import figure, tables
from jobs.archive.packaged import PackagedArchive

DOCS = Path(__file__).parents[2] / "docs"
BEGIN, END = "<!-- simulation: begin -->", "<!-- simulation: end -->"

QUICK = Setting(
    archives=(PackagedArchive.GRATEFUL_DEAD,),
    attacked=4,
    raters=(1, 8),
    shares=(0.0, 0.1, 0.5),
)
"""Seconds instead of half a minute: for a first look, and for tests."""


def write(found: Findings, docs: Path) -> None:
    """Replaces the tables in ``accuracy.md`` and the figure beside it.

    Raises:
        ValueError: the page has no place for them.
    """
    page = docs / "accuracy.md"
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} has no {BEGIN} … {END}")
    page.write_text(f"{before}{BEGIN}\n\n{tables(found)}\n{END}{after}", encoding="utf-8")
    (docs / "accuracy.svg").write_text(figure(found), encoding="utf-8")


@click.command()
@click.option("--write", "writes", is_flag=True, help="Write docs/accuracy.md and its figure.")
@click.option("--quick", is_flag=True, help="A small run, for a first look.")
def main(writes: bool, quick: bool) -> None:
    """Prints what the simulation found; fails when confidence is calibrated too badly."""
    if writes and quick:
        raise click.UsageError("the page shows the whole run, not a quick one")
    found = find_out(QUICK if quick else Setting())
    click.echo(tables(found))
    if writes:
        write(found, DOCS)
    if found.stated.brier > BRIER_MAX:
        click.echo(f"Brier score {found.stated.brier:.3f} is over {BRIER_MAX}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()

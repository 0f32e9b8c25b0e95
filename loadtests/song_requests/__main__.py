"""``python -m loadtests.song_requests``: many people wish for songs at once, over two nodes.

Everybody wishes for more than the limit allows, for songs that others wish for as well, in other
letters, with typing errors, and supports what others wished for, while the crew accepts, declines
and plays. Afterwards, from outside: support on both nodes is what was acknowledged, and what SQL
counts; the order on both nodes is the order worked out here; nobody was ever above the limit.
"""

from __future__ import annotations

import asyncio
import random

import asyncpg
import click

from loadtests.faults.pair import running_pair
from loadtests.song_requests.night import PEOPLE, Recount, play
from loadtests.song_requests.wishers import Findings

RECOUNT = """
SELECT subject, count(*) FILTER (WHERE value = 1) FROM stances
 WHERE show_id = $1 AND kind = 'upvote' GROUP BY subject
"""


def recount_in(database_url: str) -> Recount:
    """Counts what everybody said, in the database itself."""

    async def recount(show_id: str) -> dict[str, int]:
        connection = await asyncpg.connect(database_url)
        try:
            rows = await connection.fetch(RECOUNT, show_id)
        finally:
            await connection.close()
        return {str(subject): int(people) for subject, people in rows if people}

    return recount


async def run(people: int, seed: int) -> Findings:
    """On two nodes."""
    async with running_pair("setroom-wishes-") as pair:
        recount = recount_in(pair.database_url)
        return await play(pair.urls, pair.session, seed, people=people, recount=recount)


@click.command()
@click.option("--people", default=PEOPLE, show_default=True, help="Over two nodes.")
@click.option("--seed", type=int)
def main(people: int, seed: int | None) -> None:
    """Many people wish for songs at once; everything is counted again from outside."""
    chosen = random.SystemRandom().getrandbits(32) if seed is None else seed
    findings = asyncio.run(run(people, chosen))
    refused = ", ".join(f"{code} {count}" for code, count in sorted(findings.refused.items()))
    outcomes = ", ".join(f"{name} {count}" for name, count in sorted(findings.outcomes.items()))
    click.echo(f"seed {chosen}, {people} people, {findings.commands} commands")
    click.echo(f"  in {findings.took_s:.1f} s: {findings.commands / findings.took_s:.0f} a second")
    click.echo(f"  {findings.requests} requests, {findings.upvotes} upvotes ({outcomes})")
    click.echo(f"  refused: {refused or 'nothing'}")
    click.echo(f"  at most {findings.most_undecided} undecided requests of one person")
    for problem in findings.problems[:20]:
        click.echo(f"    {problem}")
    if findings.problems:
        raise click.ClickException(f"{len(findings.problems)} problems, seed {chosen}")
    click.echo("  support, order and limits hold on both nodes and in SQL")


if __name__ == "__main__":
    main()

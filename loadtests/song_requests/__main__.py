"""``python -m loadtests.song_requests``: many people wish for songs at once, over two nodes.

Everybody wishes for more than the limit allows, for songs that others wish for as well, in other
letters, with typing errors, and supports what others wished for, while the crew accepts, declines
and plays. Afterwards, from outside: support on both nodes is what was acknowledged, and what SQL
counts; the order on both nodes is the order worked out here; nobody was ever above the limit.
"""

from __future__ import annotations

import asyncio
import random
import shutil
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import click
import msgspec

from loadtests.faults import processes
from loadtests.song_requests.night import PEOPLE, Recount, play
from loadtests.song_requests.wishers import Findings
from loadtests.wire.api import open_session

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


def _database_of(folder: Path) -> str:
    """Where ``setroom up`` says that its database is."""
    (addresses,) = folder.rglob("stores.json")
    return str(msgspec.json.decode(addresses.read_bytes())["database_url"])


async def run(people: int, seed: int) -> Findings:
    """``setroom up`` with a second node beside it."""
    folder = processes.data_folder("setroom-wishes-")
    async with AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        first = processes.up(folder, folder / "up.log")
        stack.push_async_callback(first.stop)
        await first.start()
        second = processes.serve_beside(folder, folder / "second.log")
        stack.push_async_callback(second.stop)
        await second.start()
        session = await stack.enter_async_context(open_session())
        recount = recount_in(_database_of(folder))
        return await play([first.url, second.url], session, seed, people=people, recount=recount)


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

"""``python -m loadtests.bench``: everything that is measured, in one table.

Five interleaved rounds of each, of which the least disturbed counts: whatever else the machine
does can only make a number worse.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable

import click
import uvloop
from rich.console import Console
from rich.table import Table

from loadtests.bench import connections as many
from loadtests.bench import joins, latency, votes
from loadtests.bench.joins import JoinBench
from loadtests.bench.latency import LatencyBench, quantile
from loadtests.bench.rig import Used, rig
from loadtests.bench.votes import VoteBench

SECTIONS = ("server", "connections", "stages", "fanout", "doors", "suggestions")
ROUNDS = 5


async def _server(rounds: int, voters: int, joiners: int) -> Table:
    join_bench, vote_bench, latency_bench = JoinBench(), VoteBench(), LatencyBench()
    async with rig() as running:
        for number in range(rounds):
            click.echo(f"round {number + 1} of {rounds}: joins, votes, edits", err=True)
            join_bench.runs += (await joins.measure(running, 1, joiners)).runs
            vote_bench.runs += (await votes.measure(running, 1, voters)).runs
            one = await latency.measure(running, 1)
            latency_bench.rounds += one.rounds
            latency_bench.used += one.used
    return _table(join_bench, vote_bench, latency_bench)


def _table(join_bench: JoinBench, vote_bench: VoteBench, latency_bench: LatencyBench) -> Table:
    table = Table(title="The whole server, over sockets (fsync on)", title_justify="left")
    for name in ("what", "result", "CPU µs each: web / PostgreSQL / generator", "note"):
        table.add_column(name)
    run = vote_bench.best
    recount = "recount agrees" if run.recounted == run.votes else f"RECOUNT {run.recounted}"
    table.add_row(
        f"{run.votes:,} votes of distinct voters in one burst",
        f"{run.per_second:,.0f} durable votes/s",
        _cpu(run.used, run.votes),
        f"{recount}, {run.rejected} rejected{_bottleneck(run.used)}",
    )
    shares = (50, 99)
    used = min(latency_bench.used, key=lambda used: used.web_s)
    table.add_row(
        f"an edit to {latency.LISTENERS} others, {latency.EDITS_PER_SECOND:.0f} edits/s",
        ", ".join(f"p{n} {latency_bench.quantile_ms(n / 100):.1f} ms" for n in shares),
        _cpu(used, latency.EDITS),
        f"durable before it is seen{_bottleneck(used)}",
    )
    join = join_bench.best
    table.add_row(
        f"{join.joined:,} join at once, setlist of {joins.ENTRIES}",
        f"all in after {join.used.wall_s:.2f} s, p50 {quantile(join.seconds, 0.5):.2f} s",
        _cpu(join.used, join.joined),
        f"welcome and full sync; {join.came_back} told to try later{_bottleneck(join.used)}",
    )
    plain = join_bench.plain
    table.add_row(
        "the same at a door that knows nobody",
        f"all in after {plain.wall_s:.2f} s, ours {join.used.wall_s / plain.wall_s:.2f} times that",
        _cpu(plain, join.joined),
        "plain ASGI, bytes made beforehand: no tickets, log or room",
    )
    first = join_bench.runs[0]
    table.add_row(
        "memory of a connection",
        f"{first.kib_per_connection:.1f} KiB",
        "",
        f"resident, first burst of {first.joined:,}",
    )
    return table


def _cpu(used: Used, count: int) -> str:
    each = (used.web_s, used.postgres_s, used.generator_s)
    return " / ".join(f"{seconds / count * 1e6:,.0f}" for seconds in each)


def _bottleneck(used: Used) -> str:
    return "; THE GENERATOR WAS THE BOTTLENECK" if used.generator_is_bottleneck else ""


def _child(*arguments: str) -> Callable[[], int]:
    return lambda: subprocess.run([sys.executable, "-m", *arguments], check=False).returncode


@click.command(help=__doc__)
@click.option("--only", help=f"Some of: {', '.join(SECTIONS)}; comma-separated.")
@click.option("--rounds", default=ROUNDS, show_default=True)
@click.option("--voters", default=votes.VOTERS, show_default=True)
@click.option("--joiners", default=joins.JOINERS, show_default=True)
@click.option("--connections", default=many.CONNECTIONS, show_default=True)
def main(only: str | None, rounds: int, voters: int, joiners: int, connections: int) -> None:
    """The command."""
    wanted = SECTIONS if only is None else tuple(only.split(","))
    console = Console(width=max(150, Console().width))
    console.print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}")
    failed = []
    if "server" in wanted:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            console.print(runner.run(_server(rounds, voters, joiners)))
    if "connections" in wanted:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            console.print(runner.run(many.measure(connections)).table())
    if "stages" in wanted and _child("tests.stages", "--rounds", str(rounds))():
        failed.append("stages")
    if "fanout" in wanted and _child("loadtests.bench_fanout", "--rounds", str(rounds))():
        failed.append("fanout")
    if "doors" in wanted and _child("loadtests.bench_doors", "--rounds", str(rounds))():
        failed.append("doors")
    if "suggestions" in wanted and _child("jobs.suggestions.evaluate")():
        failed.append("suggestions")
    if failed:
        raise click.ClickException(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()

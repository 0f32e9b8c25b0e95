"""``python -m loadtests.sms``: a carrier and thousands of phones.

Without ``--rate`` one night on two nodes and a worker: everybody joins, confirms and votes within
a round, 5 % of texts come twice, 1 % more are forged, 5 % of the carrier's callbacks come out of
order, and a node is killed (-9) in the middle. Afterwards everything is counted again in SQL.

With ``--rate`` votes at that rate on one node, open loop.
"""

from __future__ import annotations

import asyncio
import random

import click

from loadtests.faults.pair import running_pair
from loadtests.sms import night, steady
from loadtests.sms.carrier import running_carrier
from loadtests.sms.crowd import Plan
from loadtests.sms.signing import settings

PHONES = 5_000
OVER_S = 60.0
STEADY_S = 10.0


async def run_night(phones: int, over_s: float, seed: int) -> night.Findings:
    """One night in a folder of its own."""
    async with (
        running_carrier(seed) as carrier,
        running_pair("setroom-texts-", settings(carrier.url)) as pair,
    ):
        nodes = [pair.first, pair.second]
        found = await night.play(
            nodes,
            carrier,
            pair.session,
            pair.database_url,
            seed,
            phones=phones,
            plan=Plan(night.OPTIONS, over_s),
        )
        if found.problems:
            click.echo("\n".join(node.tail() for node in nodes))
        return found


def quantiles(latencies_s: list[float]) -> str:
    """p50, p99 and the worst of sorted latencies."""
    if not latencies_s:
        return "none"
    shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999}
    last = len(latencies_s) - 1
    told = [
        f"{name} {1000 * latencies_s[min(last, int(share * len(latencies_s)))]:.1f}"
        for name, share in shares.items()
    ]
    return f"{', '.join(told)}, worst {1000 * latencies_s[-1]:.0f} ms"


def tell_night(found: night.Findings) -> None:
    """What a night has shown, in lines."""
    traffic, counted, crowd = found.network.traffic, found.counted, found.crowd
    click.echo(
        f"{len(crowd.phones)} phones, {found.texts} texts in {found.seconds:.0f} s"
        f" ({found.texts / found.seconds:.0f} a second), {counted.phones} joined,"
        f" {counted.active} confirmed"
    )
    click.echo(
        f"votes accepted {counted.told + counted.shed} ({counted.told} told,"
        f" {counted.shed} receipts shed), ballots {counted.promised.total()},"
        f" {counted.uncertain} phones with a vote of unknown outcome"
    )
    click.echo(
        f"duplicates {crowd.duplicates}, forged {dict(crowd.forged)},"
        f" broken {dict(traffic.broken)}, retries {traffic.retries}, given up {traffic.given_up}"
    )
    click.echo(
        f"repeated after the night {found.repeated}, of which {len(counted.unkept)} had lost their"
        " answer with the node"
    )
    click.echo(f"answers {dict(sorted(traffic.statuses.items()))}")
    click.echo(f"latency: {quantiles(found.latencies_s())}")
    click.echo(f"  without the kill: {quantiles(found.latencies_s(without_kill=True))}")
    out_of_order = sum(message.out_of_order for message in found.carrier.messages)
    click.echo(
        f"messages {len(found.carrier.messages)}, at most {found.messages_most} to one person"
        f" (promised {found.messages_promised}), callbacks {dict(found.carrier.callbacks)},"
        f" {out_of_order} messages out of order"
    )
    for problem in found.problems[:20]:
        click.echo(f"    {problem}")


def tell_steady(runs: list[steady.Run]) -> None:
    """A line for each run."""
    for run in runs:
        click.echo(
            f"{run.name:<16} {run.rate:.0f}/s: p50 {run.quantile_ms(0.5):.1f},"
            f" p90 {run.quantile_ms(0.9):.1f}, p99 {run.quantile_ms(0.99):.1f},"
            f" worst {run.quantile_ms(1):.0f} ms; web node {run.cpu_ms:.2f} ms CPU a text"
            f" ({100 * run.used.web_s / run.used.wall_s:.0f} %), postgres"
            f" {100 * run.used.postgres_s / run.used.wall_s:.0f} %, this program"
            f" {100 * run.used.generator_s / run.used.wall_s:.0f} %;"
            f" {dict(sorted(run.statuses.items()))}"
        )
    floor, votes = runs[0].cpu_ms, runs[-1].cpu_ms
    click.echo(f"a vote costs {votes / floor:.1f} times what a refused signature costs")


@click.command(help=__doc__)
@click.option("--phones", default=PHONES, show_default=True, help="People with a phone.")
@click.option("--over", default=OVER_S, show_default=True, help="Seconds that they text for.")
@click.option("--rate", type=float, help="Votes a second on one node instead of a night.")
@click.option("--seconds", default=STEADY_S, show_default=True, help="Of a round, with --rate.")
@click.option("--seed", type=int, help="The same seed plans the same night.")
def main(phones: int, over: float, rate: float | None, seconds: float, seed: int | None) -> None:
    """See the module."""
    chosen = random.SystemRandom().getrandbits(32) if seed is None else seed
    click.echo(f"seed {chosen}")
    if rate is not None:
        runs = asyncio.run(steady.measure(rate, seconds, phones, chosen, click.echo))
        tell_steady(steady.least_disturbed(runs))
        return
    found = asyncio.run(run_night(phones, over, chosen))
    tell_night(found)
    if found.problems:
        raise click.ClickException(f"{len(found.problems)} problems, seed {chosen}")


if __name__ == "__main__":
    main()

"""``python -m loadtests.faults.voters``: one round, many voters, two nodes, one of them killed.

Voters say things twice, through two doors and again after they came back. At the end there must
be one ballot for each, the tally must be a recount of what was acknowledged, and both nodes must
tell the same result. A second part sends a burst of votes in the last moment of a timed round.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiohttp
import asyncpg
import click

from loadtests.faults import setting
from loadtests.faults.ballots import BallotBox
from loadtests.faults.pair import running_pair
from loadtests.faults.processes import Command
from loadtests.wire import ApiClient

OPTIONS = 6
VOTING_S = 8.0
BURST_DURATION_S = 20
BURST_LEAD_S = 0.2
"""How long before the end the burst begins."""
CLOSE_TIMEOUT_S = 60.0

BALLOTS = """
SELECT picks->0->>'option_id' AS option, count(*) AS ballots,
       count(DISTINCT participant_id) AS voters
  FROM ballots WHERE round_id = $1 AND pattern <> '' GROUP BY 1
"""
TALLIES = "SELECT pattern, sum(ballots)::int AS ballots FROM tallies WHERE round_id = $1 GROUP BY 1"


@dataclass(slots=True)
class Findings:
    """What a run has shown.

    Attributes:
        promised: votes by option, as acknowledged.
        result: the round's result, as the first node tells it.
        refused: answers that were no ack, by code.
    """

    round_id: str
    voters: int
    promised: Counter[str]
    result: dict[str, Any]
    refused: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    retries: int = 0
    returns: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)


async def vote_through_a_kill(
    nodes: Sequence[Command], count: int, seed: int, session: aiohttp.ClientSession
) -> Findings:
    """``count`` voters in one round over two nodes; the second is killed and started again.

    Args:
        nodes: two running nodes on the same stores.
    """
    crew = await setting.new_crew(nodes[0].url, session)
    show_id = str((await setting.live_show(crew, "Ten thousand"))["id"])
    # A running tally to ten thousand sockets would measure this process, not the server.
    config = setting.single_choice(OPTIONS, visibility="on_close")
    round_id = await setting.open_round(crew, show_id, config)
    box = BallotBox([node.url for node in nodes], show_id, round_id, OPTIONS, seed)
    await box.admit(count, session)
    began = time.monotonic()
    voting = asyncio.create_task(box.vote(VOTING_S))
    await asyncio.sleep(VOTING_S / 2)
    before = {v.number for v in box.voters if v.counts_for is not None}
    await nodes[1].kill_family()
    await asyncio.sleep(VOTING_S / 4)
    await nodes[1].start()
    await voting
    seconds = time.monotonic() - began
    await setting.close_round(crew, round_id)
    findings = await _findings(crew, nodes, box)
    findings.seconds = seconds
    if not before or len(before) == count:
        findings.problems.append("the kill was not in the middle")
    box.leave()
    return findings


async def burst_at_the_end(
    nodes: Sequence[Command], count: int, seed: int, session: aiohttp.ClientSession
) -> Findings:
    """``count`` votes in the last `BURST_LEAD_S` seconds of a round, over all nodes."""
    crew = await setting.new_crew(nodes[0].url, session)
    show_id = str((await setting.live_show(crew, "The last moment"))["id"])
    box = BallotBox([node.url for node in nodes], show_id, "", OPTIONS, seed)
    await box.admit(count, session)
    config = setting.single_choice(OPTIONS, duration_s=BURST_DURATION_S)
    box.round_id = await setting.open_round(crew, show_id, config)
    view = await crew.get(f"/api/rounds/{box.round_id}")
    end_s = datetime.fromisoformat(view["closes_at"]).timestamp()
    frames = [(voter.socket, box.frame(voter.votes[0])) for voter in box.voters]
    for voter in box.voters:
        del voter.votes[1:]
    await asyncio.sleep(max(0.0, end_s - BURST_LEAD_S - time.time()))
    began = time.monotonic()
    for socket, frame in frames:
        assert socket is not None
        socket.write(frame)
    sent_s = time.monotonic() - began
    async with asyncio.timeout(CLOSE_TIMEOUT_S):
        await asyncio.gather(*(voter.answered.wait() for voter in box.voters))
        await _closed(crew, box.round_id)
    findings = await _findings(crew, nodes, box)
    findings.seconds = sent_s
    box.leave()
    return findings


async def _closed(crew: ApiClient, round_id: str) -> None:
    while True:
        if (await crew.get(f"/api/rounds/{round_id}"))["status"] == "closed":
            return
        await asyncio.sleep(0.2)


async def _findings(crew: ApiClient, nodes: Sequence[Command], box: BallotBox) -> Findings:
    results = [
        (await crew.at(node.url).get(f"/api/rounds/{box.round_id}"))["result"] for node in nodes
    ]
    promised = box.promised()
    findings = Findings(
        box.round_id,
        len(box.voters),
        promised,
        results[0],
        Counter(said.refused for voter in box.voters for said in voter.votes if said.refused),
        box.duplicates,
        box.retries,
        box.returns,
        problems=list(box.problems),
    )
    if any(result != results[0] for result in results):
        findings.problems.append(f"the nodes tell different results: {results}")
    counted = {option: votes for option, votes in results[0]["options"].items() if votes}
    if counted != dict(promised):
        findings.problems.append(f"counted {counted}, acknowledged {dict(promised)}")
    if results[0]["voters"] != promised.total():
        findings.problems.append(
            f"{results[0]['voters']} voters, {promised.total()} were acknowledged"
        )
    return findings


async def recount(database_url: str, findings: Findings) -> list[str]:
    """The same again in SQL, past everything that the server might make up."""
    connection = await asyncpg.connect(database_url)
    try:
        ballots = await connection.fetch(BALLOTS, findings.round_id)
        tallies = await connection.fetch(TALLIES, findings.round_id)
    finally:
        await connection.close()
    promised = dict(findings.promised)
    found = {
        "ballots": {row["option"]: row["ballots"] for row in ballots},
        "distinct voters": {row["option"]: row["voters"] for row in ballots},
        "tallies": {row["pattern"]: row["ballots"] for row in tallies if row["ballots"]},
    }
    return [
        f"{what} in SQL are {counts}, acknowledged {promised}"
        for what, counts in found.items()
        if counts != promised
    ]


async def run(voters: int, burst: int, seed: int) -> dict[str, Findings]:
    """Both parts on two nodes, counted again in SQL."""
    async with running_pair("setroom-voters-") as pair:
        nodes = [pair.first, pair.second]
        found = {
            "one node killed": await vote_through_a_kill(nodes, voters, seed, pair.session),
            "last moment": await burst_at_the_end(nodes, burst, seed, pair.session),
        }
        for findings in found.values():
            findings.problems += await recount(pair.database_url, findings)
        return found


@click.command()
@click.option("--voters", default=10_000, show_default=True)
@click.option("--burst", default=5_000, show_default=True)
@click.option("--seed", type=int)
def main(voters: int, burst: int, seed: int | None) -> None:
    """Many voters in one round over two nodes."""
    chosen = random.SystemRandom().getrandbits(32) if seed is None else seed
    click.echo(f"seed {chosen}")
    broken = False
    for name, found in asyncio.run(run(voters, burst, chosen)).items():
        click.echo(
            f"{name:<16} {found.voters} voters, {found.promised.total()} acknowledged,"
            f" {found.result['voters']} counted, refused {dict(found.refused)},"
            f" {found.duplicates} duplicates, {found.retries} retries,"
            f" {found.returns} came back, {found.seconds:.2f} s"
        )
        for problem in found.problems[:20]:
            click.echo(f"    {problem}")
        broken = broken or bool(found.problems)
    if broken:
        raise click.ClickException(f"votes and result differ, seed {chosen}")


if __name__ == "__main__":
    main()

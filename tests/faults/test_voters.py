"""Many voters in one round over two nodes: one ballot each, whatever is repeated or killed."""

from __future__ import annotations

import aiohttp
import asyncpg

from loadtests.faults import voters as scenario
from loadtests.faults.processes import Command
from storage.embedded import EmbeddedStores
from tests.faults.conftest import urls_of

VOTERS = 500
"""The long form, ``python -m loadtests.faults.voters``, has ten thousand."""
BURST = 400

BALLOTS = """
SELECT picks->0->>'option_id' AS option, count(*), count(DISTINCT participant_id)
  FROM ballots WHERE round_id = $1 AND pattern <> '' GROUP BY 1
"""
TALLIES = "SELECT pattern, sum(ballots) FROM tallies WHERE round_id = $1 GROUP BY 1"


async def test_one_node_killed_in_the_middle_loses_and_doubles_no_vote(
    two_nodes: list[Command], own_stores: EmbeddedStores, http: aiohttp.ClientSession
) -> None:
    findings = await scenario.vote_through_a_kill(two_nodes, VOTERS, 5, http)
    assert findings.problems == []
    assert findings.promised.total() == VOTERS
    assert findings.duplicates and findings.returns
    await _recount(own_stores, findings)


async def test_a_vote_of_the_last_moment_counts_on_any_node(
    two_nodes: list[Command], own_stores: EmbeddedStores, http: aiohttp.ClientSession
) -> None:
    findings = await scenario.burst_at_the_end(two_nodes, BURST, 6, http)
    assert findings.problems == []
    # A machine that stood still may have read some of them too late; it said so to those.
    assert set(findings.refused) <= {"round_closed"}
    assert findings.promised.total() + findings.refused.total() == BURST
    await _recount(own_stores, findings)


async def _recount(stores: EmbeddedStores, findings: scenario.Findings) -> None:
    """The same again in SQL, past everything that the server might make up."""
    connection = await asyncpg.connect(urls_of(stores).database_url)
    try:
        ballots = await connection.fetch(BALLOTS, findings.round_id)
        tallies = await connection.fetch(TALLIES, findings.round_id)
    finally:
        await connection.close()
    assert {row[0]: row[1] for row in ballots} == dict(findings.promised)
    assert sum(row[2] for row in ballots) == findings.promised.total()
    assert {row[0]: row[1] for row in tallies if row[1]} == dict(findings.promised)

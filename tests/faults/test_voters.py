"""Many voters in one round over two nodes: one ballot each, whatever is repeated or killed."""

from __future__ import annotations

import aiohttp

from loadtests.faults import voters as scenario
from loadtests.faults.processes import Command
from storage.embedded import EmbeddedStores
from tests.faults.conftest import urls_of

VOTERS = 500
"""The long form, ``python -m loadtests.faults.voters``, has ten thousand."""
BURST = 400


async def test_one_node_killed_in_the_middle_loses_and_doubles_no_vote(
    two_nodes: list[Command], own_stores: EmbeddedStores, http: aiohttp.ClientSession
) -> None:
    findings = await scenario.vote_through_a_kill(two_nodes, VOTERS, 5, http)
    assert findings.problems == []
    assert findings.promised.total() == VOTERS
    assert findings.duplicates and findings.returns
    assert await scenario.recount(urls_of(own_stores).database_url, findings) == []


async def test_a_vote_of_the_last_moment_counts_on_any_node(
    two_nodes: list[Command], own_stores: EmbeddedStores, http: aiohttp.ClientSession
) -> None:
    findings = await scenario.burst_at_the_end(two_nodes, BURST, 6, http)
    assert findings.problems == []
    # A machine that stood still may have read some of them too late; it said so to those.
    assert set(findings.refused) <= {"round_closed"}
    assert findings.promised.total() + findings.refused.total() == BURST
    assert await scenario.recount(urls_of(own_stores).database_url, findings) == []

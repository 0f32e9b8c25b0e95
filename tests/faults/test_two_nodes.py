"""One room on two nodes: the same log, list and tally for everybody, whatever is taken away."""

from __future__ import annotations

import asyncio
import random

import aiohttp

from loadtests.faults import two_nodes as scenario
from loadtests.faults.processes import Command
from storage.embedded import EmbeddedStores

OUTAGE_S = 6.0
"""The long form, ``python -m loadtests.faults.two_nodes``, takes ten seconds and more stops."""
STOP_S = 4.0
BUSY_S = 2.5
"""What a machine with too much to do may add to an answer. Who is held is held for `STOP_S`."""


async def test_clients_on_both_nodes_see_the_same_while_the_carrier_is_away_and_after(
    two_nodes: list[Command], own_stores: EmbeddedStores, http: aiohttp.ClientSession
) -> None:
    async def valkey_away() -> None:
        await own_stores.valkey.stop()
        await asyncio.sleep(OUTAGE_S)
        await own_stores.valkey.start(lambda _: None)

    findings = await scenario.play([node.url for node in two_nodes], valkey_away, 1, http)
    assert findings.problems == []
    assert findings.events > 50
    # Nobody's answer waits for the carrier.
    assert max(findings.slowest_s(node) for node in (0, 1)) < OUTAGE_S


async def test_a_node_stopped_in_the_middle_of_a_turn_holds_nobody_on_the_other(
    two_nodes: list[Command], http: aiohttp.ClientSession
) -> None:
    stop = scenario.stopped_node(two_nodes[1], 3, STOP_S, random.Random(2))
    findings = await scenario.play([node.url for node in two_nodes], stop, 2, http)
    assert findings.problems == []
    assert findings.latencies_s[0] and findings.slowest_s(0) < 1.0 + BUSY_S < STOP_S
    assert findings.slowest_s(1) > STOP_S / 2  # It was stopped indeed.

"""Phones vote by text over two nodes, one of which is killed: one ballot each, and one message."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from loadtests.faults import processes
from loadtests.faults.processes import Command
from loadtests.sms import night
from loadtests.sms.carrier import Carrier, running_carrier
from loadtests.sms.crowd import Plan
from loadtests.sms.signing import settings
from storage.embedded import EmbeddedStores
from tests.faults.conftest import SECRET_KEY, urls_of

PHONES = 40
"""The long form, ``python -m loadtests.sms``, has five thousand in a minute."""
OVER_S = 4.0
SEED = 8


@pytest.fixture
async def carrier() -> AsyncIterator[Carrier]:
    async with running_carrier(SEED) as running:
        yield running


@pytest.fixture
async def nodes(
    own_stores: EmbeddedStores, data_dir: Path, carrier: Carrier
) -> AsyncIterator[list[Command]]:
    """Two web nodes and a worker with this carrier."""
    urls = urls_of(own_stores)
    variables = settings(carrier.url)
    commands = [
        processes.serve(
            urls.database_url,
            urls.redis_url,
            data_dir / f"{name}.log",
            name=name,
            secret_key=SECRET_KEY,
            environment=variables,
        )
        for name in ("first", "second")
    ]
    worker = processes.worker(
        urls.database_url,
        urls.redis_url,
        data_dir / "worker.log",
        secret_key=SECRET_KEY,
        environment=variables,
    )
    running = [*commands, worker]
    try:
        for command in running:
            command.launch()
        for command in commands:
            await command.ready()
        yield commands
    finally:
        for command in running:
            await command.stop()


async def test_a_night_of_texts_with_a_node_killed_loses_and_doubles_nothing(
    nodes: list[Command],
    carrier: Carrier,
    own_stores: EmbeddedStores,
    http: aiohttp.ClientSession,
) -> None:
    found = await night.play(
        nodes,
        carrier,
        http,
        urls_of(own_stores).database_url,
        SEED,
        phones=PHONES,
        plan=Plan(night.OPTIONS, over_s=OVER_S, duplicates=0.2, forged=0.2),
    )
    assert found.problems == []
    assert found.counted.phones >= PHONES - found.network.traffic.given_up
    assert found.crowd.duplicates and found.crowd.forged[403]
    assert found.messages_most == 1 and found.messages_promised >= 1
    assert sum(found.carrier.callbacks.values()) == 2 * len(found.carrier.messages)

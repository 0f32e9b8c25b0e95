"""Own stores for tests that take stores or whole servers away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from loadtests.faults import processes
from loadtests.faults.processes import Command
from loadtests.wire.api import open_session
from storage.embedded import EmbeddedStores, StoreUrls
from storage.migrate import migrate

SECRET_KEY = "a-key-that-both-nodes-have-in-common"


@pytest.fixture
async def own_stores(data_dir: Path) -> AsyncIterator[EmbeddedStores]:
    """Stores that the test may stop, migrated; without fsync, because nothing outlives it."""
    stores = EmbeddedStores(data_dir, durable=False)
    try:
        urls = await stores.start()
        await migrate(urls.database_url)
        yield stores
    finally:
        await stores.stop()


def urls_of(stores: EmbeddedStores) -> StoreUrls:
    """Where started stores are reached."""
    return StoreUrls(stores.postgres.url, stores.valkey.url)


@pytest.fixture
async def two_nodes(own_stores: EmbeddedStores, data_dir: Path) -> AsyncIterator[list[Command]]:
    """Two web nodes on the same stores."""
    urls = urls_of(own_stores)
    nodes = [
        processes.serve(
            urls.database_url,
            urls.redis_url,
            data_dir / f"{name}.log",
            name=name,
            secret_key=SECRET_KEY,
        )
        for name in ("first", "second")
    ]
    try:
        for node in nodes:
            node.launch()
        for node in nodes:
            await node.ready()
        yield nodes
    finally:
        for node in nodes:
            await node.stop()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """An HTTP session for clients."""
    async with open_session() as session:
        yield session

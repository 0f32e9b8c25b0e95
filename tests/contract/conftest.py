"""One suite for every adapter: the same tests run against memory and against the real stores."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from random import Random

import pytest

from rooms.ports import RoomBus
from storage.database import Database, open_database
from storage.rooms.bus import CarryingBus, room_bus
from storage.rooms.memory import MemoryBusHub, MemoryRoomBus
from tests.contract.harness import (
    LogUnderTest,
    MemoryUnderTest,
    PostgresUnderTest,
    RoomUnderTest,
)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(database_url, connections_max=6)
    yield opened
    await opened.close()


@pytest.fixture(params=["memory", "postgres"])
def under_test(request: pytest.FixtureRequest) -> LogUnderTest:
    if request.param == "memory":
        return MemoryUnderTest()
    return PostgresUnderTest(request.getfixturevalue("database"))


@pytest.fixture
async def room(under_test: LogUnderTest) -> RoomUnderTest:
    return await under_test.room()


MakeBus = Callable[[], Awaitable[RoomBus]]


URLS = {
    "redis": "redis_url",
    "sentinel": "redis_sentinel_url",
    "cluster": "redis_cluster_url",
}


@pytest.fixture(params=["memory", *URLS])
def bus_url(request: pytest.FixtureRequest) -> str | None:
    """Where Redis is; None for buses in memory."""
    if request.param == "memory":
        return None
    return str(request.getfixturevalue(URLS[request.param]))


@pytest.fixture
async def make_bus(bus_url: str | None) -> AsyncIterator[MakeBus]:
    """Makes started buses that hear each other."""
    started: list[CarryingBus | MemoryRoomBus] = []
    hub = MemoryBusHub()

    async def make() -> RoomBus:
        bus = MemoryRoomBus(hub) if bus_url is None else room_bus(bus_url, random=Random(1))
        await bus.start()
        started.append(bus)
        return bus

    yield make
    await asyncio.gather(*(bus.stop() for bus in started))

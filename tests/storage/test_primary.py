"""One address with several hosts: the one that may be written to is found, and none before it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import pytest

from loadtests.faults.proxy import FaultProxy
from storage.database import open_pool
from storage.primary import HOSTS_MAX, NoPrimary, PrimariesSeen, connect, hosts_of
from tests.patience import PATIENT_S

CLUSTER = 7


@pytest.fixture
async def first(database_url: str) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(database_url) as proxy:
        yield proxy


@pytest.fixture
async def second(database_url: str) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(database_url) as proxy:
        yield proxy


def both(first: FaultProxy, second: FaultProxy) -> str:
    """One address for two hosts."""
    parts = urlsplit(first.url)
    return parts._replace(netloc=f"{parts.netloc},127.0.0.1:{second.port}").geturl()


def test_an_address_is_taken_apart_by_its_hosts() -> None:
    assert hosts_of("postgresql://u:p@a,b:5433/db?sslmode=require") == [
        "postgresql://u:p@a/db?sslmode=require",
        "postgresql://u:p@b:5433/db?sslmode=require",
    ]
    assert hosts_of("postgresql://u:p%2C@a/db") == ["postgresql://u:p%2C@a/db"]
    assert hosts_of("postgresql:///db?host=a,b") == ["postgresql:///db?host=a,b"]
    with pytest.raises(ValueError, match="hosts"):
        hosts_of(f"postgresql://{','.join('a' * (HOSTS_MAX + 1))}/db")


async def test_a_host_that_says_nothing_does_not_keep_anybody_from_the_next(
    first: FaultProxy, second: FaultProxy
) -> None:
    first.silence()
    pool = await open_pool(both(first, second), connections_max=2)
    try:
        assert await pool.fetchval("SELECT 1") == 1
        assert second.accepted == 1
    finally:
        first.mend()
        pool.terminate()


async def test_connections_move_to_the_host_that_is_left(
    first: FaultProxy, second: FaultProxy
) -> None:
    pool = await open_pool(both(first, second), connections_max=2)
    try:
        assert (await pool.fetchval("SELECT 1"), second.accepted) == (1, 0)
        first.cut()
        async with asyncio.timeout(PATIENT_S):
            while True:
                try:
                    assert await pool.fetchval("SELECT 2") == 2
                    break
                except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                    continue  # One connection after the other is found to be over.
        assert second.accepted >= 1
    finally:
        pool.terminate()


async def test_a_host_that_is_not_there_is_told_as_one_that_cannot_be_reached() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        with pytest.raises(ConnectionError):
            await connect(
                f"postgresql://u:p@127.0.0.1:{port},no-such-host.invalid/db", timeout_s=PATIENT_S
            )


async def test_nobody_goes_back_to_the_primary_before(database_url: str) -> None:
    """The server is on timeline 1; its successor was seen."""
    primaries_seen = PrimariesSeen()
    connection = await connect(database_url, primaries_seen=primaries_seen, timeout_s=PATIENT_S)
    (cluster,) = await connection.fetchrow("SELECT system_identifier FROM pg_control_system()")
    await connection.close()
    assert primaries_seen.seen(cluster, 2)
    with pytest.raises(NoPrimary, match="before"):
        await connect(database_url, primaries_seen=primaries_seen, timeout_s=PATIENT_S)


async def test_a_pool_lets_go_of_the_primary_before_when_another_is_seen(
    database_url: str,
) -> None:
    primaries_seen = PrimariesSeen()
    pool = await open_pool(database_url, connections_max=2, primaries_seen=primaries_seen)
    try:
        cluster = await pool.fetchval("SELECT system_identifier FROM pg_control_system()")
        assert primaries_seen.seen(cluster, 2)
        with pytest.raises(NoPrimary):
            await pool.fetchval("SELECT 1")
    finally:
        pool.terminate()


def test_only_a_later_timeline_of_the_same_cluster_moves_anything() -> None:
    primaries_seen, moved = PrimariesSeen(), []
    primaries_seen.on_later(lambda: moved.append(True))
    assert primaries_seen.seen(CLUSTER, 3) and primaries_seen.seen(CLUSTER, 3)
    assert primaries_seen.seen(CLUSTER + 1, 1)
    assert not moved
    assert not primaries_seen.seen(CLUSTER, 2)
    assert primaries_seen.seen(CLUSTER, 4)
    assert moved == [True]

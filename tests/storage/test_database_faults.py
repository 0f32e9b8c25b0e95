"""A pool that stays whole whatever becomes of the line to its database."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from loadtests.faults.proxy import FaultProxy, Way
from storage.database import Database, open_database

CALL_S = 0.2
"""What a call may take here; the product's own bounds are longer."""


@pytest.fixture
async def line(database_url: str) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(database_url) as proxy:
        yield proxy


@pytest.fixture
async def database(line: FaultProxy) -> AsyncIterator[Database]:
    opened = await open_database(line.url, connections_max=3)
    yield opened
    line.mend()
    await opened.close(timeout_s=1.0)


async def _use_all(database: Database) -> None:
    """Every place of the pool has a connection that was used."""
    taken = [await database.pool.acquire() for _ in range(3)]
    for connection in taken:
        await database.pool.release(connection)


async def test_connections_whose_server_is_gone_without_a_word_are_replaced(
    line: FaultProxy, database: Database
) -> None:
    await _use_all(database)
    line.half_open()
    calls = [database.pool.fetchval("SELECT 1", timeout=CALL_S) for _ in range(3)]
    given_up = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(one) for one in given_up] == [TimeoutError] * 3
    again = [database.pool.fetchval("SELECT 2", timeout=30) for _ in range(6)]
    assert await asyncio.wait_for(asyncio.gather(*again), 30) == [2] * 6


async def test_a_silent_database_holds_callers_for_as_long_as_a_call_may_take_and_no_longer(
    line: FaultProxy, database: Database
) -> None:
    await _use_all(database)
    line.silence()
    held = [database.pool.acquire(timeout=CALL_S) for _ in range(4)]
    taken = await asyncio.gather(*held, return_exceptions=True)
    assert [one for one in taken if isinstance(one, TimeoutError)] == taken[3:]
    line.mend()
    for connection in taken[:3]:
        await database.pool.release(connection)
    assert await database.pool.fetchval("SELECT 1") == 1


async def test_a_statement_cut_off_half_way_takes_its_connection_along_and_nothing_else(
    line: FaultProxy, database: Database
) -> None:
    for count in (1, 7, 60):
        for way in Way:
            line.cut_after(count, way)
            try:
                answer = await database.pool.fetchval("SELECT repeat('x', 5000)", timeout=30)
            except Exception as error:
                assert isinstance(error, (OSError, TimeoutError)) or "closed" in str(error)
            else:
                assert answer == "x" * 5000
            line.mend()
            line.reset()
    assert await database.pool.fetchval("SELECT 1", timeout=30) == 1


async def test_the_kernel_looks_after_idle_connections(database: Database) -> None:
    async with database.pool.acquire() as connection:
        held = connection._con._transport.get_extra_info("socket")
        assert held.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) != 0
        assert held.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) > 0
        assert await connection.fetchval("SHOW tcp_user_timeout") != "0"

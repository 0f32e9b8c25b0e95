"""The clock is the database's, whatever the machine's clock says."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from rooms.ports import LogUnavailable
from storage.clock import DatabaseClock


async def test_it_is_corrected_to_the_databases_time() -> None:
    ahead = timedelta(seconds=90)

    async def database_time() -> datetime:
        return datetime.now(UTC) + ahead

    clock = DatabaseClock(database_time)
    moved = await clock.measure()
    assert abs(moved - ahead) < timedelta(seconds=1)
    assert abs(clock.now() - datetime.now(UTC) - ahead) < timedelta(seconds=1)
    assert abs(await clock.measure()) < timedelta(milliseconds=100)


async def test_the_quickest_reading_counts() -> None:
    slow = iter([0.2, 0.0, 0.2, 0.2, 0.2])

    async def database_time() -> datetime:
        now = datetime.now(UTC)
        await asyncio.sleep(next(slow))  # the answer takes its time on the way back
        return now

    clock = DatabaseClock(database_time)
    assert abs(await clock.measure()) < timedelta(milliseconds=50)


async def test_without_the_database_it_goes_on() -> None:
    async def database_time() -> datetime:
        raise LogUnavailable

    clock = DatabaseClock(database_time)
    before = clock.now()
    with pytest.raises(LogUnavailable):
        await clock.measure()
    assert clock.now() >= before

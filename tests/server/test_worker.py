"""The worker, joined as it is run: its scheduler sends, its jobs do, its stores are closed."""

from __future__ import annotations

import asyncio

import asyncpg
from taskiq.api import run_scheduler_task

from rooms.tasks import end
from server.secret import Secret
from server.settings import Settings
from server.worker import create_worker
from storage.database import open_database
from tests.contract.harness import PostgresUnderTest


async def test_a_grown_room_gets_its_snapshot_from_a_running_worker(
    database_url: str, redis_url: str
) -> None:
    database = await open_database(database_url, connections_max=2)
    room = await PostgresUnderTest(database).room()
    await room.append(events=room.chat(*["line"] * 250))
    settings = Settings(
        database_url=Secret(database_url),
        redis_url=Secret(redis_url),
        secret_key=Secret("x" * 40),
        node_name="worker-under-test",
    )
    worker, scheduler = create_worker(settings)
    stop = asyncio.Event()
    working = asyncio.create_task(worker.run(stop))
    sending = asyncio.create_task(run_scheduler_task(scheduler))
    try:
        async with asyncio.timeout(90):
            while True:
                record = await room.log.load(room.show_id)
                assert record is not None
                if record.snapshot_seq == 250:
                    break
                await asyncio.sleep(0.05)
    finally:
        await end([sending])  # as the worker itself does: one cancellation may be lost
        stop.set()
        await working
        await database.close()

    connection = await asyncpg.connect(database_url)
    left = (
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'setroom worker-under-test'"
    )
    async with asyncio.timeout(30):  # the server needs a moment to end a closed connection
        while await connection.fetchval(left):
            await asyncio.sleep(0.02)
    await connection.close()

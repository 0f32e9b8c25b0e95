"""A task that loses a cancellation is ended all the same."""

from __future__ import annotations

import asyncio

from rooms.tasks import end


async def test_a_task_that_loses_a_cancellation_is_ended() -> None:
    lost = 0

    async def stubborn() -> None:
        nonlocal lost
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                lost += 1
                if lost == 2:
                    raise

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    await end([task])
    assert task.cancelled()
    assert lost == 2


async def test_nothing_to_end_is_no_error() -> None:
    await end([])

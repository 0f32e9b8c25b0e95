"""Ending tasks that loop for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

CANCEL_AGAIN_S = 0.1
"""How long a cancelled task may take before it is cancelled once more."""


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancels until every task is done.

    Once is not always enough: up to Python 3.11 ``asyncio.wait_for`` loses a cancellation that
    comes together with its result (CPython issue 86296), and redis-py 8.1 one that comes while it
    connects. A loop around either would go on for ever.
    """
    while running := [task for task in tasks if not task.done()]:
        for task in running:
            task.cancel()
        await asyncio.wait(running, timeout=CANCEL_AGAIN_S)

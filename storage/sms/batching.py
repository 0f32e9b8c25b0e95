"""Calls that come at the same time share one statement.

While one batch is under way the next one gathers: alone, a call is carried out at once; in a rush,
hundreds of them cost one round trip and one commit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

In = TypeVar("In")
Out = TypeVar("Out")

BATCH_MAX: Final = 200
"""Few enough that a statement takes some ms."""

AT_ONCE: Final = 2
"""Batches under way: while one commits, the next one is read."""


class Batched(Generic[In, Out]):
    """See the module.

    Args:
        run: carries out a batch; one result for each item, in their order. Whatever it raises,
            everybody in the batch gets.
    """

    def __init__(self, run: Callable[[Sequence[In]], Awaitable[Sequence[Out]]]) -> None:
        self._run = run
        self._waiting: list[tuple[In, asyncio.Future[Out]]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, item: In) -> Out:
        """Carries one out, together with others."""
        future: asyncio.Future[Out] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if len(self._tasks) < AT_ONCE:
            task = asyncio.create_task(self._work())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await future

    async def _work(self) -> None:
        await asyncio.sleep(0)  # all that come in this turn of the loop
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH_MAX], self._waiting[BATCH_MAX:]
            try:
                results = await self._run([item for item, _ in batch])
            except BaseException as error:
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                if not isinstance(error, Exception):
                    raise
            else:
                for (_, future), result in zip(batch, results, strict=True):
                    if not future.done():
                        future.set_result(result)

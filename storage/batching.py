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


class Batched(Generic[In, Out]):
    """See the module.

    Args:
        run: carries out a batch; one result for each item, in their order. Whatever it raises,
            everybody in the batch gets.
        linger_s: how long a batch waits for others, where nobody waits for it.
    """

    def __init__(
        self,
        run: Callable[[Sequence[In]], Awaitable[Sequence[Out]]],
        linger_s: float = 0.0,
    ) -> None:
        self._run = run
        self._linger_s = linger_s
        self._waiting: list[tuple[In, asyncio.Future[Out]]] = []
        self._task: asyncio.Task[None] | None = None

    async def ask(self, item: In) -> Out:
        """Carries one out, together with others."""
        return await self.begin(item)

    def begin(self, item: In) -> asyncio.Future[Out]:
        """Will carry one out."""
        future: asyncio.Future[Out] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._task is None:
            self._task = asyncio.create_task(self._work())
        return future

    async def _work(self) -> None:
        try:
            await self._work_off()
        finally:
            self._task = None  # here and not later: what comes next begins anew

    async def _work_off(self) -> None:
        while self._waiting:
            await asyncio.sleep(self._linger_s)  # all that come in this turn of the loop
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

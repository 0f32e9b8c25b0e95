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

    Nobody waits for ever: whatever ends the work before its time (a cancellation, above all),
    everybody gets who waits for it, in this batch or for the next one.

    Args:
        run: carries out a batch; one result for each item, in their order. Whatever it raises,
            everybody in the batch gets; if results are missing, a `RuntimeError`.
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
            self._task.add_done_callback(self._ended)
        return future

    async def _work(self) -> None:
        try:
            await self._work_off()
        except BaseException as error:
            self._give_up(error)
            raise
        finally:
            self._task = None  # here and not later: what comes next begins anew

    def _ended(self, task: asyncio.Task[None]) -> None:
        # Cancelled before its first turn, a task comes to none of its own lines.
        if self._task is task:
            self._task = None
            self._give_up(asyncio.CancelledError())

    def _give_up(self, error: BaseException) -> None:
        waiting, self._waiting = self._waiting, []
        _fail(waiting, error)

    async def _work_off(self) -> None:
        while self._waiting:
            await asyncio.sleep(self._linger_s)  # all that come in this turn of the loop
            batch, self._waiting = self._waiting[:BATCH_MAX], self._waiting[BATCH_MAX:]
            try:
                results = await self._run([item for item, _ in batch])
                if len(results) != len(batch):  # whose is which is anybody's guess
                    raise RuntimeError(f"{len(results)} results of {len(batch)}")
            except BaseException as error:
                _fail(batch, error)
                if not isinstance(error, Exception):
                    raise
            else:
                for (_, future), result in zip(batch, results, strict=True):
                    if not future.done():
                        future.set_result(result)


def _fail(asked: Sequence[tuple[In, asyncio.Future[Out]]], error: BaseException) -> None:
    for _, future in asked:
        if future.done():
            continue
        if isinstance(error, asyncio.CancelledError):
            future.cancel()
        else:
            future.set_exception(error)

"""Joins come in bursts: the ballots of all who join in one loop turn are read by one query."""

from __future__ import annotations

import asyncio

from rooms.ports import LogUnavailable
from rooms.turns import Turns


class Admissions:
    """Loads participants' ballots in batches."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._loading: dict[str, asyncio.Future[None]] = {}
        self._task: asyncio.Task[None] | None = None

    async def admit(self, participant_id: str) -> None:
        """Returns once the participant's ballots are known here.

        Raises:
            LogUnavailable: they could not be read.
        """
        future = self._loading.get(participant_id) or self._waiting.get(participant_id)
        if future is None:
            if self._turns.knows_ballots_of(participant_id):
                return
            future = asyncio.get_running_loop().create_future()
            self._waiting[participant_id] = future
            if self._task is None:
                self._task = asyncio.create_task(self._load())
        await asyncio.shield(future)

    def stop(self) -> None:
        """Ends what is under way; those who wait are told that nothing could be read."""
        if self._task is not None:
            self._task.cancel()
        for future in (*self._waiting.values(), *self._loading.values()):
            if not future.done():
                future.set_exception(LogUnavailable("the room is going away"))

    async def _load(self) -> None:
        while self._waiting:
            await asyncio.sleep(0)  # all joins of this loop turn together
            self._loading, self._waiting = self._waiting, {}
            try:
                await self._turns.load_ballots(list(self._loading))
            except Exception as error:
                for future in self._loading.values():
                    if not future.done():
                        future.set_exception(error)
            else:
                for future in self._loading.values():
                    if not future.done():
                        future.set_result(None)
            self._loading = {}
        self._task = None

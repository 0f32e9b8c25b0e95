"""Joins come in bursts: the ballots of all who join in one loop turn are read by one query."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from itertools import chain

from rooms.ports import LogUnavailable
from rooms.turns import Turns


class Admissions:
    """Loads participants' ballots in batches."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._waiting: dict[str, list[asyncio.Future[None]]] = {}
        self._loading: dict[str, list[asyncio.Future[None]]] = {}
        self._task: asyncio.Task[None] | None = None

    async def admit(self, participant_id: str) -> None:
        """Returns once the participant's ballots are known here.

        Raises:
            LogUnavailable: they could not be read.
        """
        waiting = self._loading.get(participant_id)
        if waiting is None:
            waiting = self._waiting.get(participant_id)
        if waiting is None:
            if self._turns.knows_ballots_of(participant_id):
                return
            waiting = self._waiting[participant_id] = []
        # Everybody's own: whoever gives up is nobody else's business.
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting.append(future)
        if self._task is None:
            self._task = asyncio.create_task(self._load())
        await future

    def stop(self) -> None:
        """Ends what is under way; those who wait are told that nothing could be read."""
        if self._task is not None:
            self._task.cancel()
        _fail(self._waiting, LogUnavailable("the room is going away"))
        _fail(self._loading, LogUnavailable("the room is going away"))

    async def _load(self) -> None:
        while self._waiting:
            await asyncio.sleep(0)  # all joins of this loop turn together
            self._loading, self._waiting = self._waiting, {}
            try:
                await self._turns.load_ballots(list(self._loading))
            except Exception as error:
                _fail(self._loading, error)
            else:
                for future in chain.from_iterable(self._loading.values()):
                    if not future.done():
                        future.set_result(None)
            self._loading = {}
        self._task = None


def _fail(waiting: Mapping[str, Iterable[asyncio.Future[None]]], error: Exception) -> None:
    for future in chain.from_iterable(waiting.values()):
        if not future.done():
            future.set_exception(error)

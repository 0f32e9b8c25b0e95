"""A turn under the room's lock: a transaction at the simulated server, which may end it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from rooms import limits
from rooms.ports import Appended, AppendOutcome, Delta, Head, LockedRoom, LogUnavailable, Turn
from tests.simulation.loop import CURRENT, Process

if TYPE_CHECKING:
    from tests.simulation.database import LogAccess


class Session:
    """`rooms.ports.LockedRoom` on one connection: a transaction at the server.

    One that hears nothing for so long as the server allows is ended by it, lock and all: so the
    lock of a node that died, or that nobody reaches, is free again.
    """

    def __init__(self, access: LogAccess, show_id: str) -> None:
        self._access = access
        self._database = access.database
        self._show_id = show_id
        self._requests: asyncio.Queue[Callable[[LockedRoom], Any] | None] = asyncio.Queue()
        self._over = False

    async def begin(self) -> None:
        opened: asyncio.Future[None] = self._database.loop.create_future()
        here = CURRENT.get()
        context = self._database.process.context

        def serve() -> None:
            self._database.loop.create_task(self._serve(opened, here), context=context)

        self._database.run(serve)
        await opened

    async def read_since(self, head: Head, participants: Collection[str]) -> Delta:
        """Everything after ``head``."""
        asked = list(participants)
        delta: Delta = await self._ask(lambda room: room.read_since(head, asked))
        return delta

    async def append(self, turn: Turn) -> AppendOutcome:
        """Appends and so ends the turn."""

        async def work() -> AppendOutcome:
            done: asyncio.Future[Any] = self._database.loop.create_future()
            if self._over:
                raise LogUnavailable("the lock is gone")
            self._requests.put_nowait(lambda room: _into(done, room.append(turn)))
            outcome: AppendOutcome = await done
            return outcome

        return await self._access.write(work)

    def say(self, request: Callable[[LockedRoom], Any] | None) -> None:
        """Sends something without waiting; ``None`` ends the transaction."""
        if self._database.reaches(self._access.node):
            self._database.run(lambda: self._requests.put_nowait(request))

    async def _ask(self, request: Callable[[LockedRoom], Any]) -> Any:
        answer: asyncio.Future[Any] = self._database.loop.create_future()
        here = CURRENT.get()
        access = self._access

        async def served(room: LockedRoom) -> None:
            try:
                outcome = await request(room)
            except Exception as error:
                outcome = error
            access.tell(answer, outcome, here)

        def arrive() -> None:
            if self._over or not self._database.reaches(access.node):
                access.tell(answer, LogUnavailable("the lock is gone"), here)
            else:
                self._requests.put_nowait(served)

        self._database.run(arrive)
        return await answer

    async def _serve(self, opened: asyncio.Future[None], here: Process) -> None:
        try:
            async with self._database.log.locked(self._show_id) as room:
                self._access.tell(opened, None, here)
                await self._obey(room)
        except LogUnavailable as error:
            self._access.tell(opened, error, here)
        finally:
            self._over = True
            while not self._requests.empty():
                request = self._requests.get_nowait()
                if request is not None:
                    await request(_GONE)

    async def _obey(self, room: LockedRoom) -> None:
        while True:
            try:
                async with asyncio.timeout(limits.TURN_IDLE_IN_TRANSACTION_MS / 1000):
                    request = await self._requests.get()
            except TimeoutError:
                return
            if request is None:
                return
            if isinstance(await request(room), Appended):
                return


class _Gone:
    """A transaction that the server has ended."""

    async def read_since(self, head: Head, participants: Collection[str]) -> Delta:
        raise LogUnavailable("the lock is gone")

    async def append(self, turn: Turn) -> AppendOutcome:
        raise LogUnavailable("the lock is gone")


_GONE = _Gone()


async def _into(done: asyncio.Future[Any], work: Any) -> Any:
    try:
        outcome = await work
    except Exception as error:
        done.set_exception(error)
        return None
    done.set_result(outcome)
    return outcome

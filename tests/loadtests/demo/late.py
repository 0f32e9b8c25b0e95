"""A client that hears everything late, as on a machine with too much to do."""

from __future__ import annotations

import asyncio
from typing import Any

from loadtests.wire import RoomClient


class LateRoomClient(RoomClient):
    """Takes every frame in a while after it came: each client has a lag of its own."""

    LAG_S = (0.8, 1.2)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lag_s = self.rng.uniform(*self.LAG_S)
        self._on_its_way: asyncio.Queue[tuple[float, object, str | bytes]] = asyncio.Queue()

    async def run(self) -> None:
        """Connects, and takes in what comes."""
        async with asyncio.TaskGroup() as tasks:
            taking_in = tasks.create_task(self._take_in())
            await super().run()
            taking_in.cancel()

    async def _received(self, frame: str | bytes) -> None:
        due = asyncio.get_running_loop().time() + self._lag_s
        self._on_its_way.put_nowait((due, self._socket, frame))

    async def _take_in(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due, socket, frame = await self._on_its_way.get()
            await asyncio.sleep(due - loop.time())
            if socket is self._socket:  # Otherwise it is lost with its socket.
                await super()._received(frame)

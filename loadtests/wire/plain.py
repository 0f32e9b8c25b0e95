"""A y-websocket client that offers no subprotocol: binary frames only, as stock providers."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from loadtests.wire import framing
from loadtests.wire.api import ApiClient
from loadtests.wire.setlist import SetlistDocument
from loadtests.wire.signal import Signal


class PlainYjsClient:
    """One socket without text messages; it does not come back. Use as ``async with``.

    Args:
        on_frame: called for every frame that arrives.
    """

    def __init__(
        self,
        api: ApiClient,
        show_id: str,
        *,
        rng: random.Random | None = None,
        on_frame: Callable[[bytes], None] | None = None,
    ) -> None:
        self.setlist = SetlistDocument(rng or random.Random())
        self.synced = False
        self.close_code: int | None = None
        self._api = api
        self._show_id = show_id
        self._on_frame = on_frame
        self._signal = Signal()
        self._may_send = False
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> PlainYjsClient:
        ticket = await self._api.ticket(self._show_id)
        base = "ws" + self._api.base_url.removeprefix("http")
        url = f"{base}/rooms/{self._show_id}?{urlencode({'ticket': ticket})}"
        self._socket = await connect(url, compression=None, max_size=None, ping_interval=None)
        await self._socket.send(framing.sync(framing.STEP_1, self.setlist.state_vector()))
        self._reader = asyncio.create_task(self._read(self._socket))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        if self._socket is not None:
            await self._socket.close()
        self.setlist.close()

    async def entered(self, timeout_s: float = 30.0) -> None:
        """Waits until both sides have exchanged what they have."""
        await self.until(lambda: self.synced and self._may_send, timeout_s)

    async def until(self, condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
        """Waits for ``condition``, asked again whenever anything arrives."""
        await self._signal.until(condition, timeout_s)

    async def edit(self, change: Callable[[SetlistDocument], object]) -> None:
        """Changes the setlist and sends it."""
        assert self._socket is not None
        with self.setlist.local() as updates:
            change(self.setlist)
        for update in updates:
            await self._socket.send(framing.sync(framing.UPDATE, update))

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for frame in socket:
                if isinstance(frame, bytes):
                    if self._on_frame is not None:
                        self._on_frame(frame)
                    await self._take(socket, framing.decode(frame))
                    self._signal.changed()
        except ConnectionClosed:
            pass  # The code says what happened.
        self.close_code = socket.close_code
        self._signal.changed()

    async def _take(self, socket: ClientConnection, frame: framing.Frame) -> None:
        match frame:
            case framing.SyncFrame(step=framing.STEP_1, payload=vector):
                missing = self.setlist.missing_in(vector)
                await socket.send(framing.sync(framing.STEP_2, missing))
                self._may_send = True
            case framing.SyncFrame(step=step, payload=update):
                self.setlist.apply(update)
                self.synced = self.synced or step == framing.STEP_2
            case _:
                pass

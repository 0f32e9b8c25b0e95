"""A telephone line between a browser and a node: slow, far away, and sometimes cut.

The proxy of the fault tests, in a thread of its own: it shapes all connections together, in both
directions, with the delay of a round trip on the handshake as well. What a browser's own emulation
leaves out is shaped too: sockets, and what the service worker fetches.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from loadtests.faults.proxy import SLOW_3G, FaultProxy, Shape, Way

__all__ = ["SLOW_3G", "Profile", "SlowLine", "running_line"]

Profile = Shape
"""A kind of line."""


class SlowLine:
    """The line, once it is up: `running_line`.

    Attributes:
        url: where a browser reaches the node through it.
    """

    def __init__(self, target_url: str, shape: Shape) -> None:
        self._proxy = FaultProxy(target_url, shape)
        self._loop = asyncio.new_event_loop()
        self.url = ""

    @property
    def bytes_down(self) -> int:
        """What has come to the browser."""
        return self._proxy.bytes_passed(Way.DOWN)

    @property
    def bytes_up(self) -> int:
        """What has gone to the node."""
        return self._proxy.bytes_passed(Way.UP)

    def cut(self) -> None:
        """Breaks every connection, and refuses new ones."""
        self._loop.call_soon_threadsafe(self._proxy.cut)

    def mend(self) -> None:
        """Lets connections through again."""
        self._loop.call_soon_threadsafe(self._proxy.mend)

    async def _serve(self, started: threading.Event, ended: asyncio.Event) -> None:
        async with self._proxy:
            self.url = self._proxy.url
            started.set()
            await ended.wait()


@contextmanager
def running_line(target_url: str, shape: Shape = SLOW_3G) -> Iterator[SlowLine]:
    """A line to a node, in a thread of its own."""
    line = SlowLine(target_url, shape)
    started, ended = threading.Event(), asyncio.Event()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: line._loop) as runner:
            runner.run(line._serve(started, ended))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert started.wait(30)
    try:
        yield line
    finally:
        line._loop.call_soon_threadsafe(ended.set)
        thread.join(30)

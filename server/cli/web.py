"""One web node: uvicorn around the app, stopped in order."""

import asyncio
import gc
import math
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import structlog
import uvicorn

from rooms import limits
from server.cli.listener import BACKLOG
from server.egress.http import BoundedHttpProtocol
from server.egress.select import websocket_protocol
from server.settings import Settings

KEEP_ALIVE_S = 75
"""Longer than a proxy's (nginx: 60 s), so that the proxy, not we, closes an idle connection."""

YOUNG_OBJECTS = 50_000
"""Containers made and not yet freed until the collector looks: some 10 MB, and some ms of work."""

OLDER_GENERATIONS = (5, 80)
"""So many looks at new objects until those that outlived one are looked at, and so many of these
until all are: some 25 ms in the worst case, for what is not freed by its reference count."""

COLLECT_EVERY_S = 240
"""What a busy node leaves to the collector is little, such as rooms that were unloaded, and old:
thresholds alone would reach it after hours. Looking through everything that has come since the
start takes a few ms for a thousand sockets."""

TICKS_PER_SECOND = 10
"""uvicorn's own."""

log = structlog.get_logger(__name__)


class WebNode(uvicorn.Server):
    """A uvicorn server that leaves the process to its caller when it has stopped.

    uvicorn raises the signal again after its own shutdown, which would end the process before
    the stores are stopped. The first SIGINT or SIGTERM drains, the second one stops waiting.

    Attributes:
        pause_s: how long it goes on serving whom it has once it is told to stop.
    """

    pause_s = 0.0

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._at_once = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle both signals on the loop for as long as the server runs."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop, number)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and spare the collector what has come to stay."""
        await super().startup(sockets)
        calm_collector()

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second. Now and then all that a collector may free is looked for."""
        if counter % (COLLECT_EVERY_S * TICKS_PER_SECOND) == 0:
            gc.collect()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let balancers notice, stop accepting, let the app say goodbye to its sockets, then end
        what is left."""
        await self._retire()
        for server in self.servers:
            server.close()
        drain = getattr(getattr(self.config.app, "state", None), "drain", None)
        if drain is not None and not self.force_exit:
            try:
                async with asyncio.timeout(self.config.timeout_graceful_shutdown):
                    await drain()
            except TimeoutError:
                log.warning("drain_timed_out")
        await super().shutdown(sockets)

    async def _retire(self) -> None:
        """Not ready from now on, and for a while nothing else: a balancer that asks every second
        would otherwise send people to a closed door for as long as it has not asked."""
        retire = getattr(getattr(self.config.app, "state", None), "retire", None)
        if retire is not None:
            retire()
        with suppress(TimeoutError):
            async with asyncio.timeout(self.pause_s):
                await self._at_once.wait()

    def _stop(self, number: int) -> None:
        log.info("node_stopping", signal=signal.Signals(number).name, at_once=self.should_exit)
        self.force_exit = self.should_exit
        if self.force_exit:
            self._at_once.set()
        self.should_exit = True


def calm_collector() -> None:
    """Lets the garbage collector walk new objects only, and seldom.

    A started node holds hundreds of thousands of objects for good: modules, types, schemas,
    handlers. With Python's own thresholds (700, 10, 10) about a fifth of a busy node's CPU went
    into looking at them and at what each call makes, nearly all of which reference counts free,
    and calls waited for it. What is frozen is never looked at again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, *OLDER_GENERATIONS)


def web_node(settings: Settings, app: Any) -> WebNode:
    """The server for ``app``. Compression of websocket messages is off: 50 KiB a connection for
    nothing, at 50 bytes a message."""
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=BoundedHttpProtocol,
        ws=websocket_protocol(),
        ws_max_size=limits.FIRST_SYNC_BYTES_MAX + 1024,
        ws_per_message_deflate=False,
        backlog=BACKLOG,
        ws_ping_interval=limits.QUIET_ROOM_HEARTBEAT_S,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=[str(network) for network in settings.trusted_proxies],
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=math.ceil(settings.drain_s),
    )
    node = WebNode(config)
    node.pause_s = settings.drain_pause_s
    return node

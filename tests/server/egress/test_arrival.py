"""The kernel knows when bytes came, however late they are read."""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from collections.abc import Callable

import pytest
import uvloop

from server.egress.arrival import waited_s

BUSY_S = 0.3


class _Listener(asyncio.Protocol):
    def __init__(self) -> None:
        self.transport: asyncio.BaseTransport | None = None
        self.waited: list[float] = []
        self.heard = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        assert self.transport is not None
        self.waited.append(waited_s(self.transport))
        self.heard.set()


async def _heard_by_a_busy_loop() -> tuple[float, float]:
    """How old the bytes were when they were read, and a moment after that."""
    listener = _Listener()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: listener, "127.0.0.1", 0)
    client = socket.create_connection(server.sockets[0].getsockname())
    while listener.transport is None:
        await asyncio.sleep(0)
    client.send(b"in time")
    time.sleep(BUSY_S)  # nothing is read meanwhile
    await listener.heard.wait()
    assert listener.transport is not None
    later = waited_s(listener.transport)
    client.close()
    listener.transport.close()
    assert waited_s(listener.transport) >= 0.0
    server.close()
    return listener.waited[0], later


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells")
@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def test_bytes_are_as_old_as_their_arrival(run: Callable[..., tuple[float, float]]) -> None:
    waited, later = run(_heard_by_a_busy_loop())
    tick_s = 0.02
    assert waited >= BUSY_S - tick_s
    assert later >= waited


def test_what_is_no_tcp_connection_has_not_waited() -> None:
    assert waited_s(asyncio.Transport()) == 0.0

"""What Python and uvloop cost by themselves: one ``transport.write`` per receiver, nothing else.

A child like the bare loop, with the same words on its standard input and output. What the product
costs beyond this is the product's own; what this costs beyond the bare loop is the platform's.
"""

from __future__ import annotations

import asyncio
import sys
from typing import cast

import uvloop

from loadtests.fanout.bare_loop import say


class Peer(asyncio.Protocol):
    """One connection."""

    def __init__(self, made: asyncio.Queue[asyncio.Transport]) -> None:
        self._made = made

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Takes it in."""
        self._made.put_nowait(cast(asyncio.Transport, transport))


async def serve(connections: int, frame: bytes) -> None:
    """Takes the connections, then obeys lines on standard input until it ends."""
    loop = asyncio.get_running_loop()
    made: asyncio.Queue[asyncio.Transport] = asyncio.Queue()
    server = await loop.create_server(lambda: Peer(made), "127.0.0.1", 0, backlog=4096)
    say(f"port {server.sockets[0].getsockname()[1]}")
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    writes = [(await made.get()).write for _ in range(connections)]
    say("ready")
    while line := await reader.readline():
        for _ in range(int(line.split()[1])):
            for write in writes:
                write(frame)


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), bytes.fromhex(sys.argv[2])))

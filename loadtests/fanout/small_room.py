"""The small room's receivers in a process of their own: a large crowd's reader is no neighbour that
latencies could be measured beside.

A child: the node's port and the show on its command line, tickets in the first line of its standard
input. For each line ``go COUNT`` it posts so many lines, `PACE_PER_SECOND` of them a second, and
prints what the deliveries took, in seconds, as a JSON list.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from array import array
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import psutil
import uvloop

from loadtests.fanout.bare_loop import say
from loadtests.fanout.sides import Room, send

LINE_BYTES_MAX = 16 * 1024 * 1024


class SmallRoom:
    """That process, for whoever started it."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.process = psutil.Process(process.pid)

    async def post(self, lines: int) -> list[float]:
        """Posts lines; seconds of each delivery."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"go {lines}\n".encode())
        return msgspec.json.decode(await self._process.stdout.readline(), type=list[float])


@asynccontextmanager
async def small_room(port: int, show_id: str, tickets: list[str]) -> AsyncIterator[SmallRoom]:
    """Starts it, with one receiver per ticket."""
    command = [sys.executable, "-m", __name__, str(port), show_id]
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, limit=LINE_BYTES_MAX
    )
    try:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(msgspec.json.encode(tickets) + b"\n")
        await process.stdout.readline()
        yield SmallRoom(process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def serve(port: int, show_id: str) -> None:
    """The child's part."""
    reader = asyncio.StreamReader(limit=LINE_BYTES_MAX)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    room = Room(port, os.getpid(), show_id)
    await room.join(msgspec.json.decode(await reader.readline(), type=list[str]))
    say("ready")
    while line := await reader.readline():
        latencies = room.crowd.latencies = array("d")
        await send(room, int(line.split()[1]), 1, paced=True)
        say(msgspec.json.encode(latencies.tolist()).decode())


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), sys.argv[2]))

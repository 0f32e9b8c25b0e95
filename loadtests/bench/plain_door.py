"""Doors without a lock: what the same burst costs a server that knows nobody.

uvicorn with its own websocket protocol and a plain ASGI application that accepts, says the
welcome's bytes, and answers the first binary message with the document's: no account, no ticket,
no log, no room, every byte made beforehand. What a machine takes for it says how fast that machine
is, so a time beside it means something elsewhere too.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import uvicorn

from loadtests.faults.processes import free_port
from loadtests.wire.messages import SUBPROTOCOL

READY_TIMEOUT_S = 60.0
_POLL_S = 0.05

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class PlainDoor:
    """One that runs."""

    port: int
    pid: int


class Application:
    """See the module.

    Args:
        welcome: the payload of the first text message.
        document: the payload of the answer to the first binary message.
    """

    def __init__(self, welcome: bytes, document: bytes) -> None:
        self._welcome = welcome.decode()
        self._document = document

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """One connection."""
        if scope["type"] != "websocket":
            return
        await receive()
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
        await send({"type": "websocket.send", "text": self._welcome})
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            if message.get("bytes") is not None:
                await send({"type": "websocket.send", "bytes": self._document})


@asynccontextmanager
async def running(welcome: bytes, document: bytes) -> AsyncIterator[PlainDoor]:
    """Starts one in a process of its own; ends it.

    Raises:
        TimeoutError: it did not come up.
    """
    with tempfile.TemporaryDirectory(prefix="setroom-door-") as folder:
        paths = [Path(folder, name) for name in ("welcome", "document")]
        for path, content in zip(paths, (welcome, document), strict=True):
            path.write_bytes(content)
        port = free_port()
        command = [sys.executable, "-m", __name__, str(port), *map(str, paths)]
        process = await asyncio.create_subprocess_exec(*command)
        try:
            await asyncio.wait_for(_answers(port), READY_TIMEOUT_S)
            yield PlainDoor(port, process.pid)
        finally:
            process.kill()
            await process.wait()


async def _answers(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(_POLL_S)
            continue
        writer.close()
        return


@click.command(help=__doc__)
@click.argument("port", type=int)
@click.argument("welcome", type=click.Path(path_type=Path, exists=True))
@click.argument("document", type=click.Path(path_type=Path, exists=True))
def main(port: int, welcome: Path, document: Path) -> None:
    """The process."""
    uvicorn.run(
        Application(welcome.read_bytes(), document.read_bytes()),
        port=port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        lifespan="off",
        log_level="error",
        backlog=4_096,
    )


if __name__ == "__main__":
    main()

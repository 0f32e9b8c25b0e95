"""What lies between a browser and a node in hotels and offices: a proxy that meddles.

It refuses every upgrade, as old proxies do, and may hold a stream's answer back until it ends,
as scanners and caches do. Everything else passes, one call per connection.

It reads HTTP; `loadtests.faults.proxy` does what networks do to bytes, whatever they are.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final
from urllib.parse import urlsplit

HEAD_BYTES_MAX: Final = 64 * 1024
VERSION: Final = re.compile(rb"(version:.)[0-9a-f]{12}")
"""Where the name of its build stands in the service worker."""

REFUSAL: Final = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Meddler:
    """The proxy, once it is up: `running_meddler`.

    Attributes:
        url: where a browser reaches the node through it.
        refuses_upgrades: no sockets.
        holds_streams: nothing of an event stream comes before its end.
        worker_version: what the service worker is called, in the place of its build's name.
        upgrades: how many were asked for.
        streams: how many event streams were asked for.
    """

    def __init__(self, target_url: str) -> None:
        target = urlsplit(target_url)
        assert target.hostname and target.port
        self._target = (target.hostname, target.port)
        self._open: set[asyncio.StreamWriter] = set()
        self.loop = asyncio.new_event_loop()
        self.url = ""
        self.refuses_upgrades = True
        self.holds_streams = False
        self.worker_version: bytes | None = None
        self.upgrades = 0
        self.streams = 0

    async def serve(self, started: threading.Event, ended: asyncio.Event) -> None:
        """Until `ended`."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=HEAD_BYTES_MAX)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        started.set()
        async with server:
            await ended.wait()
            for writer in list(self._open):
                writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            upgrade = re.search(rb"\r\nupgrade: websocket\r\n", head, re.I) is not None
            stream = b"/stream" in head.split(b"\r\n", 1)[0]
            self.upgrades += upgrade
            self.streams += stream
            if upgrade and self.refuses_upgrades:
                writer.write(REFUSAL)
                await writer.drain()
                return
            if not upgrade:
                head = re.sub(rb"\r\nconnection: [^\r]*", b"", head, flags=re.I)
                head = head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
            renames = b"/sw.js" in head.split(b"\r\n", 1)[0] and self.worker_version is not None
            if renames:
                # As it is, and not "as you have it".
                head = re.sub(
                    rb"\r\n(accept-encoding|if-none-match): [^\r]*", b"", head, flags=re.I
                )
            held = renames or (stream and self.holds_streams)
            await self._relay(head, reader, writer, held=held, renames=renames)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    async def _relay(
        self,
        head: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        held: bool,
        renames: bool,
    ) -> None:
        up_reader, up_writer = await asyncio.open_connection(*self._target)
        self._open.add(up_writer)
        up_writer.write(head)

        async def up() -> None:
            with suppress(OSError):
                while piece := await reader.read(65_536):
                    up_writer.write(piece)
                    await up_writer.drain()
            # The browser has gone: so has its call.
            up_writer.transport.abort()

        upwards = asyncio.create_task(up())
        try:
            kept = bytearray()
            while piece := await up_reader.read(65_536):
                if held:
                    kept += piece
                    continue
                writer.write(piece)
                await writer.drain()
            if renames and self.worker_version is not None:
                kept = bytearray(VERSION.sub(rb"\g<1>" + self.worker_version, bytes(kept)))
            writer.write(bytes(kept))
        finally:
            upwards.cancel()
            with suppress(asyncio.CancelledError):
                await upwards
            up_writer.transport.abort()
            self._open.discard(up_writer)


@contextmanager
def running_meddler(target_url: str) -> Iterator[Meddler]:
    """A proxy to a node, in a thread of its own."""
    meddler = Meddler(target_url)
    started, ended = threading.Event(), asyncio.Event()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: meddler.loop) as runner:
            runner.run(meddler.serve(started, ended))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert started.wait(30)
    try:
        yield meddler
    finally:
        meddler.loop.call_soon_threadsafe(ended.set)
        thread.join(30)

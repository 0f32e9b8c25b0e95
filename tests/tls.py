"""A proxy that ends TLS in front of a real store: the embedded ones were built without it.

What comes in the clear is passed on as well, so that sentinels and replicas find their servers at
the same address as clients do; `TlsProxy.plain` counts it.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from typing import Final

import trustme

TLS_HANDSHAKE: Final = b"\x16"
"""The first byte of a TLS record that opens a connection (RFC 8446, section 5.1)."""

SSL_REQUEST: Final = struct.pack("!ii", 8, 80877103)
"""How PostgreSQL's clients ask for TLS ("SSLRequest" in its protocol's message formats)."""

CHUNK_BYTES: Final = 65_536


class TlsProxy:
    """Listens on a free port of the loopback, and passes on to ``target``, until `stop`.

    Attributes:
        port: to connect to.
        encrypted, plain: connections so far. A handshake that fails counts as neither.
    """

    def __init__(self, target: int, context: ssl.SSLContext) -> None:
        self.encrypted = self.plain = 0
        self._target = target
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))
        self._stop: asyncio.Event = asyncio.Event()

    def start(self) -> None:
        """Begins to serve, on a thread of its own: tests block, and have loops of their own."""
        self._thread.start()

    def stop(self) -> None:
        """Ends all connections."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._listener.close()
        self._loop.close()

    async def _run(self) -> None:
        serving: set[asyncio.Task[None]] = set()
        accepting = asyncio.create_task(self._accept(serving))
        await self._stop.wait()
        for task in (accepting, *serving):
            task.cancel()
        await asyncio.gather(accepting, *serving, return_exceptions=True)

    async def _accept(self, serving: set[asyncio.Task[None]]) -> None:
        while True:
            client, _ = await self._loop.sock_accept(self._listener)
            task = asyncio.create_task(self._serve(client))
            serving.add(task)
            task.add_done_callback(serving.discard)

    async def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            encrypted = await self._wants_tls(client)
            reader, writer = await self._streams(client, encrypted=encrypted)
            self.encrypted += encrypted
            self.plain += not encrypted
            to = await asyncio.open_connection("127.0.0.1", self._target)
            ways = {
                asyncio.create_task(_pump(reader, to[1])),
                asyncio.create_task(_pump(to[0], writer)),
            }
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                for end in (writer, to[1]):
                    end.transport.abort()

    async def _wants_tls(self, client: socket.socket) -> bool:
        readable = asyncio.Event()
        self._loop.add_reader(client, readable.set)
        try:
            await readable.wait()
        finally:
            self._loop.remove_reader(client)
        first = client.recv(len(SSL_REQUEST), socket.MSG_PEEK)
        if first != SSL_REQUEST:
            return first.startswith(TLS_HANDSHAKE)
        client.recv(len(SSL_REQUEST))
        await self._loop.sock_sendall(client, b"S")
        return True

    async def _streams(
        self, client: socket.socket, *, encrypted: bool
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader = asyncio.StreamReader()
        transport, protocol = await self._loop.connect_accepted_socket(
            lambda: asyncio.StreamReaderProtocol(reader),
            client,
            ssl=self._context if encrypted else None,
        )
        return reader, asyncio.StreamWriter(transport, protocol, reader, self._loop)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK_BYTES):
            writer.write(data)
            await writer.drain()


def server_context(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    """Of a server whose certificate is for these host names and addresses."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


@contextlib.contextmanager
def tls_in_front_of(target: int, context: ssl.SSLContext) -> Iterator[TlsProxy]:
    """A running proxy."""
    proxy = TlsProxy(target, context)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()

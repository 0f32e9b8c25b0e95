"""A client that can break every rule: frames by hand over a plain TCP connection."""

from __future__ import annotations

import asyncio
import os
import ssl
import struct

from websockets.frames import Frame, Opcode
from websockets.protocol import CLIENT, OPEN, Protocol

from tests.patience import PATIENT_S

HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{extra}\r\n"
)


def masked(opcode: int, payload: bytes, *, fin: bool = True, rsv: int = 0) -> bytes:
    """A client frame; ``rsv`` are the three reserved bits."""
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", first, 0x80 | size)
    elif size < 65536:
        head = struct.pack("!BBH", first, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", first, 0x80 | 127, size)
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))


class RawClient:
    """Reads by another implementation's parser, writes whatever it is given."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.parser = Protocol(CLIENT, state=OPEN, max_size=None)
        self.frames: list[Frame] = []
        self.response = b""

    @classmethod
    async def open(
        cls, port: int, path: str = "/", extra: str = "", tls: ssl.SSLContext | None = None
    ) -> RawClient:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
        client = cls(reader, writer)
        writer.write(HANDSHAKE.format(path=path, extra=extra).encode())
        client.response = await reader.readuntil(b"\r\n\r\n")
        return client

    def send(self, *frames: bytes) -> None:
        self.writer.write(b"".join(frames))

    async def next(self) -> Frame:
        """The next frame, whatever it is.

        Raises:
            EOFError: the connection ended before.
        """
        while not self.frames:
            data = await asyncio.wait_for(self.reader.read(65536), PATIENT_S)
            if not data:
                raise EOFError
            self.parser.receive_data(data)
            assert self.parser.parser_exc is None, self.parser.parser_exc
            self.frames.extend(
                event for event in self.parser.events_received() if isinstance(event, Frame)
            )
        return self.frames.pop(0)

    async def message(self) -> bytes:
        frame = await self.next()
        assert frame.opcode in (Opcode.TEXT, Opcode.BINARY) and frame.fin
        return bytes(frame.data)

    async def close_code(self) -> int | None:
        """Reads to the end: the code of the close frame, or ``None`` without one."""
        try:
            while True:
                frame = await self.next()
                if frame.opcode is Opcode.CLOSE:
                    return int(struct.unpack("!H", bytes(frame.data[:2]))[0])
        except (EOFError, ConnectionError):
            return None

    async def ended(self) -> bytes:
        """What still comes until the server ends the connection."""
        rest = b""
        try:
            while data := await asyncio.wait_for(self.reader.read(65536), PATIENT_S):
                rest += data
        except ConnectionError:
            pass
        return rest

    def close(self) -> None:
        self.writer.transport.abort()

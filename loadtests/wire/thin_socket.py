"""Many thin sockets in one process: frames are taken apart and handed on, nothing is decoded.

A load generator must cost less than what it measures: no websocket library, no JSON, masks of
zeros (RFC 6455 section 5.3 asks clients for random ones against proxies; here nothing is between).
"""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Callable
from typing import cast

from loadtests.wire.messages import SUBPROTOCOL

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10

OnFrame = Callable[["ThinSocket", int, bytes], None]


class ThinSocket(asyncio.Protocol):
    """One client socket.

    Args:
        path: of the websocket, query included.
        on_frame: called with the opcode and the payload of every text and binary frame.
        host: what the handshake says whom it means.
    """

    transport: asyncio.Transport

    def __init__(self, number: int, path: str, on_frame: OnFrame, host: str = "127.0.0.1") -> None:
        self.number = number
        self.welcomed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done with the first text frame."""
        self.close_code: int | None = None
        self._handshake = handshake(host, path)
        self._on_frame = on_frame
        self._shaken = False
        self._buffer = b""

    def send(self, opcode: int, payload: bytes) -> None:
        """One masked frame."""
        self.transport.write(masked(opcode, payload))

    def write(self, frames: bytes) -> None:
        """Whole frames, masked already."""
        self.transport.write(frames)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Sends the handshake."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self._handshake)

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever still waits for the welcome is told."""
        if not self.welcomed.done():
            code = self.close_code
            self.welcomed.set_exception(exc or ConnectionError(f"closed with {code}"))

    def data_received(self, data: bytes) -> None:
        """Takes frames apart."""
        buffer = self._buffer + data if self._buffer else data
        if not self._shaken:
            head, found, rest = buffer.partition(b"\r\n\r\n")
            if not found:
                self._buffer = buffer
                return
            if b" 101 " not in head.split(b"\r\n")[0]:
                self.welcomed.set_exception(ConnectionError(head.decode("latin-1")))
                self.transport.abort()
                return
            self._shaken, buffer = True, rest
        at = 0
        while (frame := frame_at(buffer, at)) is not None:
            opcode, start, at = frame
            payload = buffer[start:at]
            if opcode in (TEXT, BINARY):
                if opcode == TEXT and not self.welcomed.done():
                    self.welcomed.set_result(None)
                self._on_frame(self, opcode, payload)
            elif opcode == PING:
                self.send(PONG, payload)
            elif opcode == CLOSE:
                self.close_code = int.from_bytes(payload[:2], "big") if payload else 1005
                self.transport.close()
        self._buffer = buffer[at:]


def handshake(host: str, path: str) -> bytes:
    """What a client says first (RFC 6455 section 4.1)."""
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n"
    ).encode()


def masked(opcode: int, payload: bytes) -> bytes:
    """A client frame, unfragmented."""
    length = len(payload)
    if length < 126:
        head = bytes((0x80 | opcode, 0x80 | length))
    elif length < 65_536:
        head = bytes((0x80 | opcode, 0x80 | 126)) + length.to_bytes(2, "big")
    else:
        head = bytes((0x80 | opcode, 0x80 | 127)) + length.to_bytes(8, "big")
    return head + b"\0\0\0\0" + payload


def frame_at(buffer: bytes, at: int) -> tuple[int, int, int] | None:
    """Opcode, start and end of the payload at ``at``, or ``None`` if it is not all there."""
    have = len(buffer) - at
    if have < 2:
        return None
    length, head = buffer[at + 1] & 0x7F, 2
    if length >= 126:
        width = 2 if length == 126 else 8
        if have < 2 + width:
            return None
        length, head = int.from_bytes(buffer[at + 2 : at + 2 + width], "big"), 2 + width
    if have < head + length:
        return None
    return buffer[at] & 0x0F, at + head, at + head + length

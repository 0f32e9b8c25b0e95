"""Receivers at the doors without a socket: event streams, and polls one after the other."""

from __future__ import annotations

import asyncio
from typing import cast
from urllib.parse import quote

import msgspec
from msgspec import Struct

from loadtests.fanout.crowd import MARK, Crowd, Receiver

POLL_WAIT_S = 25


class StreamReceiver(Receiver):
    """An event stream; counts marked messages without taking chunks apart."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asks for the stream."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(f"GET {self._path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        """Counts."""
        buffer = self._buffer + data
        if not self.welcomed.done():
            if b'"t":"welcome"' not in buffer:
                self._buffer = buffer
                return
            self.welcomed.set_result(None)
        marked = buffer.count(MARK)
        # What may be the beginning of a mark is looked at again with what follows.
        self._buffer = buffer[-(len(MARK) - 1) :]
        if marked:
            self._crowd.count(marked)


class Answer(Struct):
    """What a poller reads of an answer."""

    epoch: str
    seq: int
    cursor: str
    events: msgspec.Raw


_decode = msgspec.json.Decoder(Answer).decode


class PollReceiver(Receiver):
    """Polls over one kept connection, the next as soon as the last is answered.

    Args:
        crowd: counts.
        path: of the poll, without a query.
        token: access token.
    """

    def __init__(self, crowd: Crowd, path: str, token: str) -> None:
        super().__init__(crowd, path)
        self._token = token

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asks for the whole room."""
        self.transport = cast(asyncio.Transport, transport)
        self._ask("")

    def data_received(self, data: bytes) -> None:
        """Takes an answer and asks again."""
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        if len(body) < length:
            return
        self._buffer = b""
        if not head.startswith(b"HTTP/1.1 200"):
            self._crowd.spoil(body)
            return
        answer = _decode(body)
        marked = bytes(answer.events).count(MARK)
        if marked:
            self._crowd.count(marked)
        if not self.welcomed.done():
            self.welcomed.set_result(None)
        cursor = quote(answer.cursor)
        self._ask(f"?since={answer.seq}&epoch={answer.epoch}&cursor={cursor}&wait_s={POLL_WAIT_S}")

    def _ask(self, query: str) -> None:
        self.transport.write(
            f"GET {self._path}{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {self._token}\r\n\r\n".encode()
        )

"""Keep-alive connections to web nodes, as thin as they can be: what is measured is the server."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import deque
from dataclasses import dataclass

HEAD_END = b"\r\n\r\n"
CONNECTIONS_MAX = 400
"""To one node. More texts than that at the same time wait."""


class Undelivered(Exception):
    """No answer: refused, reset, or too late. ``sent``: the node may have read the request."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.sent = sent


@dataclass(slots=True, frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: bytes


@dataclass(slots=True)
class _Line:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class Lines:
    """Connections to one node; ``tls``: spoken over TLS."""

    def __init__(
        self, port: int, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
    ) -> None:
        self.port = port
        self._host = host
        self._tls = tls
        self._idle: deque[_Line] = deque()
        self._gate = asyncio.Semaphore(CONNECTIONS_MAX)

    async def post(
        self, path: str, body: bytes, headers: dict[str, str], timeout_s: float
    ) -> Answer:
        """One form, and its answer.

        Raises:
            Undelivered: there was none within the time.
        """
        async with self._gate:
            line = None
            sent = False
            try:
                async with asyncio.timeout(timeout_s):
                    line = await self._line()
                    sent = True
                    line.writer.write(_request(self._host, path, body, headers))
                    answer = await _read(line.reader)
            except (OSError, EOFError, TimeoutError, ValueError) as error:
                if line is not None:
                    line.writer.transport.abort()
                raise Undelivered(type(error).__name__, sent=sent) from None
            self._idle.append(line)
            return answer

    async def _line(self) -> _Line:
        while self._idle:
            line = self._idle.pop()
            if not line.reader.at_eof() and not line.writer.is_closing():
                return line
            line.writer.transport.abort()
        return _Line(*await asyncio.open_connection(self._host, self.port, ssl=self._tls))

    async def close(self) -> None:
        """Hangs up."""
        for line in self._idle:
            line.writer.close()
            with contextlib.suppress(OSError):
                await line.writer.wait_closed()
        self._idle.clear()


def _request(host: str, path: str, body: bytes, headers: dict[str, str]) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {host}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + HEAD_END + body


async def _read(reader: asyncio.StreamReader) -> Answer:
    head = await reader.readuntil(HEAD_END)
    status = int(head[9:12])
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return Answer(status, await reader.readexactly(length) if length else b"")


async def is_ready(port: int, timeout_s: float = 1.0) -> bool:
    """Whether a node says that it takes traffic."""
    request = b"GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close" + HEAD_END
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(request)
                return (await _read(reader)).status == 200
            finally:
                writer.close()
    except (OSError, EOFError, TimeoutError, ValueError):
        return False

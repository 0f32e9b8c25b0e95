"""An event stream as a browser reads it (WHATWG HTML section 9.2.6), over a plain TCP socket."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

Json = dict[str, Any]


class Said(NamedTuple):
    """One event."""

    type: str
    data: str
    last_event_id: str


class Parser:
    """Takes a stream apart, in whatever pieces it comes.

    Attributes:
        comments: bytes of comment lines so far.
        retry_ms: the last ``retry:``.
    """

    def __init__(self, last_event_id: str = "") -> None:
        self.last_event_id = last_event_id
        self.comments = 0
        self.retry_ms: int | None = None
        self._rest = b""
        self._type = ""
        self._data: list[str] = []

    def feed(self, data: bytes) -> Iterator[Said]:
        """The events that are complete now."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if line:
                self._field(line.decode().removesuffix("\r"))
                continue
            if self._data:
                yield Said(self._type or "message", "\n".join(self._data), self.last_event_id)
            self._type, self._data = "", []

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "":
                self.comments += len(line)
            case "event":
                self._type = value
            case "data":
                self._data.append(value)
            case "id":
                self.last_event_id = value
            case "retry" if value.isdigit():
                self.retry_ms = int(value)


class Refused(Exception):
    """The answer was no stream."""

    def __init__(self, status: int, problem: Json) -> None:
        super().__init__(f"{status} {problem}")
        self.status = status
        self.problem = problem


class EventSource:
    """One open stream.

    Args:
        url: of the stream.
        headers: of the request, ``Authorization`` or ``Cookie`` among them.

    Raises:
        Refused: another status than 200.
    """

    def __init__(self, url: str, headers: dict[str, str], wait_s: float = 10.0) -> None:
        parts = urlsplit(url)
        assert parts.hostname and parts.port
        self.parser = Parser(headers.get("Last-Event-ID", ""))
        self.raw = b""
        self.over = False
        self._buffer = b""
        self._socket = socket.create_connection((parts.hostname, parts.port), timeout=wait_s)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        lines = [f"GET {target} HTTP/1.1", f"Host: {parts.netloc}", "Accept: text/event-stream"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.status, self.headers = self._head()
        if self.status != 200:
            body = self._buffer + self._read_all()
            raise Refused(self.status, json.loads(body) if body else {})
        self.chunked = self.headers.get("transfer-encoding") == "chunked"

    def receive(self, wait_s: float) -> list[Said]:
        """What comes next; empty when nothing whole came in time, or the stream is over."""
        if self.over:
            return []
        data = self._decoded()
        if not data:
            self._socket.settimeout(max(wait_s, 0.001))
            try:
                received = self._socket.recv(65_536)
            except TimeoutError:
                return []
            except OSError:
                received = b""
            self.over = not received
            self._buffer += received
            data = self._decoded()
        self.raw += data
        return list(self.parser.feed(data))

    def read_until(self, expected: bytes, wait_s: float = 30.0) -> None:
        """Reads until these bytes have come. A read may bring padding only, or half an event."""
        ends_at = time.monotonic() + wait_s
        while expected not in self.raw:
            left_s = ends_at - time.monotonic()
            assert left_s > 0 and not self.over, f"no {expected!r} in the stream"
            self.receive(left_s)

    def abort(self) -> None:
        """Breaks the connection."""
        self.over = True
        self._socket.close()

    def _head(self) -> tuple[int, dict[str, str]]:
        while b"\r\n\r\n" not in self._buffer:
            received = self._socket.recv(65_536)
            if not received:
                raise ConnectionError("closed without an answer")
            self._buffer += received
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        fields = (line.partition(":") for line in lines)
        return int(first.split()[1]), {name.lower(): value.strip() for name, _, value in fields}

    def _read_all(self) -> bytes:
        length = int(self.headers.get("content-length", "0")) - len(self._buffer)
        parts = []
        while length > 0 and (received := self._socket.recv(length)):
            parts.append(received)
            length -= len(received)
        return b"".join(parts)

    def _decoded(self) -> bytes:
        """The body that has come, out of its chunks (RFC 9112 section 7.1)."""
        if not self.chunked:
            data, self._buffer = self._buffer, b""
            return data
        parts: list[bytes] = []
        while True:
            size, found, rest = self._buffer.partition(b"\r\n")
            length = int(size, 16) if found else -1
            if length == 0:
                self.over = True
            if length <= 0 or len(rest) < length + 2:
                return b"".join(parts)
            parts.append(rest[:length])
            self._buffer = rest[length + 2 :]

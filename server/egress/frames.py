"""The handle by which an application writes encoded frames straight to a socket's transport."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from server.egress.arrival import waited_s


class Closer(Protocol):
    """The part of the websocket protocol that a handle needs."""

    def close_now(self, code: int, reason: str = "") -> None:
        """By the close handshake, without waiting for the peer to take anything."""
        ...


class FrameEgress:
    """The handle of one connection; see `server.egress.port.Egress`.

    ``direct`` is the transport's own ``write``: nothing stands between a fan-out and it. It is
    there while the socket is open and the transport has not asked for a pause, that is, while less
    than its high-water mark is queued (64 KiB; under TLS uvloop's is 512 KiB). Whoever is behind is
    written to by `write`, which knows the backlog.
    """

    __slots__ = ("_changed", "_closer", "_size", "_subject", "_transport", "direct", "is_open")

    def __init__(self, closer: Closer, transport: asyncio.Transport) -> None:
        self._closer = closer
        self._transport = transport
        self._size = transport.get_write_buffer_size
        self._changed: Callable[[Any], None] | None = None
        self._subject: Any = None
        self.direct: Callable[[bytes], None] | None = None
        self.is_open = False

    def write(self, frames: bytes) -> int:
        """To the transport, which sends at once what it can."""
        if not self.is_open:
            return 0
        self._transport.write(frames)
        return self._size()

    def backlog(self) -> int:
        """Bytes in the transport's buffer; under TLS not yet encrypted ones included."""
        return self._size() if self.is_open else 0

    def waited_s(self) -> float:
        """How long ago the newest bytes of the peer reached this machine."""
        return waited_s(self._transport)

    def close(self, code: int, reason: str = "") -> None:
        """By the library's close handshake, without waiting for the peer to take anything."""
        if self.is_open:
            self._closer.close_now(code, reason)

    def abort(self) -> None:
        """Drops the connection."""
        self.shut()
        self._transport.abort()

    def watch(self, changed: Callable[[Any], None] | None, subject: Any = None) -> None:
        """Calls back with ``subject``, at once, when ``direct`` changes; ``None``: no more."""
        self._changed = changed
        self._subject = subject if changed is not None else None

    # --- for the protocol --------------------------------------------------------------------

    def open(self) -> None:
        """The handshake is complete."""
        self.is_open = True
        self._now(self._transport.write)

    def shut(self) -> None:
        """Nothing may be written any more: a close frame, or the end of the socket."""
        self.is_open = False
        self._now(None)

    def fall_behind(self) -> None:
        """The transport asks for a pause."""
        self._now(None)

    def catch_up(self) -> None:
        """The transport has room again."""
        if self.is_open:
            self._now(self._transport.write)

    def _now(self, direct: Callable[[bytes], None] | None) -> None:
        self.direct = direct
        if self._changed is not None:
            self._changed(self._subject)

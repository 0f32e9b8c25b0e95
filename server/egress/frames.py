"""The handle by which an application writes encoded frames straight to a socket's transport."""

from __future__ import annotations

import asyncio
from typing import Final, Protocol

from server.egress.arrival import waited_s
from server.egress.outlet import Outlet


class Closer(Protocol):
    """The part of the websocket protocol that a handle needs."""

    def close_now(self, code: int, reason: str = "") -> None:
        """By the close handshake, without waiting for the peer to take anything."""
        ...


class _Gone:
    """Who closes a socket that is gone: nobody."""

    def close_now(self, code: int, reason: str = "") -> None:
        """Nothing is left to be closed."""


_GONE: Final = _Gone()


class FrameEgress(Outlet):
    """The handle of one connection; see `server.egress.port.Egress`."""

    __slots__ = ("_closer", "_held", "_size", "is_open")

    def __init__(self, closer: Closer, transport: asyncio.Transport) -> None:
        super().__init__(transport)
        self._closer: Closer = closer
        self._size = transport.get_write_buffer_size
        self._held = b""
        self.is_open = False

    def write(self, frames: bytes) -> int:
        """To the transport, which sends at once what it can."""
        if not self.is_open:
            return 0
        if self._held:
            self._let_go(frames)
        else:
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

    # --- for the protocol --------------------------------------------------------------------

    def open(self, answer: bytes = b"") -> None:
        """The handshake is complete; its ``answer`` is held back for the first `write`, to go out
        with it, or for `flush`."""
        self.is_open = True
        self._held = answer
        if not answer:
            self._find_outlet()

    def flush(self) -> None:
        """Nothing is held back any more."""
        if self._held:
            self._let_go(b"")

    def _let_go(self, frames: bytes) -> None:
        held, self._held = self._held, b""
        self._transport.write(held + frames)
        if self.is_open:
            self._find_outlet()

    def shut(self) -> None:
        """Nothing may be written any more: a close frame, or the end of the socket."""
        self.is_open = False
        self._held = b""
        self._shut_outlet()

    def lost(self) -> None:
        """The socket is gone. Its protocol holds this handle, and whoever listens to it may hold
        it longer: let go of both, or a socket's end would wait for the garbage collector."""
        self.shut()
        self._closer = _GONE
        self.watch(None)

"""The handle by which an application writes encoded frames straight to a socket's transport."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, Protocol

from server.egress.arrival import waited_s
from server.egress.port import NO_OUTLET


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


class FrameEgress:
    """The handle of one connection; see `server.egress.port.Egress`.

    ``outlet`` is the socket's descriptor while it may be written to past the transport
    (`server.egress.bulk`): the socket is open, the transport has nothing queued, and there is no
    TLS. The transport's marks are set to zero, so that it asks for a pause whenever it could not
    send all of something, whoever wrote it, and says when all of it is sent.
    """

    __slots__ = (
        "_changed",
        "_closer",
        "_descriptor",
        "_held",
        "_size",
        "_subject",
        "_transport",
        "is_open",
        "outlet",
    )

    def __init__(self, closer: Closer, transport: asyncio.Transport) -> None:
        self._closer: Closer = closer
        self._transport = transport
        self._size = transport.get_write_buffer_size
        self._changed: Callable[[Any], None] | None = None
        self._subject: Any = None
        self._descriptor = NO_OUTLET
        self._held = b""
        self.outlet = NO_OUTLET
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

    def watch(self, changed: Callable[[Any], None] | None, subject: Any = None) -> None:
        """Calls back with ``subject``, at once, when ``outlet`` changes; ``None``: no more."""
        self._changed = changed
        self._subject = subject if changed is not None else None

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

    def _find_outlet(self) -> None:
        transport = self._transport
        known = transport.get_extra_info("socket")
        if known is None or transport.get_extra_info("sslcontext") is not None:
            return
        transport.set_write_buffer_limits(high=0)
        self._descriptor = known.fileno()
        if not self._size():
            self._now(self._descriptor)

    def shut(self) -> None:
        """Nothing may be written any more: a close frame, or the end of the socket."""
        self.is_open = False
        self._descriptor = NO_OUTLET
        self._held = b""
        self._now(NO_OUTLET)

    def lost(self) -> None:
        """The socket is gone. Its protocol holds this handle, and whoever listens to it may hold
        it longer: let go of both, or a socket's end would wait for the garbage collector."""
        self.shut()
        self._closer = _GONE
        self.watch(None)

    def fall_behind(self) -> None:
        """The transport asks for a pause: something is queued."""
        self._now(NO_OUTLET)

    def catch_up(self) -> None:
        """The transport has nothing queued any more (under TLS: not much)."""
        self._now(self._descriptor)

    def _now(self, outlet: int) -> None:
        if outlet != self.outlet:
            self.outlet = outlet
            if self._changed is not None:
                self._changed(self._subject)

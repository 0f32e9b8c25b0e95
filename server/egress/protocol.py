"""uvicorn's websocket protocol, with a door for frames that are encoded already.

uvicorn takes a class as ``ws=``. This one leaves the handshake, pings, pongs, parsing and the
close handshake to uvicorn and the ``websockets`` library, and adds to each connection's scope the
extension ``setroom.frames``: a handle that writes whole frames straight to the transport.

That is safe because neither of them ever leaves half a frame or half a message in the transport:
uvicorn writes what `ServerProtocol.data_to_send` gives, whole frames of unfragmented messages,
and frames that come through the handle are whole as well. Compression is never negotiated, so
that no frame depends on the one before it.

What uvicorn does not do and is done here: bounded pongs, an abort where a peer does not take the
close frame, bounded work per read, no log line with the ticket in it, and what RFC 6455 asks for
beyond it (`server.egress.rfc6455`; the table of cases is docs/conformance.md).
"""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Any

from uvicorn._types import ASGIReceiveEvent, ASGISendEvent
from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.exceptions import InvalidState
from websockets.frames import Frame
from websockets.http11 import Request

from rooms.messages import CloseCode
from server.egress.frames import FrameEgress
from server.egress.port import EXTENSION, shortened
from server.egress.rfc6455 import Incoming, RoomProtocol

CLOSE_TIMEOUT_S = 5.0
"""A peer that does not answer the close frame, or does not take what is before it, is aborted."""

PONG_BACKLOG_BYTES_MAX = 256 * 1024
"""A peer that sends pings and takes no bytes is dropped."""

READ_SLICE_BYTES = 16 * 1024
"""Parsed without a break: tiny frames cost most, about 3,000 of them fit, some 15 ms."""

RECONNECT_SPREAD_S = 5.0
"""Where nobody drained before the server stops, reconnects are spread over this."""


_BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class _QuietLogger(logging.LoggerAdapter[logging.Logger]):
    """Drops uvicorn's line per accepted socket: it holds the query, and so the ticket."""

    @property
    def level(self) -> int:
        return max(self.logger.level, logging.WARNING)

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802 (the name is logging's)
        return level >= logging.WARNING and super().isEnabledFor(level)


class FramesProtocol(WebSocketsSansIOProtocol):
    """See the module."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.logger = QUIET  # type: ignore[assignment]
        self.conn = RoomProtocol(max_size=config.ws_max_size, logger=QUIET)
        self.close_timeout = CLOSE_TIMEOUT_S
        self.egress: FrameEgress | None = None
        self._incoming = Incoming()
        self._unread = b""
        self._feed_asked = False

    # --- coming and going ------------------------------------------------------------------

    def handle_connect(self, event: Request) -> None:
        """Adds the extension; the application's task has not begun to run yet."""
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.egress = FrameEgress(self, self.transport)
            self.scope["extensions"][EXTENSION] = self.egress  # type: ignore[assignment]

    async def send(self, message: ASGISendEvent) -> None:
        """The handle opens with the handshake and shuts before a close frame."""
        if message["type"] == "websocket.close" and self._is_open:
            self.close_now(message.get("code", 1000), message.get("reason") or "")
            return
        await super().send(message)
        if message["type"] == "websocket.accept" and self.egress is not None:
            if self.handshake_complete and not self.transport.is_closing():
                self.egress.open()
            # Kept by uvicorn for the handshake alone, and not small.
            del self.request, self.response

    def close_now(self, code: int, reason: str = "") -> None:
        """What uvicorn does for ``websocket.close``, at once even when the peer takes nothing."""
        self._shut()
        reason = shortened(reason)
        try:
            self.conn.send_close(code, reason)
        except InvalidState:
            return
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self._read_on()
        self._abort_later()

    def shutdown(self) -> None:
        """The server stops: whoever is still here is told when to come back."""
        if self._is_open:
            self.stop_keepalive()
            wait_s = random.uniform(0.0, RECONNECT_SPREAD_S)
            self.close_now(CloseCode.RESTARTING, f"reconnect_in={wait_s:.1f}s")
        elif self.handshake_complete:
            # A close is under way; uvicorn would send a second one, which the library forbids.
            self.stop_keepalive()
            self.transport.close()
            self._abort_later()
        else:
            super().shutdown()

    async def run_asgi(self) -> None:
        """The application's return closes the transport, and so the handle."""
        try:
            await super().run_asgi()
        finally:
            self._shut()
            self._abort_later()
            # It holds ways back to this; whoever answers is through with it.
            self.__dict__.pop("scope", None)

    def pause_writing(self) -> None:
        """The peer is behind by more than the transport's high-water mark."""
        super().pause_writing()
        if self.egress is not None:
            self.egress.fall_behind()

    def resume_writing(self) -> None:
        """The peer has caught up."""
        super().resume_writing()
        if self.egress is not None:
            self.egress.catch_up()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing may be written any more."""
        self._shut()
        self._unread = b""
        super().connection_lost(exc)
        if self.egress is not None:
            self.egress.lost()
        self._end_library()

    def handle_close(self, event: Frame) -> None:
        """The peer closes, or answers our close frame."""
        self._shut()
        super().handle_close(event)
        self._abort_later()

    def handle_parser_exception(self) -> None:
        """The peer broke the protocol; the library has made the close frame."""
        self._shut()
        if self.conn.close_sent is None:
            # A handshake that the library cannot read (too many headers, say): no socket yet.
            self.transport.close()
        elif not self.close_sent:
            self._say_what_broke()
        self._abort_later()

    def _say_what_broke(self) -> None:
        """As uvicorn's, but what still comes is taken in and thrown away until the peer closes.

        A system that closes a connection over bytes which it has not handed out resets it, and
        whoever was in the middle of a large message would never read why.
        """
        sent = self.conn.close_sent
        assert sent is not None
        self.queue.put_nowait(
            {"type": "websocket.disconnect", "code": sent.code, "reason": sent.reason}
        )
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._read_on()

    def keepalive_timeout(self) -> None:
        """The peer does not answer pings."""
        self._shut()
        super().keepalive_timeout()
        self._abort_later()

    def handle_ping(self) -> None:
        """A pong, unless the peer piles them up without taking them."""
        if self.transport.get_write_buffer_size() > PONG_BACKLOG_BYTES_MAX:
            self._shut()
            self.transport.abort()
        elif not self.transport.is_closing() and self._is_in_order(
            self._incoming.control(self.loop.time())
        ):
            super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        """Pongs that nobody asked for are allowed, and bounded like pings."""
        if self._is_in_order(self._incoming.control(self.loop.time())):
            super().handle_pong(event)

    def handle_text(self, event: Frame) -> None:
        """Text that is none is noticed with its frame."""
        if self._is_in_order(self._incoming.text(event)):
            super().handle_text(event)

    def handle_bytes(self, event: Frame) -> None:
        """What follows is not looked at as text."""
        self._incoming.binary()
        super().handle_bytes(event)

    def handle_cont(self, event: Frame) -> None:
        """A message has so many frames, and its text is looked at frame by frame."""
        if self._is_in_order(self._incoming.more(event)):
            super().handle_cont(event)

    def _is_in_order(self, fault: tuple[int, str] | None) -> bool:
        """Whether to go on; otherwise the connection has failed (RFC 6455 section 7.1.7)."""
        if self.close_sent:
            return False
        if fault is not None:
            self.conn.fail(*fault)
            self.handle_parser_exception()
        return fault is None

    # --- bounded reading -------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Parses a slice at a time, so that one peer's flood of frames stalls nobody else."""
        if not self.handshake_initiated:
            super().data_received(data)
            self._refuse_unreadable_handshake()
        elif not self._unread and len(data) <= READ_SLICE_BYTES:
            super().data_received(data)
        else:
            self._unread += data
            self.transport.pause_reading()
            self._feed_soon()

    async def receive(self) -> ASGIReceiveEvent:
        """As uvicorn's, but what was read already is parsed before more is read."""
        message = await self.queue.get()
        if self.queue.empty():
            self._read_on()
        return message

    def _feed(self) -> None:
        self._feed_asked = False
        if self.transport.is_closing():
            self._unread = b""
            return
        if self.read_paused and not self.close_sent:
            return  # the application is behind; `receive` goes on
        data, self._unread = self._unread[:READ_SLICE_BYTES], self._unread[READ_SLICE_BYTES:]
        super().data_received(data)
        if self._unread:
            self._feed_soon()
        elif not self.read_paused and not self.transport.is_closing():
            self.transport.resume_reading()

    def _refuse_unreadable_handshake(self) -> None:
        # The library has stricter limits than the HTTP parser before it (128 headers, lines of
        # 8 KiB) and says nothing when they are passed: the socket would stay open, silent.
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self.transport.write(_BAD_REQUEST)
            self.transport.close()

    def _feed_soon(self) -> None:
        if not self._feed_asked:
            self._feed_asked = True
            self.loop.call_soon(self._feed)

    def _read_on(self) -> None:
        if not self.read_paused:
            return
        self.read_paused = False
        if self._unread:
            self._feed_soon()
        elif not self.transport.is_closing():
            self.transport.resume_reading()

    def _end_library(self) -> None:
        """Its parser is a generator that holds its own connection: by ending it both are freed
        at once, not by the garbage collector."""
        self.conn.parser.close()

    # --- inside ----------------------------------------------------------------------------

    @property
    def _is_open(self) -> bool:
        return self.egress is not None and self.egress.is_open

    def _shut(self) -> None:
        if self.egress is not None:
            self.egress.shut()

    def _abort_later(self) -> None:
        """``transport.close()`` waits for the peer to take what is queued, for ever if need be."""
        if self.close_timer is None and not self.disconnected:
            self.close_timer = self.loop.call_later(self.close_timeout, self.transport.abort)


QUIET = _QuietLogger(logging.getLogger("uvicorn.error"), {})

"""The short ways for what nearly every socket does, on top of `server.egress.protocol`.

    usual                                             everything else
    a plain handshake: `handshake`                    the library, by the protocol below
    a small, whole, masked message: parsed in here    the library
    the pong that was asked for                       the library
    somebody listens: `inlet`, a call per message     a queue, and a task that reads it
    idle: nothing but this object and its handle      a library connection, events, a ping timer

A library connection is made when something comes that is not usual. From then on it is asked about
every byte until it holds nothing back and no fragmented message is under way: its word on RFC 6455
is the only one.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import OPEN

from server.egress.inlet import Inlet, Mailbox, Receiver
from server.egress.light import WRITABLE, LightProtocol
from server.egress.messages_in import PONG, TEXT, next_message
from server.egress.protocol import READ_SLICE_BYTES


class SwiftProtocol(LightProtocol):
    """See the module."""

    async def run_asgi(self) -> None:
        """As uvicorn's, but a socket that was handed over outlives its application's call."""
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except BaseException:
            self.logger.exception("Exception in ASGI application\n")
            self.send_500_response()
        else:
            if self._inlet is not None:
                return
            if not self.handshake_complete:
                self.logger.error("ASGI callable returned without completing handshake.")
                self.send_500_response()
        finally:
            del self.scope  # it holds ways back to this
        self._greet()
        if self.close_timer is None:
            self.transport.close()
        self._shut()
        self._abort_later()

    def listen(self, receiver: Receiver) -> None:
        """Hands the reading over (`server.egress.inlet.Listen`), with what has come so far."""
        self._inlet = inlet = Inlet(receiver, self._read_on, self._fail)
        queue, self.queue = self.queue, cast("asyncio.Queue[Any]", inlet)
        if isinstance(queue, Mailbox):
            for message in queue.take_all():
                if message["type"] == "websocket.receive":
                    text = message.get("text")
                    data = message.get("bytes") or b""
                    inlet.take(text is not None, data if text is None else text.encode())
                else:
                    inlet.put_nowait(message)
        if not inlet.is_waiting:
            self._read_on()
        if self._unheard:
            self.loop.call_soon(self._greet)

    def connection_lost(self, exc: Exception | None) -> None:
        """What came before the end is still handed over."""
        # First, whatever follows fails or not: the descriptor is about to be closed, and the next
        # connection to this machine gets its number.
        self._shut()
        if "writable" not in vars(self):  # somebody may wait for the one that there is
            self.writable = WRITABLE  # uvicorn sets it: nothing to make one for
        inlet, rest = self._inlet, self._unread
        if inlet is not None and rest and not self.close_sent:
            self._hand_over(inlet, rest[:READ_SLICE_BYTES])
        super().connection_lost(exc)

    def _hand_over(self, inlet: Inlet, data: bytes) -> None:
        at = 0
        while not self._by_library and (found := next_message(data, at)) is not None:
            first, payload, at = found
            if first != PONG:
                inlet.take(first == TEXT, payload)

    def _end_library(self) -> None:
        if self._by_library:
            super()._end_library()

    def _fail(self) -> None:
        if not self.disconnected:
            self.close_now(1011, "internal error")

    # --- reading ---------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Parses a slice at a time, so that one peer's flood of frames stalls nobody else."""
        if not self.handshake_initiated:
            super().data_received(data)
        elif self._unread or len(data) > READ_SLICE_BYTES or self._unheard:
            self._unread += data
            self.transport.pause_reading()
            self._feed_soon()
        else:
            self._read(data)

    def _feed(self) -> None:
        self._feed_asked = False
        if self.transport.is_closing():
            self._unread = b""
            return
        if self._unheard or (self.read_paused and not self.close_sent):
            return  # not let in yet, or the application is behind; both go on from here
        data, self._unread = self._unread[:READ_SLICE_BYTES], self._unread[READ_SLICE_BYTES:]
        self._read(data)
        if self.read_paused and not self.close_sent:
            return
        if self._unread:
            self._feed_soon()
        elif not self.transport.is_closing():
            self.transport.resume_reading()

    def _read(self, data: bytes) -> None:
        """Hands whole messages over. From the first thing that is unusual on, the library."""
        at, end = 0, len(data)
        while at < end:
            found = None if self._is_for_the_library() else next_message(data, at)
            if found is None or (found[0] == PONG and not self._is_our_pong(found[1])):
                WebSocketsSansIOProtocol.data_received(self, data[at:])
                return
            first, payload, at = found
            if first != PONG and not self._take(first == TEXT, payload):
                self._unread = data[at:] + self._unread
                return

    def _is_for_the_library(self) -> bool:
        """Whether it is in the middle of something, or the end has begun."""
        if not self._by_library:
            return self.close_sent
        conn = self.conn
        return bool(conn.state is not OPEN or conn.current_size is not None or conn.reader.buffer)

    def _take(self, is_text: bool, payload: bytes) -> bool:
        """Whether to go on reading."""
        if self._inlet is not None:
            goes_on = self._inlet.take(is_text, payload)
            if not goes_on:
                self._stop_reading()
            return goes_on
        if is_text:
            self.queue.put_nowait({"type": "websocket.receive", "text": payload.decode()})
        else:
            self.queue.put_nowait({"type": "websocket.receive", "bytes": payload})
        self._stop_reading()
        return True

    def _stop_reading(self) -> None:
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    def send_receive_event_to_app(self) -> None:
        """A message that the library has read."""
        inlet = self._inlet
        if inlet is None:
            super().send_receive_event_to_app()
            return
        data, self.frames = b"".join(self.frames), []
        if not self.close_sent and not inlet.take(self.curr_msg_data_type == "text", data):
            self._stop_reading()

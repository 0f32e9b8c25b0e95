"""uvicorn's HTTP protocol with a deadline and a budget for whoever has not said anything yet,
and with a fast way out for event streams (`server.egress.streams`).

uvicorn waits for ever for the first request of a connection, for the end of its headers and for
its body: a few thousand silent connections would hold every file descriptor of a node. A socket
that does not come to its handshake within the deadline is closed, and traffic does not extend it;
a body has a deadline as well; and of those who have not come to the point yet there are so many
(`server.egress.newcomers`).
"""

from __future__ import annotations

import asyncio
from typing import Any

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from rooms import limits
from server.egress.handshake import plain_upgrade
from server.egress.newcomers import Newcomers
from server.egress.streams import EXTENSION, FastStream
from server.egress.swift import SwiftProtocol

NEWCOMERS = Newcomers()
"""Of this process: uvicorn makes one protocol for each connection, and nothing that they share."""

_PROBLEM = (
    b'{"type":"urn:setroom:problem:malformed_request","title":"Bad Request","status":400,'
    b'"code":"malformed_request","detail":"The request cannot be read.","retryable":false}'
)
_MALFORMED = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\n"
    b"connection: close\r\ncontent-length: %d\r\n\r\n%s" % (len(_PROBLEM), _PROBLEM)
)
_TOO_LARGE = (
    b'{"type":"urn:setroom:problem:too_large","title":"Request Header Fields Too Large",'
    b'"status":431,"code":"too_large","detail":"The address and the headers of a call are '
    b'smaller than this.","retryable":false}'
)
_HEAD_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/problem+json\r\n"
    b"connection: close\r\ncontent-length: %d\r\n\r\n%s" % (len(_TOO_LARGE), _TOO_LARGE)
)
_VERSION_NOT_SUPPORTED = (
    b"HTTP/1.1 505 HTTP Version Not Supported\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
)


class BoundedHttpProtocol(HttpToolsProtocol):
    """For ``uvicorn.Config(http=…)``."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._deadline: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._in_body = False
        self._refused = False
        self._stream: FastStream | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The time until the first headers are complete begins to run."""
        super().connection_made(transport)
        self._await_head()
        NEWCOMERS.came(self, len(self.connections))

    def data_received(self, data: bytes) -> None:
        """Counts what comes before the headers are complete."""
        if self._deadline is not None and not self._in_body:
            self._head_bytes += len(data)
        if self._refused:
            if self._head_bytes > limits.REFUSED_BYTES_MAX:
                self.drop()
            return
        super().data_received(data)
        if self._in_body:
            if self._deadline is None:  # most bodies come with their headers
                self._deadline = self.loop.call_later(limits.BODY_S, self.drop)
        elif self._deadline is not None and (
            self._head_bytes > limits.UNAUTHENTICATED_SOCKET_BYTES_MAX
        ):
            self._refuse_head()

    def on_message_begin(self) -> None:
        """A further request on a kept connection has its own deadline."""
        super().on_message_begin()
        # ASGI's extensions are dicts; ours is a function, and known to nobody else.
        self.scope["extensions"] = {EXTENSION: self._open_stream}  # type: ignore[dict-item]
        if self._deadline is None:
            self._await_head()

    def on_headers_complete(self) -> None:
        """From here on the application answers."""
        self._stop_waiting()
        self._in_body = True
        if self.parser.get_http_version() != "1.0" and not self._names_one_host():
            # The parser's errors are answered by 400 and the end of the connection.
            raise httptools.HttpParserError("not one Host (RFC 9112 section 3.2)")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of a call is here."""
        self._in_body = False
        self._stop_waiting()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """As every other refusal: a problem (RFC 9457), and the end of the connection."""
        self.transport.write(_MALFORMED)
        self.transport.close()

    def _refuse_head(self) -> None:
        """Says so, and takes in what is on its way until the peer has heard it: a connection that
        is closed with something unread is reset, and the answer with it (RFC 9112 section 9.6).
        The deadline still runs."""
        answering = self.cycle is not None and not self.cycle.response_complete
        if answering or self.transport.is_closing():
            self.drop()
            return
        self._refused = True
        self.transport.write(_HEAD_TOO_LARGE)
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def handle_websocket_upgrade(self) -> None:
        """Sockets begin with HTTP/1.1 (RFC 6455 section 4.1); uvicorn does not look."""
        self._in_body = False
        if self.scope.get("http_version") != "1.1":
            self.transport.write(_VERSION_NOT_SUPPORTED)
            self.transport.close()
            return
        if self.cycle is not None and not self.cycle.response_complete:
            # Behind a call that is not answered yet. Whoever answers it would never hear of the
            # connection's end, which a socket's protocol would be told.
            self.drop()
            return
        if not self._upgraded_plainly():
            super().handle_websocket_upgrade()
        # The parser holds this object, which holds the parser: without a socket of their own they
        # would wait for the collector, some 4 KiB for every socket that was opened.
        self.parser = None  # type: ignore[assignment]
        self._let_go()

    def _let_go(self) -> None:
        """The request's scope and its answering hold this object. Whoever answers has both; from
        here they would only keep it until the collector comes."""
        self.scope = {}  # type: ignore[typeddict-item]
        self.cycle = None  # type: ignore[assignment]

    def _upgraded_plainly(self) -> bool:
        if not issubclass(self.ws_protocol_class or object, SwiftProtocol):
            return False
        plain = plain_upgrade(self.parser.get_method(), self.url, self.headers)
        if plain is None:
            return False
        self.connections.discard(self)
        protocol = SwiftProtocol(self.config, self.server_state, self.app_state, self.loop)
        protocol.take_over(self.transport, self.server, self.client, self.scheme == "https")
        protocol.upgrade(plain)
        self.transport.set_protocol(protocol)
        return True

    def _names_one_host(self) -> bool:
        return sum(1 for name, _ in self.headers if name == b"host") == 1

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        if self._stream is not None:  # first: its descriptor is about to be somebody else's
            self._stream.lost()
        self._stop_waiting()
        super().connection_lost(exc)
        self.pipeline.clear()  # what nobody will hear
        self._unset_keepalive_if_required()
        self._let_go()

    def pause_writing(self) -> None:
        """The peer is behind."""
        super().pause_writing()
        if self._stream is not None:
            self._stream.fall_behind()

    def resume_writing(self) -> None:
        """The peer has caught up."""
        super().resume_writing()
        if self._stream is not None:
            self._stream.catch_up()

    def _open_stream(self) -> FastStream:
        """For a response whose headers were sent, and that is chunked: uvicorn's are, without a
        length."""
        self._stream = FastStream(self.transport, self.loop)
        if self.transport.is_closing():
            self._stream.lost()
        return self._stream

    def _await_head(self) -> None:
        self._head_bytes = 0
        self._deadline = self.loop.call_later(limits.UNAUTHENTICATED_SOCKET_S, self.drop)

    def _stop_waiting(self) -> None:
        NEWCOMERS.settled(self)
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def drop(self) -> None:
        """Ends the connection at once."""
        self._stop_waiting()
        self.transport.abort()

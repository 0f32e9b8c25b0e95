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
import struct
from collections.abc import Callable
from random import getrandbits
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import unquote

from uvicorn._types import ASGISendEvent
from uvicorn.config import Config
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.http11 import Request
from websockets.protocol import CONNECTING, OPEN

from server.egress import protocol as rules
from server.egress.frames import FrameEgress
from server.egress.handshake import Upgrade, switching
from server.egress.inlet import HOLD, READING, Inlet, Mailbox, Receiver
from server.egress.keepalive import Keepalive, Place
from server.egress.messages_in import PONG, TEXT, next_message
from server.egress.port import EXTENSION
from server.egress.protocol import QUIET, READ_SLICE_BYTES, FramesProtocol
from server.egress.rfc6455 import Incoming, RoomProtocol

_PING_FRAME: Final = b"\x89\x04"


class SwiftProtocol(FramesProtocol):
    """See the module."""

    # uvicorn's and ours, as they are until something else is so: an idle socket holds none of it.
    handshake_initiated = False
    handshake_complete = False
    close_sent = False
    disconnected = False
    read_paused = False
    close_timer: asyncio.TimerHandle | None = None
    initial_response: Any = None
    ping_timer: Any = None
    pong_timer: asyncio.TimerHandle | None = None
    pending_ping_payload: bytes | None = None
    ping_sent_at = 0.0
    last_ping_rtt = 0.0
    curr_msg_data_type: Any = "bytes"
    frames: list[bytes] = []  # noqa: RUF012 (set anew by every first frame, never changed)
    logger: Any = QUIET
    egress: FrameEgress | None = None
    _unread = b""
    _feed_asked = False
    _by_library = False
    _inlet: Inlet | None = None
    _accept: bytes | None = None
    _unheard = False
    """A plain handshake is not answered yet: nothing is read."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        # Not the classes' above: they make for each socket what hardly one needs.
        if not config.loaded:
            config.load()
        self.config = config
        self.app = config.loaded_app
        self.loop = _loop or asyncio.get_event_loop()
        self.root_path = config.root_path
        self.asgi_version = config.asgi_version
        self.app_state = app_state
        self.connections = server_state.connections
        self.tasks = server_state.tasks
        self.default_headers = server_state.default_headers
        self.close_timeout = rules.CLOSE_TIMEOUT_S
        self.ping_interval = config.ws_ping_interval
        self.ping_timeout = config.ws_ping_timeout
        self.queue = cast("asyncio.Queue[Any]", Mailbox())
        self._keepalive = _keepalive_of(server_state, self.loop, config.ws_ping_interval)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """What is made when it is first asked for."""
            make = _MADE_WHEN_ASKED.get(name)
            if make is None:
                raise AttributeError(name)
            made = make(self)
            setattr(self, name, made)
            return made

    # --- coming ----------------------------------------------------------------------------

    def take_over(
        self,
        transport: asyncio.Transport,
        server: tuple[str, int | None] | None,
        client: tuple[str, int] | None,
        secure: bool,
    ) -> None:
        """`connection_made`, with what HTTP's protocol has found out about the connection."""
        self.connections.add(self)
        self.transport = transport
        self.server = server
        self.client = client
        self.scheme = "wss" if secure else "ws"

    def upgrade(self, plain: Upgrade) -> None:
        """A plain handshake; the application decides about it."""
        self.handshake_initiated = self._unheard = True
        self._accept = plain.accept
        path, _, query = plain.target.partition(b"?")
        self.egress = FrameEgress(self, self.transport)
        self.scope = {
            "type": "websocket",
            "asgi": {"version": self.asgi_version, "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": self.scheme,
            "server": self.server,
            "client": self.client,
            "root_path": self.root_path,
            "path": self.root_path + unquote(path.decode("ascii")),
            "raw_path": self.root_path.encode("ascii") + path,
            "query_string": query,
            "headers": plain.headers,
            "subprotocols": plain.subprotocols,
            "state": self.app_state.copy(),
            "extensions": {
                "websocket.http.response": {},
                EXTENSION: self.egress,  # type: ignore[dict-item]
                READING: self.listen,  # type: ignore[dict-item]
            },
        }
        self.queue.put_nowait({"type": "websocket.connect"})
        task = self.loop.create_task(self.run_asgi())
        task.add_done_callback(self.on_task_complete)
        self.tasks.add(task)

    def handle_connect(self, event: Request) -> None:
        """A handshake by the library: the same extensions."""
        super().handle_connect(event)
        if self.egress is not None:
            self.scope["extensions"][READING] = self.listen  # type: ignore[assignment]

    async def send(self, message: ASGISendEvent) -> None:
        """The answer to a plain handshake is written without the library.

        An application that will `listen` may ask for it to be held back until then, by `HOLD` in
        ``websocket.accept``: what it writes first goes out together with it.
        """
        if message["type"] != "websocket.accept" or self._accept is None:
            self._greet()
            await super().send(message)
            return
        if self.disconnected:
            raise ClientDisconnected
        accept, self._accept = self._accept, None
        if self.transport.is_closing():
            return
        headers = [*self.default_headers, *message.get("headers", [])]
        subprotocol = message.get("subprotocol")
        if subprotocol:
            headers.append((b"Sec-WebSocket-Protocol", subprotocol.encode("ascii")))
        self.handshake_complete = True
        self.start_keepalive()
        assert self.egress is not None
        self.egress.open(switching(accept, headers))
        if HOLD not in message:
            self._greet()

    def _greet(self) -> None:
        """What the handshake is answered with is on its way."""
        if self._unheard and self.handshake_complete and self.egress is not None:
            self._unheard = False
            self.egress.flush()
            if self._unread:
                self._feed_soon()

    def close_now(self, code: int, reason: str = "") -> None:
        """A close frame never comes before the handshake."""
        self._greet()
        super().close_now(code, reason)

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
                del self.scope
                return
            if not self.handshake_complete:
                self.logger.error("ASGI callable returned without completing handshake.")
                self.send_500_response()
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
        if not self._by_library:
            self.writable = _WRITABLE  # uvicorn sets it: nothing to make one for
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

    def _fail(self) -> None:
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

    # --- pings -----------------------------------------------------------------------------

    def start_keepalive(self) -> None:
        """From the server's one timer."""
        if self._keepalive is not None:
            self.ping_timer = self._keepalive.add(self)

    def stop_keepalive(self) -> None:
        """No more of them."""
        place: Place | None = self.ping_timer
        if place is not None and self._keepalive is not None:
            self._keepalive.remove(self, place)
            self.ping_timer = None
        self.pending_ping_payload = None

    def ping(self, now: float) -> None:
        """Once per interval: whoever has not answered the ping before has gone."""
        if self.close_sent or self.transport.is_closing():
            return
        if self.pending_ping_payload is not None:
            if self.ping_timeout is not None and now - self.ping_sent_at >= self.ping_timeout:
                self.keepalive_timeout()
            return
        self.pending_ping_payload = payload = struct.pack("!I", getrandbits(32))
        self.ping_sent_at = now
        self.transport.write(_PING_FRAME + payload)

    def _is_our_pong(self, payload: bytes) -> bool:
        if payload != self.pending_ping_payload:
            return False
        self.pending_ping_payload = None
        self.last_ping_rtt = self.loop.time() - self.ping_sent_at
        return True


_WRITABLE: Final = asyncio.Event()
_WRITABLE.set()


def _library_connection(one: SwiftProtocol) -> RoomProtocol:
    one._by_library = True
    conn = RoomProtocol(
        # A plain handshake was not the library's: it begins where that ended.
        state=OPEN if one.handshake_complete else CONNECTING,
        max_size=one.config.ws_max_size,
        logger=QUIET,
    )
    return conn


def _writable(_one: SwiftProtocol) -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


_MADE_WHEN_ASKED: Final[dict[str, Callable[[SwiftProtocol], Any]]] = {
    "conn": _library_connection,
    "writable": _writable,
    "_incoming": lambda _: Incoming(),
}


def _keepalive_of(
    server: ServerState, loop: asyncio.AbstractEventLoop, interval_s: float | None
) -> Keepalive | None:
    """The server's; ``None``: it does not ping."""
    if not interval_s:
        return None
    kept: Keepalive | None = getattr(server, "setroom_keepalive", None)
    if kept is None:
        kept = Keepalive(loop, interval_s)
        server.setroom_keepalive = kept  # type: ignore[attr-defined]
    return kept

"""A socket with nothing of its own but its handle, until something is asked for.

The part of `server.egress.swift` that lets somebody in and keeps the socket alive.
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
from uvicorn.server import ServerState
from websockets.http11 import Request
from websockets.protocol import CONNECTING, OPEN

from server.egress import protocol as rules
from server.egress.frames import FrameEgress
from server.egress.handshake import Upgrade, switching
from server.egress.inlet import HOLD, READING, Inlet, Mailbox, Receiver
from server.egress.keepalive import Keepalive, Place
from server.egress.port import EXTENSION
from server.egress.protocol import QUIET, FramesProtocol
from server.egress.rfc6455 import Incoming, RoomProtocol

_PING_FRAME: Final = b"\x89\x04"


class LightProtocol(FramesProtocol):
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

    def listen(self, receiver: Receiver) -> None:
        """Hands the reading over (`server.egress.inlet.Listen`)."""
        raise NotImplementedError

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


WRITABLE: Final = asyncio.Event()
WRITABLE.set()


def _library_connection(one: LightProtocol) -> RoomProtocol:
    one._by_library = True
    conn = RoomProtocol(
        # A plain handshake was not the library's: it begins where that ended.
        state=OPEN if one.handshake_complete else CONNECTING,
        max_size=one.config.ws_max_size,
        logger=QUIET,
    )
    return conn


def _writable(_one: LightProtocol) -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


_MADE_WHEN_ASKED: Final[dict[str, Callable[[LightProtocol], Any]]] = {
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

"""Sockets between phones and nodes: bytes in order, until something breaks.

To a node it is an ASGI websocket, with the product's inlet and an egress of its own as extensions,
or without them.
To a phone it is what a browser shows: opened, messages, closed. In between lie two queues; a
reader that is slow or gone lets the one towards it grow.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Any

from rooms import limits
from rooms.fanout.framing import binary_frame, text_frame
from rooms.messages import SUBPROTOCOL
from server.egress.inlet import READING, Inlet, Receiver
from server.egress.port import EXTENSION, NO_OUTLET
from tests.simulation.loop import SeededLoop
from tests.simulation.sockets import Outlets, Phone, Watcher

if TYPE_CHECKING:
    from tests.simulation.site import Site

HOP_S = 0.02
ABNORMAL = 1006
CLOSE_TIMEOUT_S = 5.0
HALF_OPEN_S = 4.0
"""After so long a server's pings find out that nobody is there."""

_COMMAND = re.compile(r'"command_id":"([^"]+)"')

SYSTEM_SHARE = 0.2
"""Of a connection's bound: what the machine takes before anything counts as a backlog."""

DRAINED_BYTES = 1024
"""So much a server without the fast egress takes before its `send` waits."""


class Wire:
    """One socket. Its methods without a word about it are the phone's or the world's.

    Attributes:
        is_open: accepted, and not closed by the node (the node's view).
        stuck: the phone takes nothing.
        silent: half open: nothing passes either way, and nobody is told.
        ended: the phone knows that it is over.
        node_gone: the node cannot reach the phone any more.
        over: writes that came when more waited than may.
        memory: the watcher's own.
        arrivals: command id → when it reached the node, by the node's clock.
    """

    def __init__(
        self,
        loop: SeededLoop,
        dice: Random,
        site: Site,
        phone: Phone,
        watcher: Watcher,
        outlets: Outlets,
    ) -> None:
        self.loop, self.site, self.phone, self.watcher = loop, site, phone, watcher
        self._dice = dice
        self._process = site.process
        self.is_open = self.stuck = self.silent = self.ended = False
        self.node_gone = False
        self._down: deque[bytes | tuple[int, str]] = deque()
        self._up: deque[tuple[float, dict[str, Any]]] = deque()
        self._bytes = 0
        self._down_at = self._up_at = self._heard_at = 0.0
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._inbox.put_nowait({"type": "websocket.connect"})
        self._inlet: Inlet | None = None
        self._system_bytes = int(SYSTEM_SHARE * limits.CONNECTION_QUEUE_BYTES_MAX)
        self._begun = b""
        self._changed: Callable[[Any], None] | None = None
        self._subject: Any = None
        self.number = outlets.add(self)
        self.outlet = NO_OUTLET
        self._drained = asyncio.Event()
        self.over = 0
        self.memory: Any = None
        self.arrivals: dict[str, datetime] = {}

    # --- the phone's end --------------------------------------------------------------------

    def say(self, message: str | bytes) -> None:
        """Sends a message, behind those before it."""
        if self.ended:
            return
        kind = "text" if isinstance(message, str) else "bytes"
        self._up_at = max(self._up_at, self.loop.now + self._hop())
        self._up.append((self._up_at, {"type": "websocket.receive", kind: message}))
        self.loop.call_at(
            self._up_at,
            self._arrive,
            context=self._process.context,
        )

    def hang_up(self) -> None:
        """The phone goes away; the node hears of it later, or by its own pings."""
        self.ended = True
        self._lose_phone(self._hop() if not self.silent else HALF_OPEN_S)

    # --- faults -----------------------------------------------------------------------------

    def cut(self) -> None:
        """The connection breaks: some of what was under way arrives, and both are told."""
        for _ in range(int(self._dice.random() * (len(self._down) + 1))):
            self._deliver()
        self._end(ABNORMAL, "cut")
        self._lose_phone(self._dice.random() * 2.0)

    def fall_silent(self) -> None:
        """Nothing passes any more, and nobody is told."""
        self.silent = True
        self._lose_phone(HALF_OPEN_S)

    def stick(self, stuck: bool) -> None:
        """The phone takes nothing, or takes up reading again."""
        self.stuck = stuck
        if not stuck:
            for _ in self._down:
                self._send_on()

    def node_died(self, silently: bool) -> None:
        """The other end is no more."""
        self.is_open = False
        self.node_gone = True
        self._down.clear()
        self._changed = None
        if silently:
            self.silent = True
        else:
            self.loop.call_later(
                self._hop(), self._end, ABNORMAL, "reset", context=self.phone.process.context
            )

    # --- the node's end: ASGI ---------------------------------------------------------------

    def scope(self, query: str, *, text: bool, fast: bool) -> dict[str, Any]:
        """What the door is given."""
        extensions = {EXTENSION: self, READING: self.listen} if fast else {}
        return {
            "type": "websocket",
            "query_string": query.encode(),
            "headers": [],
            "subprotocols": [SUBPROTOCOL] if text else [],
            "extensions": extensions,
        }

    async def receive(self) -> dict[str, Any]:
        """ASGI ``receive``."""
        return await self._inbox.get()

    async def send(self, message: dict[str, Any]) -> None:
        """ASGI ``send``."""
        match message["type"]:
            case "websocket.accept":
                self._accept()
            case "websocket.close":
                self.close(message["code"], message.get("reason") or "")
            case "websocket.send":
                if self.node_gone:
                    raise OSError("the socket is gone")
                text = message.get("text")
                self.write(
                    text_frame(text.encode())
                    if text is not None
                    else binary_frame(message["bytes"])
                )
                while self._bytes > DRAINED_BYTES and self.is_open:
                    self._drained.clear()
                    await self._drained.wait()

    def listen(self, receiver: Receiver) -> None:
        """The product's inlet takes what comes from now on, with what has come."""
        self._inlet = Inlet(receiver, self._read_on, self._fail)
        self._read_on()

    def served(self) -> None:
        """The door has returned: unless something listens, the server closes what is open."""
        if self._inlet is None:
            if self.is_open:
                self.close(1000, "")
            self.node_gone = True

    # --- the node's end: `server.egress.port.Egress` ----------------------------------------

    def watch(self, changed: Callable[[Any], None] | None, subject: Any = None) -> None:
        """Calls back when `outlet` changes."""
        self._changed, self._subject = changed, subject

    def write(self, frames: bytes) -> int:
        """Queues frames for the phone, behind what was begun."""
        if self.node_gone or not self.is_open:
            return 0
        frames, self._begun = self._begun + frames, b""
        self.watcher.wrote(self, frames)
        self._bytes += len(frames)
        self._down.append(frames)
        self._set_outlet()
        self._send_on()
        return self.backlog()

    def begin(self, data: bytes) -> int:
        """Written past `write`, by `Outlets.write_to_all`: how much the machine takes."""
        if self.outlet == NO_OUTLET or self._begun:
            self.watcher.misused(self)
        taken = min(len(data), max(0, self._system_bytes - self._bytes))
        if taken == len(data):
            self.write(data)
        else:
            self._begun = data[:taken]
            self._set_outlet()
        return taken

    def waited_s(self) -> float:
        """Since the newest bytes reached the machine."""
        return max(0.0, self.loop.now - self._heard_at)

    def backlog(self) -> int:
        """Bytes that neither the phone nor the machine has taken."""
        return max(0, self._bytes - self._system_bytes) if self.is_open else 0

    def close(self, code: int, reason: str = "") -> None:
        """Behind what is queued; dropped when the phone does not take it."""
        if not self.is_open:
            return
        self._shut()
        self.watcher.told_to_close(self, code, reason)
        self._down.append((code, reason))
        self._send_on()
        self._tell_node({"type": "websocket.disconnect", "code": code, "reason": reason})
        self._drained.set()
        self.loop.call_later(CLOSE_TIMEOUT_S, self.abort)

    def abort(self) -> None:
        """Drops it with all that is queued."""
        was_over = self.node_gone
        self._lose()
        if not was_over:
            self._tell_node({"type": "websocket.disconnect", "code": ABNORMAL})
        if not self.silent:
            self.loop.call_later(
                self._hop(), self._end, ABNORMAL, "aborted", context=self.phone.process.context
            )

    # --- the node's end, inside -------------------------------------------------------------

    def _accept(self) -> None:
        if self.node_gone:
            return
        self.is_open = True
        self._set_outlet()
        self._down.append(b"")  # the handshake's answer: first of all
        self._send_on()

    def _shut(self) -> None:
        self.is_open = False
        self._begun = b""
        self._set_outlet()

    def _set_outlet(self) -> None:
        free = self.is_open and not self._begun and self._bytes <= self._system_bytes
        outlet = self.number if free else NO_OUTLET
        if outlet != self.outlet:
            self.outlet = outlet
            if self._changed is not None:
                self._changed(self._subject)

    def _lose(self) -> None:
        """Nothing can be written any more, and what was is gone."""
        self._shut()
        self.node_gone = True
        self._down.clear()
        self._bytes = 0
        self._drained.set()

    def _tell_node(self, message: dict[str, Any]) -> None:
        self._inbox.put_nowait(message)
        if self._inlet is not None:
            self._read_on()

    def _read_on(self) -> None:
        inlet = self._inlet
        while inlet is not None and not inlet.is_waiting and not self._inbox.empty():
            message = self._inbox.get_nowait()
            text = message.get("text")
            if message["type"] == "websocket.disconnect":
                inlet.put_nowait(message)
            elif text is not None:
                inlet.take(True, text.encode())
            else:
                inlet.take(False, message["bytes"])

    def _fail(self) -> None:
        self.close(1011, "")

    # --- under way --------------------------------------------------------------------------

    def _hop(self) -> float:
        return float(self._dice.random() ** 2) * HOP_S

    def _arrive(self) -> None:
        at, message = self._up.popleft()
        # A node that stalls reads late what its machine had in time.
        self._heard_at = at
        if not self.silent and not self.node_gone:
            command = _COMMAND.search(message.get("text") or "")
            if command is not None:
                self.watcher.arrives(self, command[1])
            self._tell_node(message)

    def _send_on(self) -> None:
        if self.stuck or self.silent:
            return
        self._down_at = max(self._down_at, self.loop.now + self._hop())
        self.loop.call_at(self._down_at, self._deliver, context=self.phone.process.context)

    def _deliver(self) -> None:
        if self.stuck or self.silent or not self._down:
            return
        item = self._down.popleft()
        if isinstance(item, tuple):
            self._end(*item)
            return
        self._bytes -= len(item)
        if self._bytes <= DRAINED_BYTES:
            self._drained.set()
        if self.is_open:
            self._set_outlet()
        if self.ended:
            return
        if item:
            self.phone.hears(self, item)
        else:
            self.phone.opened(self)

    def _end(self, code: int, reason: str) -> None:
        if not self.ended and not self.silent:
            self.ended = True
            self.phone.closed(self, code, reason)

    def _lose_phone(self, after_s: float) -> None:
        self.loop.call_later(after_s, self._notice, context=self._process.context)

    def _notice(self) -> None:
        if not self.node_gone:
            self._lose()
            self._tell_node({"type": "websocket.disconnect", "code": ABNORMAL})

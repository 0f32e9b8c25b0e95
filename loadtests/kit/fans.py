"""Fans on thin sockets, at any address: tickets, the log's order, answers, coming back.

A fan costs the generator as little as can be: frames are told apart by their first bytes, and only
what a scenario asks for is decoded. What every fan checks in every scenario is the log: each event
follows the one before, over all of its sockets.
"""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import Callable
from urllib.parse import quote

import aiohttp
import msgspec

from loadtests.kit import narrow
from loadtests.kit.address import Address
from loadtests.kit.answers import Answered
from loadtests.wire import framing, reconnect
from loadtests.wire.api import ApiClient
from loadtests.wire.ids import uuid7
from loadtests.wire.messages import Ack, Reject, Welcome
from loadtests.wire.thin_socket import BINARY, TEXT, ThinSocket, masked

WELCOME_TIMEOUT_S = 30.0
VIOLATIONS_MAX = 20
"""Broken promises of one fan that are kept in words; all are counted."""

_EVENT, _ACK, _REJECT, _WELCOME = b"ev", b"ac", b"re", b"we"
_ack = msgspec.json.Decoder(Ack).decode
_reject = msgspec.json.Decoder(Reject).decode
_welcome = msgspec.json.Decoder(Welcome).decode
_encode = msgspec.json.Encoder().encode

Heard = Callable[["Fan", int, bytes, float], None]
"""Fan, seq, the event's frame, moment."""


class FanSocket(ThinSocket):
    """A thin socket of a fan, which is told when it closes."""

    def __init__(self, fan: Fan, path: str) -> None:
        super().__init__(fan.number, path, fan.frame, fan.address.authority)
        self._fan = fan

    def data_received(self, data: bytes) -> None:
        """Takes it in; somebody who sips stops after each mouthful."""
        super().data_received(data)
        if self._fan.sips:
            self.transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tells the fan."""
        waiting = not self.welcomed.done()
        super().connection_lost(exc)
        if waiting:
            self.welcomed.exception()  # Whoever waits sees it; nobody is warned if nobody does.
        self._fan.lost_socket(self)


class Fan:
    """One guest with a ticket, and a socket that comes and goes.

    Attributes:
        seq, epoch: the fan's place in the log.
        replayed_to: events up to this one were missed, and come late for a reason.
        violations: what the log did that it must not.
        closes: close codes so far.
        heard: called for every event that is new.
        framed: called for every binary frame.
        stated: called for every state message.
        sips: reads once and stops, until it is told to read again.
        narrow: the next socket has a phone's segments and hardly a buffer, so that what is not read
            stays at the server.
    """

    __slots__ = (
        "_pending",
        "_socket",
        "address",
        "api",
        "broken",
        "closes",
        "epoch",
        "framed",
        "heard",
        "narrow",
        "number",
        "on_close",
        "replayed_to",
        "seq",
        "show_id",
        "sips",
        "stated",
        "ticket",
        "tls",
        "violations",
        "welcome",
    )

    def __init__(
        self,
        number: int,
        address: Address,
        api: ApiClient,
        show_id: str,
        ticket: str,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.number = number
        self.address = address
        self.api = api
        self.show_id = show_id
        self.ticket = ticket
        self.seq = 0
        self.replayed_to = 0
        self.epoch: str | None = None
        self.welcome: Welcome | None = None
        self.sips = False
        self.narrow = False
        self.violations: list[str] = []
        self.broken = 0
        self.closes: list[int] = []
        self.heard: Heard | None = None
        self.framed: Callable[[Fan, bytes, float], None] | None = None
        self.stated: Callable[[Fan, bytes], None] | None = None
        self.on_close: Callable[[Fan, int], None] | None = None
        self._socket: FanSocket | None = None
        self._pending: dict[str, Answered] = {}
        self.tls = tls

    @property
    def connected(self) -> bool:
        """Whether there is a welcomed socket."""
        return self._socket is not None and self.welcome is not None

    @property
    def transport(self) -> asyncio.Transport | None:
        """The transport of the socket, if there is one."""
        return self._socket.transport if self._socket is not None else None

    async def enter(self, timeout_s: float = WELCOME_TIMEOUT_S) -> None:
        """Connects, with the place in the log where there is one; returns when welcomed.

        Raises:
            OSError: not reached, or closed before the welcome (`closes` has the code).
            TimeoutError: no welcome in time.
        """
        path = f"/rooms/{self.show_id}?ticket={quote(self.ticket)}"
        if self.epoch is not None:
            path += f"&since={self.seq}&epoch={quote(self.epoch)}"
        loop = asyncio.get_running_loop()
        host, port = self.address.host, self.address.port
        server_hostname = host if self.tls is not None else None
        self.welcome = None
        async with asyncio.timeout(timeout_s):
            if self.narrow:
                _, socket = await loop.create_connection(
                    lambda: FanSocket(self, path),
                    sock=await narrow.connect(host, port),
                    ssl=self.tls,
                    server_hostname=server_hostname,
                )
            else:
                _, socket = await loop.create_connection(
                    lambda: FanSocket(self, path),
                    host,
                    port,
                    ssl=self.tls,
                    server_hostname=server_hostname,
                )
            self._socket = socket
            try:
                await socket.welcomed
            except BaseException:
                socket.transport.abort()
                raise

    async def come_back(self, rng: random.Random, attempts_max: int = 30) -> int:
        """Comes back as the protocol asks after a close; returns the attempts it took.

        Raises:
            ConnectionError: the server does not want this fan, or never answered.
        """
        code = self.closes[-1] if self.closes else reconnect.ABNORMAL
        for attempt in range(attempts_max):
            what = reconnect.after(code, "", attempt, rng, welcomed=attempt == 0)
            if isinstance(what, reconnect.Stop):
                raise ConnectionError(f"closed with {what.code}")
            await asyncio.sleep(what.delay_s)
            if what.new_ticket:
                self.ticket = await self.api.ticket(self.show_id)
            try:
                await self.enter()
                return attempt + 1
            except (OSError, TimeoutError, aiohttp.ClientError):
                code = self.closes[-1] if self.closes else reconnect.ABNORMAL
        raise ConnectionError(f"not back after {attempts_max} attempts")

    def say(
        self,
        name: str,
        args: dict[str, object],
        answered: Answered,
        command_id: str | None = None,
    ) -> bool:
        """Says a command; false where there is no socket to say it over."""
        if self._socket is None or self.welcome is None:
            return False
        command_id = command_id or uuid7()
        message = {"t": "command", "command_id": command_id, "name": name, "args": args}
        self._pending[command_id] = answered
        self._socket.write(masked(TEXT, _encode(message)))
        return True

    def send(self, opcode: int, payload: bytes) -> None:
        """A frame as it is."""
        if self._socket is not None:
            self._socket.send(opcode, payload)

    def ask_for_document(self) -> None:
        """A sync step 1 that knows nothing."""
        self.send(BINARY, framing.sync(framing.STEP_1, b"\x00"))

    def unanswered(self) -> int:
        """Commands without an answer; those of sockets that broke included."""
        return len(self._pending)

    def cut(self) -> None:
        """The signal is gone: no goodbye."""
        if self._socket is not None:
            self._socket.transport.abort()

    def leave(self) -> None:
        """Goes home; nothing that is closed now is anybody's fault."""
        self.on_close = None
        self.cut()

    # --- what arrives ---------------------------------------------------------------------

    def frame(self, socket: ThinSocket, opcode: int, payload: bytes) -> None:
        """Takes a frame in."""
        now = time.monotonic()
        if opcode != TEXT:
            if self.framed is not None:
                self.framed(self, payload, now)
            return
        kind = payload[6:8]
        if kind == _EVENT:
            self._event(payload, now)
        elif kind == _ACK:
            ack = _ack(payload)
            if (answered := self._pending.pop(ack.command_id, None)) is not None:
                answered(ack)
        elif kind == _REJECT:
            reject = _reject(payload)
            if (answered := self._pending.pop(reject.command_id, None)) is not None:
                answered(reject)
        elif kind == _WELCOME:
            self._welcomed(_welcome(payload))
        elif self.stated is not None:
            self.stated(self, payload)

    def _event(self, payload: bytes, now: float) -> None:
        seq = int(payload[19 : payload.index(b",", 19)])
        if seq != self.seq + 1:
            self._broke(f"event {seq} followed {self.seq}")
            if seq <= self.seq:
                return
        self.seq = seq
        if self.heard is not None:
            self.heard(self, seq, payload, now)

    def _welcomed(self, welcome: Welcome) -> None:
        asked = self.epoch is not None
        if welcome.recovered and (not asked or welcome.epoch != self.epoch):
            self._broke("recovered although nothing, or another epoch, was asked for")
        if welcome.epoch == self.epoch and welcome.seq < self.seq:
            self._broke(f"welcomed at {welcome.seq}, {self.seq} was there before")
        if not welcome.recovered:
            self.seq = welcome.seq
        self.replayed_to = welcome.seq
        self.epoch = welcome.epoch
        self.welcome = welcome

    def _broke(self, what: str) -> None:
        self.broken += 1
        if len(self.violations) < VIOLATIONS_MAX:
            self.violations.append(what)

    def lost_socket(self, socket: FanSocket) -> None:
        """The socket is gone."""
        code = socket.close_code or reconnect.ABNORMAL
        if len(self.closes) < 1_000:
            self.closes.append(code)
        if socket is not self._socket:
            return
        was_welcomed = self.welcome is not None
        self._socket = None
        self.welcome = None
        if self.on_close is not None and was_welcomed:
            self.on_close(self, code)

"""The other end of a case: what is written and what came back, compared to the last byte."""

from __future__ import annotations

import asyncio
import ssl
import struct
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import msgspec
from websockets.frames import Frame, Opcode

from tests.patience import PATIENT_S
from tests.server.conformance.case import NORMAL, Case, Message, close
from tests.server.egress.raw import RawClient

_WINDOW = 64
"""Cases of one table under way at a time."""


class Wrong(Exception):
    """What came is not what must come."""


class Peer:
    """One connection for one case.

    Args:
        port: where the server listens.
        path: path and query.
        tls: whom to trust, under TLS.
        in_room: behind a room's door: messages are answered by its rejects instead of echoed.
    """

    def __init__(
        self,
        port: int,
        path: str = "/",
        *,
        tls: ssl.SSLContext | None = None,
        in_room: bool = False,
    ) -> None:
        self._port = port
        self._path = path
        self._tls = tls
        self._in_room = in_room
        self._messages: list[Message] = []
        self._pongs: list[bytes] = []
        self._closed: bytes | None = None
        self._arrived = asyncio.Event()
        self._ended = False

    async def prove(self, case: Case) -> None:
        """Plays the case.

        Raises:
            Wrong: something else came, or nothing.
        """
        extra = "Sec-WebSocket-Protocol: setroom.v1\r\n" if self._in_room else ""
        self._client = await RawClient.open(self._port, self._path, extra, self._tls)
        reading = asyncio.ensure_future(self._read())
        try:
            await asyncio.wait_for(self._play(case), PATIENT_S)
            self._compare(case)
        except TimeoutError:
            raise Wrong(f"waited in vain; {self._came()}") from None
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            self._client.close()

    async def _play(self, case: Case) -> None:
        client = self._client
        with suppress(ConnectionError):  # ended while there was more to say: told by the reading
            for data in case.sends:
                client.send(data)
                await client.writer.drain()
                # Lets the other end read this much before the next write comes.
                await asyncio.sleep(0)
        if not case.ends and case.code == NORMAL:
            await self._until(len(_answers(case, self._in_room)), len(case.pongs))
            client.send(close(NORMAL))
        elif case.ends:
            await self._until(len(_answers(case, self._in_room)), 0)
            client.send(case.ends)
        while self._closed is None and not self._ended:
            await self._more()
        if self._tls is None:
            # Nothing may follow a close frame, and the server is who ends the connection (7.1.1).
            while not self._ended:
                await self._more()

    async def _until(self, messages: int, pongs: int) -> None:
        while len(self._messages) < messages or len(self._pongs) < pongs:
            if self._closed is not None or self._ended:
                return
            await self._more()

    async def _more(self) -> None:
        self._arrived.clear()
        await self._arrived.wait()

    async def _read(self) -> None:
        try:
            while True:
                self._take(await self._client.next())
                self._arrived.set()
        except (EOFError, ConnectionError):
            self._ended = True
            self._arrived.set()

    def _take(self, frame: Frame) -> None:
        data = bytes(frame.data)
        if self._closed is not None:
            self._messages.append(Message(False, b"behind the close frame: " + data[:40]))
        elif frame.opcode is Opcode.CLOSE:
            self._closed = data
        elif frame.opcode is Opcode.PONG:
            self._pongs.append(data)
        elif frame.opcode is Opcode.PING:
            pass  # the server's own keep-alive
        elif self._in_room:
            if frame.opcode is Opcode.TEXT and b'"t":"reject"' in data[:40]:
                self._messages.append(Message(True, data))
        else:
            self._messages.append(Message(frame.opcode is Opcode.TEXT, data))

    def _compare(self, case: Case) -> None:
        wanted = _answers(case, self._in_room)
        came = self._messages
        if self._in_room:
            came = [Message(True, _named(one.payload)) for one in came]
        if list(came) != list(wanted):
            raise Wrong(f"other messages than the {len(wanted)} that must come; {self._came()}")
        if self._pongs != list(case.pongs):
            raise Wrong(f"other pongs; {self._came()}")
        if self._closed is None:
            raise Wrong(f"no close frame; {self._came()}")
        code = struct.unpack("!H", self._closed[:2])[0] if self._closed else None
        if code != case.code:
            raise Wrong(f"close {code} instead of {case.code}; {self._came()}")
        if case.reason is not None and self._closed[2:] != case.reason:
            raise Wrong(f"another reason; {self._came()}")

    def _came(self) -> str:
        sizes = [len(message.payload) for message in self._messages[:5]]
        return (
            f"came: {len(self._messages)} messages {sizes}, {len(self._pongs)} pongs, "
            f"close {self._closed!r}, ended {self._ended}"
        )


def _answers(case: Case, in_room: bool) -> Sequence[Message]:
    """In a room each text that is no command gets one reject, under the id that could be read."""
    if not in_room:
        return case.messages
    return [Message(True, _id_in(one.payload)) for one in case.messages if one.is_text]


def _id_in(payload: bytes) -> bytes:
    try:
        return _decode(payload).command_id.encode()
    except msgspec.DecodeError:
        return b""


def _named(reject: bytes) -> bytes:
    decoded = msgspec.json.decode(reject)
    if decoded["code"] != "invalid_message":
        return b"rejected as " + decoded["code"].encode()
    return str(decoded["command_id"]).encode()


class _WithId(msgspec.Struct):
    command_id: str = ""


_decode = msgspec.json.Decoder(_WithId).decode


MakePeer = Callable[[Case], Awaitable[Peer]]


async def prove_all(cases: Sequence[Case], peer_for: MakePeer) -> list[str]:
    """Plays cases side by side; what went wrong, a line each."""
    window = asyncio.Semaphore(_WINDOW)

    async def prove(case: Case) -> str | None:
        async with window:
            try:
                await (await peer_for(case)).prove(case)
            except (Wrong, AssertionError, EOFError, OSError) as wrong:
                return f"{case.section} {case.title}: {wrong or type(wrong).__name__}"
        return None

    results = await asyncio.gather(*map(prove, cases))
    return [line for line in results if line is not None]

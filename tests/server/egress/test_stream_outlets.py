"""Event streams written to by descriptor: chunks come out whole and in order, whoever wrote them
and however little the peer takes, and no descriptor is used once it may be somebody else's."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest

from rooms.fanout.connection import Connection
from rooms.fanout.lanes import Lane
from rooms.fanout.speech import Speech, wording_of
from server.doors.connection import StreamConnection
from server.egress import streams
from server.egress.http import BoundedHttpProtocol
from server.egress.port import NO_OUTLET
from server.egress.streams import FastStream, Stream, stream_of, write_chunk_to_all
from tests.patience import PATIENT_S
from tests.rooms.builders import person
from tests.server.rooms.house import running

SEND_BUFFER = 20_000


@pytest.fixture(autouse=True)
def patient_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a peer may need long to read up to the end."""
    monkeypatch.setattr(streams, "CLOSE_TIMEOUT_S", PATIENT_S)


class Streaming:
    """Answers with a stream and keeps its handle."""

    def __init__(self) -> None:
        self.handles: asyncio.Queue[Stream] = asyncio.Queue()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        stream = stream_of(scope, receive, send)
        self.handles.put_nowait(stream)
        await stream.run()
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class Peer:
    """Reads a chunked response of numbered messages."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.transport: Any = writer.transport

    async def numbers(self) -> list[int]:
        """Of all messages, until the last chunk."""
        await self.reader.readuntil(b"\r\n\r\n")
        body = b""
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            body += await self.reader.readexactly(size)
            assert await self.reader.readexactly(2) == b"\r\n"
        numbers: list[int] = []
        while body:
            number, length = struct.unpack("!II", body[:8])
            assert body[8 : 8 + length] == b"y" * length
            numbers.append(number)
            body = body[8 + length :]
        return numbers


@asynccontextmanager
async def pair(app: Streaming, port: int) -> AsyncIterator[tuple[Peer, FastStream]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
    writer.write(b"GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n")
    try:
        handle = await asyncio.wait_for(app.handles.get(), PATIENT_S)
        assert isinstance(handle, FastStream)
        yield Peer(reader, writer), handle
    finally:
        writer.close()


def message(number: int, size: int) -> bytes:
    return struct.pack("!II", number, size) + b"y" * size


class Sweeper:
    """A lane of streams that are told numbered messages."""

    def __init__(self, *handles: Stream) -> None:
        self.connections = [
            StreamConnection(
                handle, participant=person("dana"), session_id="s", ticket_id=f"t{number}"
            )
            for number, handle in enumerate(handles)
        ]
        self.lane = Lane(0.0, wording_of(Speech.STREAM, ""))
        for connection in self.connections:
            self.lane.join(connection)
        self.slow: list[Connection] = []
        self.said = 0

    def say(self, size: int = 0) -> None:
        self.lane.say(message(self.said, size))
        self.said += 1
        batch = self.lane.take(0.0, lambda *_: False)
        assert batch is not None
        while not batch.is_done:
            batch.advance(10, self.slow)


async def test_whoever_keeps_up_is_written_to_by_descriptor() -> None:
    app = Streaming()
    async with running(app, http=BoundedHttpProtocol) as port, pair(app, port) as (peer, handle):
        sweeper = Sweeper(handle)
        sweeper.say()  # with the (empty) opening, by the transport
        assert sweeper.lane.members.outlets == [handle.outlet] != [NO_OUTLET]
        assert sweeper.lane.members.write_to_all is write_chunk_to_all
        handle._write = pytest.fail  # type: ignore[assignment]
        sweeper.say(5)
        handle.end()
        assert await asyncio.wait_for(peer.numbers(), PATIENT_S) == [0, 1]


@pytest.mark.parametrize("seed", range(4))
async def test_sweeps_and_own_writes_never_mix_whatever_the_peer_takes(seed: int) -> None:
    chance = random.Random(seed)
    app = Streaming()
    async with (
        running(app, http=BoundedHttpProtocol, send_buffer=SEND_BUFFER) as port,
        pair(app, port) as (peer, handle),
        pair(app, port) as (other, other_handle),
    ):
        sweeper = Sweeper(handle, other_handle)
        was_behind = False
        for _ in range(150):
            match chance.choice("say say say large own pause resume turn turn".split()):
                case "say":
                    sweeper.say(chance.randrange(300))
                case "large":
                    sweeper.say(chance.randrange(60_000))
                case "own":
                    for connection in sweeper.connections:
                        connection.write(message(sweeper.said, 0))
                    sweeper.said += 1
                case "pause":
                    peer.transport.pause_reading()
                case "resume":
                    peer.transport.resume_reading()
                case _:
                    await asyncio.sleep(0)
            was_behind |= handle.outlet == NO_OUTLET
        peer.transport.resume_reading()
        for one in (handle, other_handle):
            one.end()
        assert sweeper.lane.members.outlets == [NO_OUTLET] * 2
        both = asyncio.gather(peer.numbers(), other.numbers())
        seen = list(await asyncio.wait_for(both, PATIENT_S))
        assert seen == [list(range(sweeper.said))] * 2
        assert was_behind and not sweeper.slow


async def test_whoever_takes_nothing_is_found_to_be_slow() -> None:
    app = Streaming()
    async with running(app, http=BoundedHttpProtocol) as port, pair(app, port) as (peer, handle):
        sweeper = Sweeper(handle)
        peer.transport.pause_reading()
        while not sweeper.slow:
            sweeper.say(100_000)
        assert sweeper.lane.members.outlets == [NO_OUTLET]
        assert handle.backlog() > 0
        handle.abort()


async def test_an_outlet_is_given_up_while_its_descriptor_is_still_the_streams() -> None:
    app = Streaming()
    async with running(app, http=BoundedHttpProtocol) as port:
        for ending in ("peer resets", "we end", "we abort"):
            async with pair(app, port) as (peer, handle):
                given_up: asyncio.Future[int] = asyncio.get_running_loop().create_future()
                outlet = handle.outlet
                before = os.fstat(outlet).st_ino
                # Looked at while it is said, not later.
                handle.watch(lambda told: told(), partial(_note, given_up, outlet))
                match ending:
                    case "peer resets":
                        raw = peer.writer.get_extra_info("socket")
                        linger = struct.pack("ii", 1, 0)
                        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                        peer.writer.close()
                    case "we end":
                        handle.end()
                    case _:
                        handle.abort()
                assert await asyncio.wait_for(given_up, PATIENT_S) == before, ending
                assert handle.outlet == NO_OUTLET


def _note(seen: asyncio.Future[int], descriptor: int) -> None:
    seen.set_result(os.fstat(descriptor).st_ino)

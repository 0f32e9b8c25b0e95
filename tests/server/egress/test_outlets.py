"""Writing to descriptors past the transport: the stream of frames stays one, whoever wrote what,
however little the peer takes, and no descriptor is used once it may be somebody else's."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.frames import Opcode

from rooms.fanout.connection import Connection
from rooms.fanout.framing import binary_frame
from rooms.fanout.lanes import Lane
from rooms.fanout.speech import Speech, wording_of
from server.egress import protocol
from server.egress.bulk import write_to_all
from server.egress.frames import FrameEgress
from server.egress.port import EXTENSION, NO_OUTLET
from server.rooms.connection import SocketConnection
from tests.patience import PATIENT_S
from tests.rooms.builders import person
from tests.server.egress.certificates import self_signed
from tests.server.egress.raw import RawClient, masked
from tests.server.rooms.house import running

BINARY, CLOSE, PING = 2, 8, 9
SEND_BUFFER = 20_000
TRIES = 30
"""What is on its way to the peer makes room in the system's buffer again."""

EMPTY = binary_frame(b"")


@pytest.fixture(autouse=True)
def patient_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a peer may need long to read up to the close frame and answer it."""
    monkeypatch.setattr(protocol, "CLOSE_TIMEOUT_S", PATIENT_S)


class Silent:
    """Accepts and listens; keeps the handles."""

    def __init__(self) -> None:
        self.handles: asyncio.Queue[FrameEgress] = asyncio.Queue()
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        self.handles.put_nowait(scope["extensions"][EXTENSION])
        while (message := await receive())["type"] != "websocket.disconnect":
            self.heard.put_nowait(message["bytes"])


class Sweeper:
    """A lane that says numbered frames to whoever is in it."""

    def __init__(self, *handles: FrameEgress) -> None:
        self.connections = [_connection(handle) for handle in handles]
        self.lane = Lane(0.0, wording_of(Speech.ROOM, ""))
        for connection in self.connections:
            self.lane.join(connection)
        self.slow: list[Connection] = []
        self.said = 0

    def say(self, size: int = 0) -> None:
        self.lane.say(binary_frame(struct.pack("!I", self.said) + b"y" * size))
        self.said += 1
        batch = self.lane.take(0.0, lambda *_: False)
        assert batch is not None
        while not batch.is_done:
            batch.advance(10, self.slow)


def _connection(handle: FrameEgress) -> SocketConnection:
    return SocketConnection(
        handle,
        participant=person("dana"),
        session_id="s",
        ticket_id="t",
        speech=Speech.ROOM,
    )


@asynccontextmanager
async def pair(app: Silent, port: int, **options: Any) -> AsyncIterator[tuple[RawClient, Any]]:
    client = await RawClient.open(port, **options)
    try:
        yield client, await asyncio.wait_for(app.handles.get(), PATIENT_S)
    finally:
        client.close()


def stop_reading(client: RawClient) -> None:
    client.writer.transport.pause_reading()  # type: ignore[attr-defined]


def read_on(client: RawClient) -> None:
    client.writer.transport.resume_reading()  # type: ignore[attr-defined]


async def numbers_until_close(client: RawClient) -> tuple[list[int], int]:
    """The numbers of all frames until the close frame, and its code."""
    numbers: list[int] = []
    while True:
        frame = await client.next()
        if frame.opcode is Opcode.CLOSE:
            return numbers, int(struct.unpack("!H", bytes(frame.data[:2]))[0])
        if frame.opcode is Opcode.BINARY:
            numbers.append(struct.unpack("!I", bytes(frame.data[:4]))[0])
            assert bytes(frame.data[4:]) == b"y" * (len(frame.data) - 4)


async def until_outlet(handle: FrameEgress) -> None:
    changed = asyncio.Event()
    handle.watch(lambda _: changed.set())
    while handle.outlet == NO_OUTLET:
        await asyncio.wait_for(changed.wait(), PATIENT_S)
        changed.clear()


async def test_whoever_keeps_up_is_written_to_by_descriptor() -> None:
    app = Silent()
    async with running(app) as port, pair(app, port) as (client, handle):
        sweeper = Sweeper(handle)
        sweeper.say()  # with the (empty) opening, by the transport
        (outlet,) = sweeper.lane.members.outlets
        assert outlet == handle.outlet != NO_OUTLET
        seen: list[tuple[list[int], bytes]] = []

        def noticed(outlets: Any, data: bytes) -> Any:
            seen.append((list(outlets), data))
            return write_to_all(outlets, data)

        sweeper.lane.members.write_to_all = noticed
        sweeper.say()
        assert seen == [([outlet], binary_frame(struct.pack("!I", 1)))]
        assert [await client.message() for _ in range(2)] == [struct.pack("!I", n) for n in (0, 1)]


async def test_a_partial_write_is_finished_before_anything_else_and_found_to_be_behind() -> None:
    app = Silent()
    async with (
        running(app, send_buffer=SEND_BUFFER) as port,
        pair(app, port) as (client, handle),
    ):
        sweeper = Sweeper(handle)
        sweeper.say()
        stop_reading(client)
        while handle.outlet != NO_OUTLET:
            sweeper.say(50_000)
        assert sweeper.lane.members.outlets == [NO_OUTLET]
        assert handle.backlog() > 0
        sweeper.say(10)
        client.send(masked(PING, b"now"))
        handle.close(4000, "over")
        read_on(client)
        numbers, code = await numbers_until_close(client)
        assert numbers == list(range(sweeper.said)) and code == 4000
        client.send(masked(CLOSE, code.to_bytes(2, "big")))
        assert await client.ended() == b""


async def test_a_pong_that_is_stuck_takes_the_outlet_away() -> None:
    app = Silent()
    async with (
        running(app, send_buffer=SEND_BUFFER) as port,
        pair(app, port) as (client, handle),
    ):
        stop_reading(client)
        for _ in range(TRIES):
            # Empty messages until the system takes no more; the transport knows nothing of them.
            while not (left := write_to_all([handle.outlet], EMPTY)):
                pass
            if left == [(0, 1)]:
                handle.write(EMPTY[1:])
            client.send(masked(PING, b"p" * 125), masked(BINARY, b"after the ping"))
            await asyncio.wait_for(app.heard.get(), PATIENT_S)
            if handle.outlet == NO_OUTLET:
                break
        assert handle.outlet == NO_OUTLET and handle.backlog() > 0
        read_on(client)
        while (await client.next()).opcode is not Opcode.PONG:
            pass
        await until_outlet(handle)


@pytest.mark.parametrize("seed", range(6))
async def test_sweeps_pongs_and_own_writes_never_mix_whatever_the_peer_takes(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "PONG_BACKLOG_BYTES_MAX", 1 << 30)
    chance = random.Random(seed)
    app = Silent()
    async with (
        running(app, send_buffer=SEND_BUFFER) as port,
        pair(app, port) as (client, handle),
        pair(app, port) as (other, other_handle),
    ):
        sweeper = Sweeper(handle, other_handle)
        for _ in range(150):
            match chance.choice("say say say large own ping pause resume turn turn".split()):
                case "say":
                    sweeper.say(chance.randrange(300))
                case "large":
                    sweeper.say(chance.randrange(60_000))
                case "own":
                    frame = binary_frame(struct.pack("!I", sweeper.said))
                    sweeper.said += 1
                    for connection in sweeper.connections:
                        connection.write(frame)
                case "ping":
                    client.send(masked(PING, b"p" * chance.randrange(126)))
                case "pause":
                    stop_reading(client)
                case "resume":
                    read_on(client)
                case _:
                    await asyncio.sleep(0)
        read_on(client)
        for one in (handle, other_handle):
            one.close(4000, "over")
        seen = await asyncio.gather(*(numbers_until_close(one) for one in (client, other)))
        for numbers, code in seen:
            assert numbers == list(range(sweeper.said)) and code == 4000
        assert not sweeper.slow


async def test_whoever_takes_nothing_is_found_to_be_slow_and_nobody_else() -> None:
    app = Silent()
    async with (
        running(app) as port,
        pair(app, port) as (stuck, stuck_handle),
        pair(app, port) as (client, handle),
    ):
        sweeper = Sweeper(stuck_handle, handle)
        stop_reading(stuck)
        while not sweeper.slow:
            sweeper.say(100_000)
            assert len(await client.message()) == 100_004
        assert sweeper.slow == [sweeper.connections[0]]


async def test_an_outlet_is_given_up_while_its_descriptor_is_still_the_sockets() -> None:
    app = Silent()
    async with running(app) as port:
        for ending in ("peer resets", "peer closes", "we close", "we abort"):
            async with pair(app, port) as (client, handle):
                outlet = handle.outlet
                before = os.fstat(outlet).st_ino
                inodes: list[int] = []
                given_up = asyncio.Event()

                def note(_: Any, fd: int = outlet, seen: list[int] = inodes) -> None:
                    seen.append(os.fstat(fd).st_ino)

                handle.watch(lambda subject, note=note, up=given_up: (note(subject), up.set()))
                match ending:
                    case "peer resets":
                        raw = client.writer.get_extra_info("socket")
                        linger = struct.pack("ii", 1, 0)
                        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                        client.close()
                    case "peer closes":
                        client.send(masked(CLOSE, (1000).to_bytes(2, "big")))
                    case "we close":
                        handle.close(4000, "")
                    case _:
                        handle.abort()
                await asyncio.wait_for(given_up.wait(), PATIENT_S)
                assert handle.outlet == NO_OUTLET and inodes == [before], ending


async def test_a_broken_descriptor_does_not_keep_the_others_from_their_bytes() -> None:
    left, right = socket.socketpair()
    gone, away = socket.socketpair()
    with left, right, gone:
        away.close()
        outlets = [gone.fileno(), NO_OUTLET, left.fileno()]
        assert write_to_all(outlets, b"abc") == [(0, 0), (1, 0)]
        assert right.recv(10) == b"abc"


async def test_under_tls_everything_goes_through_the_transport(tmp_path: Path) -> None:
    key, certificate = await self_signed(tmp_path)
    trust = ssl.create_default_context(cafile=str(certificate))
    app = Silent()
    async with (
        running(app, ssl_keyfile=str(key), ssl_certfile=str(certificate)) as port,
        pair(app, port, tls=trust) as (client, handle),
    ):
        sweeper = Sweeper(handle)
        stop_reading(client)
        for size in (0, 10, 100_000, 400_000, 5):
            sweeper.say(size)
        assert sweeper.lane.members.outlets == [NO_OUTLET]
        client.send(masked(PING, b"now"))
        handle.close(4000, "over")
        read_on(client)
        assert await numbers_until_close(client) == (list(range(5)), 4000)

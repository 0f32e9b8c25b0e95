"""The short ways of a socket say what the library says, and hand messages over in order."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.server import ServerState
from websockets.frames import Opcode

from server.egress.handshake import plain_upgrade
from server.egress.http import BoundedHttpProtocol
from server.egress.inlet import HOLD, READING
from server.egress.messages_in import next_message
from server.egress.port import EXTENSION
from server.egress.protocol import FramesProtocol
from server.egress.swift import SwiftProtocol
from tests.patience import PATIENT_S
from tests.server.egress.raw import RawClient, masked
from tests.server.rooms.house import running

TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10


class Listener:
    """An application that is called with messages; may be told to wait before the next one."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.news = asyncio.Event()
        self.ended = asyncio.Event()
        self.go_on = asyncio.Event()
        self.waits_at: bytes | None = None
        self.handle: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept", HOLD: True})
        self.handle = scope["extensions"][EXTENSION]
        scope["extensions"][READING](self)

    def text(self, text: bytes) -> Any:
        return self._hear("text", text)

    def binary(self, data: bytes) -> Any:
        return self._hear("binary", data)

    def closed(self) -> None:
        assert not self.ended.is_set()
        self.ended.set()

    def _hear(self, kind: str, data: bytes) -> Any:
        self.heard.append((kind, data))
        self.news.set()
        return self.go_on.wait() if data == self.waits_at else None

    async def until(self, count: int) -> None:
        async with asyncio.timeout(PATIENT_S):
            while len(self.heard) < count:
                self.news.clear()
                await self.news.wait()


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture(params=["plain", "library"])
async def client(listener: Listener, request: pytest.FixtureRequest) -> AsyncIterator[RawClient]:
    """By either handshake: the short one stands behind our own HTTP protocol only."""
    http: Any = BoundedHttpProtocol if request.param == "plain" else "httptools"
    async with running(listener, http=http) as port:
        one = await RawClient.open(port)
        yield one
        one.close()


async def test_messages_of_every_kind_are_handed_over_in_order(
    client: RawClient, listener: Listener
) -> None:
    sent = [
        masked(TEXT, b"small"),
        masked(BINARY, b"x" * 200),
        masked(TEXT, "Grüße".encode()),
        masked(TEXT, b"in ", fin=False),
        masked(PING, b"?"),
        masked(CONTINUATION, b"pieces"),
        masked(BINARY, b"y" * 70_000),
        masked(TEXT, b"last"),
    ]
    client.send(*sent)
    await listener.until(6)
    assert [data for _, data in listener.heard] == [
        b"small", b"x" * 200, "Grüße".encode(), b"in pieces", b"y" * 70_000, b"last",
    ]  # fmt: skip
    assert [kind for kind, _ in listener.heard] == [
        "text", "binary", "text", "text", "binary", "text",
    ]  # fmt: skip
    pong = await client.next()
    assert (pong.opcode, pong.data) == (Opcode.PONG, b"?")


async def test_frames_cut_anywhere_are_whole_again(client: RawClient, listener: Listener) -> None:
    stream = b"".join(masked(TEXT, b"message %d" % number) for number in range(12))
    for start in range(0, len(stream), 7):
        client.send(stream[start : start + 7])
        await client.writer.drain()
        await asyncio.sleep(0)
    await listener.until(12)
    assert [data for _, data in listener.heard] == [b"message %d" % n for n in range(12)]


async def test_what_waits_keeps_what_follows_back_and_nothing_is_lost_at_the_end(
    client: RawClient, listener: Listener
) -> None:
    listener.waits_at = b"wait"
    client.send(masked(TEXT, b"first"), masked(BINARY, b"wait"), masked(TEXT, b"after"))
    await listener.until(2)
    client.send(masked(TEXT, b"still to be heard"))
    await client.writer.drain()
    client.close()
    assert not listener.ended.is_set()
    listener.go_on.set()
    await asyncio.wait_for(listener.ended.wait(), PATIENT_S)
    assert [data for _, data in listener.heard][:3] == [b"first", b"wait", b"after"]


async def test_a_listener_that_breaks_ends_its_socket_alone(
    client: RawClient, listener: Listener
) -> None:
    def broken(_: bytes) -> Any:
        raise RuntimeError("broken")

    listener.text = broken  # type: ignore[assignment, method-assign]
    client.send(masked(TEXT, b"anything"))
    assert await client.close_code() == 1011
    await asyncio.wait_for(listener.ended.wait(), PATIENT_S)


async def test_a_listener_that_breaks_still_hears_the_answer_to_its_close(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.egress.protocol.CLOSE_TIMEOUT_S", 100 * PATIENT_S)

    def broken(_: bytes) -> Any:
        listener.heard.append(("text", b""))
        raise RuntimeError("broken")

    listener.text = broken  # type: ignore[assignment, method-assign]
    one, two, large = masked(TEXT, b"one"), masked(TEXT, b"two"), masked(BINARY, b"x" * 70_000)
    for http, sent in itertools.product(
        (BoundedHttpProtocol, "httptools"), ([one], [one, two], [one, two, large])
    ):
        listener.ended.clear()
        listener.heard.clear()
        async with running(listener, http=http) as port:
            client = await RawClient.open(port)
            client.send(*sent)
            assert await client.close_code() == 1011
            client.send(masked(CLOSE, (1011).to_bytes(2, "big")))
            assert await client.ended() == b""
            client.close()
        await asyncio.wait_for(listener.ended.wait(), PATIENT_S)
        assert len(listener.heard) == 1  # nothing more was handed over


async def test_closing_from_within_is_said_once_and_reading_goes_on_to_the_answer(
    client: RawClient, listener: Listener
) -> None:
    client.send(masked(TEXT, b"hello"))
    await listener.until(1)
    listener.handle.close(4410, "removed")
    assert await client.close_code() == 4410
    client.send(masked(CLOSE, (4410).to_bytes(2, "big")))
    await asyncio.wait_for(listener.ended.wait(), PATIENT_S)
    assert await client.ended() == b""


async def test_silent_sockets_are_pinged_and_end_without_a_pong(listener: Listener) -> None:
    options: dict[str, Any] = {"ws_ping_interval": 0.2, "ws_ping_timeout": 0.2}
    async with running(listener, http=BoundedHttpProtocol, **options) as port:
        client = await RawClient.open(port)
        first = await client.next()
        assert first.opcode is Opcode.PING
        client.send(masked(PONG, bytes(first.data)))
        second = await client.next()
        assert second.opcode is Opcode.PING and second.data != first.data
        assert await client.close_code() == 1011
        await asyncio.wait_for(listener.ended.wait(), PATIENT_S)


def test_an_idle_socket_is_made_with_everything_the_classes_above_rely_on() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None: ...

    config = uvicorn.Config(app, log_level="warning", ws_per_message_deflate=False)
    config.load()
    loop = asyncio.new_event_loop()
    try:
        theirs = FramesProtocol(config, ServerState(), {}, loop)
        ours = SwiftProtocol(config, ServerState(), {}, loop)
        with_its_connection = {"transport", "server", "client", "scheme"}
        missing = {name for name in vars(theirs) if not hasattr(ours, name)}
        assert missing == with_its_connection
        assert "conn" not in vars(SwiftProtocol(config, ServerState(), {}, loop))
    finally:
        loop.close()


UNUSUAL = {
    "cut": masked(TEXT, b"hello")[:-1],
    "cut header": masked(BINARY, b"x" * 300)[:7],
    "unmasked": b"\x81\x02hi",
    "first of several": masked(TEXT, b"a", fin=False),
    "continuation": masked(CONTINUATION, b"a"),
    "reserved bit": masked(TEXT, b"a", rsv=4),
    "ping": masked(PING, b""),
    "close": masked(CLOSE, b""),
    "pong of another length": masked(PONG, b"12345"),
    "64 KiB and more": masked(BINARY, b"x" * 65_536),
    "text that is none": masked(TEXT, b"\xc3\x28"),
    "surrogate": masked(TEXT, b"\xed\xa0\x80"),
}


@pytest.mark.parametrize("case", UNUSUAL)
def test_the_unusual_is_left_to_the_library(case: str) -> None:
    assert next_message(b"before" + UNUSUAL[case], 6) is None


PLAIN = [
    (b"host", b"x"),
    (b"upgrade", b"WebSocket"),
    (b"connection", b"keep-alive, Upgrade"),
    (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=="),
    (b"sec-websocket-version", b"13"),
]


def test_the_answer_to_a_plain_handshake_is_the_rfcs_own() -> None:
    found = plain_upgrade(b"GET", b"/rooms/1?a=b", [*PLAIN, (b"sec-websocket-protocol", b"a, b")])
    assert found is not None
    assert found.accept == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455 section 1.3
    assert found.subprotocols == ["a", "b"]


def _with(name: bytes, value: bytes) -> list[tuple[bytes, bytes]]:
    return [*(pair for pair in PLAIN if pair[0] != name), (name, value)]


NOT_PLAIN = {
    "another method": (b"POST", b"/", PLAIN),
    "no path": (b"GET", b"http://x/", PLAIN),
    "another version": (b"GET", b"/", _with(b"sec-websocket-version", b"8")),
    "key of another length": (b"GET", b"/", _with(b"sec-websocket-key", b"c2hvcnQ=")),
    "two keys": (b"GET", b"/", [*PLAIN, PLAIN[3]]),
    "no upgrade": (b"GET", b"/", _with(b"connection", b"close")),
    "two origins": (b"GET", b"/", [*PLAIN, (b"origin", b"a"), (b"origin", b"b")]),
    "a body": (b"GET", b"/", [*PLAIN, (b"content-length", b"3")]),
    "a subprotocol that is none": (b"GET", b"/", [*PLAIN, (b"sec-websocket-protocol", b"a b")]),
    "an endless header": (b"GET", b"/", [*PLAIN, (b"x", b"y" * 5_000)]),
    "headers without end": (b"GET", b"/", [*PLAIN, *[(b"x", b"y")] * 200]),
}


@pytest.mark.parametrize("case", NOT_PLAIN)
def test_what_is_not_plain_is_left_to_the_library(case: str) -> None:
    assert plain_upgrade(*NOT_PLAIN[case]) is None


async def test_whoever_waits_for_a_slow_peer_is_told_that_it_has_gone() -> None:
    """Frames past ASGI have filled the transport when the application sends by ASGI."""
    behind, told = asyncio.Event(), asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        handle = scope["extensions"][EXTENSION]
        while handle.write(b"\x82\x7e\x80\x00" + bytes(0x8000)) < 1_000_000:
            await asyncio.sleep(0)
        behind.set()
        try:
            await send({"type": "websocket.send", "bytes": b"more"})
        except ClientDisconnected:
            told.set()
            raise

    async with running(app, http=BoundedHttpProtocol, send_buffer=8_192) as port:
        client = await RawClient.open(port)
        async with asyncio.timeout(PATIENT_S):
            await behind.wait()
            client.writer.transport.abort()
            await told.wait()

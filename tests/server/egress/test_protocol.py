"""The socket's rules by RFC 6455 section, over real sockets, on both event loops."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from websockets.frames import Opcode

from rooms.fanout.framing import binary_frame, text_frame
from server.egress import protocol
from server.egress.port import EXTENSION
from server.egress.protocol import FrameEgress
from tests.patience import PATIENT_S
from tests.server.egress.certificates import self_signed
from tests.server.egress.raw import RawClient, masked
from tests.server.rooms.house import running

TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10


class Echo:
    """Answers every message by the handle; keeps the handles."""

    def __init__(self) -> None:
        self.handles: list[FrameEgress] = []
        self.received: list[bytes] = []
        self.ended = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        handle: FrameEgress = scope["extensions"][EXTENSION]
        self.handles.append(handle)
        while True:
            await self.go_on.wait()
            message = await receive()
            if message["type"] == "websocket.disconnect":
                self.ended.set()
                return
            if message.get("text") is not None:
                payload = message["text"].encode()
                handle.write(text_frame(payload))
            else:
                payload = message["bytes"]
                handle.write(binary_frame(payload))
            self.received.append(payload)


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
async def port(echo: Echo) -> AsyncIterator[int]:
    async with running(echo) as number:
        yield number


@pytest.fixture
async def client(port: int) -> AsyncIterator[RawClient]:
    one = await RawClient.open(port)
    yield one
    one.close()


# --- section 5.2, 5.4, 5.6: data -----------------------------------------------------------


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536, 300_000])
async def test_messages_of_every_length_come_back_whole(client: RawClient, size: int) -> None:
    client.send(masked(BINARY, b"b" * size), masked(TEXT, b"t" * size))
    assert await client.message() == b"b" * size
    assert await client.message() == b"t" * size


async def test_fragments_make_one_message_and_a_ping_between_them_is_answered(
    client: RawClient,
) -> None:
    client.send(
        masked(TEXT, "Grüß".encode()[:3], fin=False),
        masked(PING, b"now"),
        masked(CONTINUATION, "Grüß".encode()[3:], fin=False),
        masked(CONTINUATION, b"e"),
    )
    pong = await client.next()
    assert (pong.opcode, pong.data) == (Opcode.PONG, b"now")
    assert await client.message() == "Grüße".encode()


async def test_a_message_that_comes_byte_by_byte_is_read(client: RawClient) -> None:
    for place in masked(TEXT, b"slow"):
        client.send(bytes([place]))
        await client.writer.drain()
    assert await client.message() == b"slow"


async def test_a_flood_of_tiny_messages_is_read_in_order_without_loss(
    client: RawClient, echo: Echo
) -> None:
    count = 6_000
    client.send(*(masked(BINARY, number.to_bytes(2, "big")) for number in range(count)))
    numbers = [int.from_bytes(await client.message(), "big") for _ in range(count)]
    assert numbers == list(range(count))


async def test_a_slow_application_stops_the_reading(client: RawClient, echo: Echo) -> None:
    echo.go_on.clear()
    client.send(masked(BINARY, b"first"))
    assert await client.message() == b"first"
    large = masked(BINARY, b"x" * 60_000)
    for _ in range(400):
        client.send(large)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.writer.drain(), 0.3)
    echo.go_on.set()
    for _ in range(400):
        assert len(await client.message()) == 60_000


# --- sections 5.1, 5.2, 5.5, 7.4, 8.1: broken rules ------------------------------------------

BROKEN = {
    "unmasked (5.1)": (b"\x81\x02hi", 1002),
    "reserved bit 1 (5.2)": (masked(TEXT, b"hi", rsv=4), 1002),
    "reserved bit 3 (5.2)": (masked(TEXT, b"hi", rsv=1), 1002),
    "reserved opcode 3 (5.2)": (masked(3, b""), 1002),
    "reserved opcode 11 (5.2)": (masked(11, b""), 1002),
    "continuation of nothing (5.4)": (masked(CONTINUATION, b"x"), 1002),
    "message inside a message (5.4)": (
        masked(TEXT, b"a", fin=False) + masked(TEXT, b"b"),
        1002,
    ),
    "fragmented ping (5.5)": (masked(PING, b"x", fin=False), 1002),
    "large ping (5.5)": (masked(PING, b"x" * 126), 1002),
    "close of one byte (5.5.1)": (masked(CLOSE, b"\x03"), 1002),
    "close code 1005 (7.4.1)": (masked(CLOSE, (1005).to_bytes(2, "big")), 1002),
    "close code 2999 (7.4.2)": (masked(CLOSE, (999).to_bytes(2, "big")), 1002),
    "close reason not UTF-8 (8.1)": (masked(CLOSE, b"\x03\xe8\xff"), 1007),
    "text not UTF-8 (8.1)": (masked(TEXT, b"\xc3\x28"), 1007),
    "fragments not UTF-8 (8.1)": (
        masked(TEXT, b"\xc3", fin=False) + masked(CONTINUATION, b"\x28"),
        1007,
    ),
    "surrogate in text (8.1)": (masked(TEXT, b"\xed\xa0\x80"), 1007),
    "too large (10.4)": (b"\x82\xff" + (3 << 20).to_bytes(8, "big") + b"mask", 4413),
    "too large in fragments (10.4)": (
        masked(BINARY, b"x" * (1 << 20), fin=False)
        + masked(CONTINUATION, b"x" * (1 << 20), fin=False)
        + masked(CONTINUATION, b"x"),
        4413,
    ),
}


@pytest.mark.parametrize("case", BROKEN)
async def test_whoever_breaks_a_rule_is_told_which_and_let_go(
    client: RawClient, echo: Echo, case: str
) -> None:
    frames, code = BROKEN[case]
    client.send(frames)
    assert await client.close_code() == code
    await asyncio.wait_for(echo.ended.wait(), PATIENT_S)
    assert echo.received == []
    assert await client.ended() == b""


async def test_whoever_reads_only_after_sending_a_message_that_is_too_large_reads_why(
    client: RawClient, echo: Echo
) -> None:
    size = 16 << 20
    client.send(b"\x82\xff" + size.to_bytes(8, "big") + b"mask")
    client.writer.transport.pause_reading()  # type: ignore[attr-defined]
    await echo.ended.wait()
    for _ in range(size >> 16):
        client.send(b"x" * (1 << 16))
        await client.writer.drain()
    client.writer.transport.resume_reading()  # type: ignore[attr-defined]
    assert await client.close_code() == 4413
    assert await client.ended() == b""


# --- section 5.5.1, 7: closing ---------------------------------------------------------------


async def test_a_close_is_echoed_and_nothing_is_written_after_it(
    client: RawClient, echo: Echo
) -> None:
    client.send(masked(BINARY, b"x"))
    await client.message()
    client.send(masked(CLOSE, (3000).to_bytes(2, "big") + b"bye"))
    assert await client.close_code() == 3000
    assert echo.handles[0].write(text_frame(b"late")) == 0
    assert not echo.handles[0].is_open
    assert await client.ended() == b""


async def test_our_close_follows_what_was_written_and_ends_the_writing(
    client: RawClient, echo: Echo
) -> None:
    client.send(masked(BINARY, b"x"))
    await client.message()
    handle = echo.handles[0]
    handle.write(text_frame(b"last"))
    handle.close(4410, "removed")
    handle.write(text_frame(b"never"))
    handle.close(4000)
    assert await client.message() == b"last"
    frame = await client.next()
    assert frame.opcode is Opcode.CLOSE and frame.data == (4410).to_bytes(2, "big") + b"removed"
    client.send(masked(CLOSE, bytes(frame.data)))
    assert await client.ended() == b""
    await asyncio.wait_for(echo.ended.wait(), PATIENT_S)


async def test_a_long_reason_is_cut_between_characters(client: RawClient, echo: Echo) -> None:
    client.send(masked(BINARY, b"x"))
    await client.message()
    echo.handles[0].close(4000, "ü" * 100)
    frame = await client.next()
    assert bytes(frame.data[2:]).decode() == "ü" * 61


async def test_a_peer_that_does_not_answer_the_close_is_aborted(
    echo: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "CLOSE_TIMEOUT_S", 0.2)
    async with running(echo) as port:
        client = await RawClient.open(port)
        client.send(masked(BINARY, b"x"))
        await client.message()
        echo.handles[0].close(4000, "")
        assert await client.close_code() == 4000
        assert await client.ended() == b""


async def test_a_peer_that_takes_nothing_has_a_backlog_and_is_aborted(
    client: RawClient, echo: Echo
) -> None:
    client.send(masked(BINARY, b"x"))
    await client.message()
    handle = echo.handles[0]
    client.writer.transport.pause_reading()  # type: ignore[attr-defined]
    frame = binary_frame(b"y" * 100_000)
    backlogs = [handle.write(frame) for _ in range(200)]
    assert backlogs[-1] > 1_000_000
    assert handle.backlog() == backlogs[-1]
    handle.close(4008, "too slow")
    handle.abort()
    await asyncio.wait_for(echo.ended.wait(), PATIENT_S)
    assert handle.write(frame) == 0 and handle.backlog() == 0


async def test_pings_of_a_peer_that_takes_no_pongs_are_bounded(
    client: RawClient, echo: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "PONG_BACKLOG_BYTES_MAX", 10_000)
    client.send(masked(BINARY, b"x"))
    await client.message()
    client.writer.transport.pause_reading()  # type: ignore[attr-defined]
    pings = b"".join(masked(PING, b"p" * 125) for _ in range(100))
    for _ in range(2_000):
        if echo.ended.is_set():
            break
        client.send(pings)
        await asyncio.sleep(0)
    await asyncio.wait_for(echo.ended.wait(), PATIENT_S)


# --- handshake -------------------------------------------------------------------------------


async def test_compression_is_never_agreed_upon(echo: Echo) -> None:
    async with running(echo) as port:
        client = await RawClient.open(
            port, extra="Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
        )
        assert b"101" in client.response.split(b"\r\n")[0]
        assert b"permessage-deflate" not in client.response
        client.close()


async def test_no_log_line_holds_the_ticket(port: int, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        client = await RawClient.open(port, path="/rooms/x?ticket=SECRET")
        client.send(masked(BINARY, b"x"))
        await client.message()
        client.close()
    assert "SECRET" not in caplog.text


async def test_a_handshake_with_too_many_headers_is_let_go(port: int) -> None:
    extra = "".join(f"X-{number}: y\r\n" for number in range(300))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        + extra.encode()
        + b"\r\n"
    )
    answer = await asyncio.wait_for(reader.read(), PATIENT_S)
    assert answer.startswith(b"HTTP/1.1 400 ")
    writer.close()


async def test_a_stopping_server_says_when_to_come_back(echo: Echo) -> None:
    async with running(echo) as port:
        client = await RawClient.open(port)
        client.send(masked(BINARY, b"x"))
        await client.message()

        async def read_and_go() -> bytes:
            frame = await client.next()
            client.close()
            return bytes(frame.data)

        reading = asyncio.ensure_future(read_and_go())
    reason = await reading
    assert reason.startswith((1012).to_bytes(2, "big") + b"reconnect_in=")


# --- TLS -------------------------------------------------------------------------------------


async def test_frames_and_backlog_work_under_tls(echo: Echo, tmp_path: Path) -> None:
    import ssl

    key, certificate = await self_signed(tmp_path)
    trust = ssl.create_default_context(cafile=str(certificate))
    async with running(echo, ssl_keyfile=str(key), ssl_certfile=str(certificate)) as port:
        client = await RawClient.open(port, tls=trust)
        client.send(masked(BINARY, b"x" * 200_000), masked(TEXT, b"t"))
        assert await client.message() == b"x" * 200_000
        assert await client.message() == b"t"
        handle = echo.handles[0]
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        for _ in range(200):
            handle.write(binary_frame(b"y" * 100_000))
        assert handle.backlog() > 1_000_000
        client.writer.transport.resume_reading()  # type: ignore[attr-defined]
        for _ in range(200):
            assert len(await client.message()) == 100_000
        handle.close(4000, "done")
        assert await client.close_code() == 4000
        client.close()

"""Connections that do not come to the point."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from rooms import limits
from server.egress.http import BoundedHttpProtocol
from tests.patience import PATIENT_S
from tests.server.egress.raw import HANDSHAKE
from tests.server.rooms.house import running


async def answer(scope: Any, receive: Any, send: Any) -> None:
    body = (await receive())["body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"got %d" % len(body)})


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr(limits, "UNAUTHENTICATED_SOCKET_S", 0.2)
    async with running(answer, http=BoundedHttpProtocol) as number:
        yield number


async def ends(reader: asyncio.StreamReader) -> bytes:
    try:
        return await asyncio.wait_for(reader.read(), PATIENT_S)
    except ConnectionError:
        return b""


async def test_a_connection_that_says_nothing_is_dropped(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    assert await ends(reader) == b""
    writer.close()


async def test_headers_that_trickle_do_not_move_the_deadline(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /rooms/x HTTP/1.1\r\nHost: x\r\n")
    loop = asyncio.get_running_loop()
    began = loop.time()
    gone = asyncio.ensure_future(ends(reader))
    while not gone.done():
        writer.write(b"X: y\r\n")
        await asyncio.wait({gone}, timeout=0.02)
    assert gone.result() == b"" and loop.time() - began < PATIENT_S / 2
    writer.close()


async def test_a_head_that_is_too_large_is_refused_and_its_sender_hears_of_it(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "UNAUTHENTICATED_SOCKET_S", 60.0)
    for head in (
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: yyyyyyyyyyyyyy\r\n" * 1_000,
        b"GET /?x=" + b"y" * 600_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head)
        await writer.drain()
        said = await asyncio.wait_for(reader.read(), PATIENT_S)
        assert said.startswith(b"HTTP/1.1 431 ")
        assert json.loads(said.partition(b"\r\n\r\n")[2])["code"] == "too_large"
        writer.close()


async def test_whoever_goes_on_after_that_is_dropped(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "UNAUTHENTICATED_SOCKET_S", 60.0)
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n")
    with pytest.raises(ConnectionError):
        async with asyncio.timeout(PATIENT_S):
            while True:
                writer.write(b"X: yyyyyyyyyyyyyy\r\n" * 4_000)
                await writer.drain()
    writer.close()


async def test_whoever_was_refused_does_not_stay(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: yyyyyyyyyyyyyy\r\n" * 1_000)
    assert (await ends(reader)).startswith(b"HTTP/1.1 431 ")
    with pytest.raises(ConnectionError):
        async with asyncio.timeout(PATIENT_S):
            while True:
                writer.write(b"y")
                await writer.drain()
                await asyncio.sleep(0.02)
    writer.close()


async def test_whoever_asks_in_time_is_answered_as_often_as_wanted(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "UNAUTHENTICATED_SOCKET_S", PATIENT_S)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = b"x" * 20_000
    for _ in range(3):
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n" + body)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENT_S)
        assert head.startswith(b"HTTP/1.1 200")
        await reader.readuntil(b"got ")
        await reader.readuntil(b"0\r\n\r\n")
        await asyncio.sleep(0)
    writer.close()


async def test_no_socket_begins_behind_a_call_that_is_not_answered() -> None:
    """It would take the connection over, and whoever answers would never hear of its end: a stream
    of somebody who has gone, counted in its room for good."""
    asked, gone, sockets = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def stream(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            sockets.set()
            return
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        asked.set()
        assert (await receive())["type"] == "http.disconnect"
        gone.set()

    async with running(stream, http=BoundedHttpProtocol) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.wait_for(asked.wait(), PATIENT_S)
        writer.write(HANDSHAKE.format(path="/", extra="").encode())
        await ends(reader)
        writer.close()
        await asyncio.wait_for(gone.wait(), PATIENT_S)
        assert not sockets.is_set()

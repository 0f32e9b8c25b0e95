"""Whoever does not read an event stream is let go, and does not hold the others up."""

from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime

import pytest
from litestar import Litestar

from rooms import limits
from rooms.events import ChatPosted, Event
from server.app import create_app
from server.cli.web import web_node
from storage.embedded import StoreUrls
from tests.server.conftest import node_settings
from tests.server.http import Person

LINES = 300
LINE = "x" * 20_000


async def test_a_stream_that_is_not_read_is_closed_and_dropped(
    shared_stores: StoreUrls, artist: Person, guest: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CONNECTION_QUEUE_BYTES_MAX", 128 * 1024)
    monkeypatch.setattr(limits, "SLOW_CONSUMER_ABORT_S", 0.2)
    show_id = (await artist.live_show())["id"]
    settings = node_settings(shared_stores)
    listener = socket.create_server(("127.0.0.1", 0))
    app: Litestar = create_app(settings)
    server = web_node(settings, app)
    task = asyncio.create_task(server._serve([listener]))
    try:
        reading, idle = [await _opened(listener, show_id, guest) for _ in range(2)]
        room = app.state.services.node.rooms[0]
        async with asyncio.timeout(60):
            while len(room.hub.connections()) < 2:
                await asyncio.sleep(0.01)
            drain = asyncio.create_task(_read_all(reading))
            for number in range(LINES):
                room.hub.events([_line(room.head.seq + 1 + number)])
                await asyncio.sleep(0)
                if number % 10 == 0:
                    await asyncio.sleep(0.01)
            while len(room.hub.connections()) > 1:
                await asyncio.sleep(0.01)
        assert not drain.done(), "whoever reads is still here"
        drain.cancel()
        for _, writer in (reading, idle):
            writer.close()
    finally:
        server.should_exit = True
        await task


async def _opened(
    listener: socket.socket, show_id: str, guest: Person
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    port = listener.getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**16)
    writer.write(
        f"GET /api/shows/{show_id}/stream HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Bearer {guest.token}\r\n\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 200 " in head.split(b"\r\n")[0]
    return reader, writer


async def _read_all(opened: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
    while await opened[0].read(2**20):
        pass


def _line(seq: int) -> Event:
    data = ChatPosted(chat_message_id="m", participant_id="p", display_name="Lee", text=LINE)
    return Event(seq=seq, at=datetime.now(UTC), data=data, participant_id="p")

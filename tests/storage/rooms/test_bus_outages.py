"""Redis may be absent, stopped, started empty: the bus goes on by itself and never blocks."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest

from rooms import limits
from rooms.backoff import LAST_S, Backoff
from storage.redis import clients
from storage.rooms.bus import RedisRoomBus
from tests.contract.harness import new_id
from tests.contract.test_room_bus import Inbox


class Relay:
    """A TCP relay before the real Valkey that can be taken away and brought back."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]

    async def bring(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def take_away(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(*self._target)
        self._writers += [writer, back]
        await asyncio.gather(_pump(reader, back), _pump(there, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


@pytest.fixture
async def relay(redis_url: str) -> AsyncIterator[Relay]:
    parts = urlsplit(redis_url)
    assert parts.hostname and parts.port
    relay = Relay(parts.hostname, parts.port)
    yield relay
    await relay.take_away()


@asynccontextmanager
async def bus_behind(relay: Relay, redis_url: str) -> AsyncIterator[RedisRoomBus]:
    parts = urlsplit(redis_url)
    password = f":{parts.password}@" if parts.password else ""
    async with RedisRoomBus(
        f"redis://{password}127.0.0.1:{relay.port}{parts.path}", random=Random(1)
    ) as bus:
        yield bus


async def heard(bus: RedisRoomBus, inbox: Inbox, show_id: str) -> None:
    """Returns once the bus carries messages again."""
    inbox.messages.clear()
    async with asyncio.timeout(60):
        while not inbox.messages:
            bus.publish(show_id, b"anybody there?")
            await asyncio.sleep(0.05)


async def test_redis_that_comes_late_and_goes_and_comes_again(relay: Relay, redis_url: str) -> None:
    show_id, added_meanwhile = new_id(), new_id()
    async with bus_behind(relay, redis_url) as bus:
        inbox = Inbox(bus)
        await bus.subscribe(show_id)
        bus.publish(show_id, b"nobody can hear this yet")
        await relay.bring()
        await heard(bus, inbox, show_id)

        await relay.take_away()
        await bus.subscribe(added_meanwhile)
        bus.publish(show_id, b"lost")
        await relay.bring()
        await heard(bus, inbox, show_id)
        await heard(bus, inbox, added_meanwhile)


async def test_neither_direction_ends_by_an_error_that_nobody_thought_of(
    monkeypatch: pytest.MonkeyPatch, redis_url: str
) -> None:
    broken = itertools.repeat(RuntimeError("of the driver"), 4)

    def connect(*given: Any, **named: Any) -> Any:
        for error in broken:
            raise error
        return clients.connect(*given, **named)

    monkeypatch.setattr("storage.rooms.bus.connect", connect)
    show_id = new_id()
    async with RedisRoomBus(redis_url, random=Random(1)) as bus:
        inbox = Inbox(bus)
        await bus.subscribe(show_id)
        await heard(bus, inbox, show_id)
        assert next(broken, None) is None
        assert not bus.is_away


async def test_publishing_into_an_outage_is_bounded_and_immediate(
    relay: Relay, redis_url: str
) -> None:
    async with bus_behind(relay, redis_url) as bus:
        loop = asyncio.get_running_loop()
        started = loop.time()
        for number in range(limits.BUS_QUEUE_MESSAGES_MAX + 500):
            bus.publish("show", b"%d" % number)
        assert loop.time() - started < 1
        assert bus.dropped == 500


async def test_stopping_without_redis_takes_a_moment_only(relay: Relay, redis_url: str) -> None:
    loop = asyncio.get_running_loop()
    async with bus_behind(relay, redis_url) as bus:
        bus.publish("show", b"never sent")
        stopped = loop.time()
    assert loop.time() - stopped < 2


def test_waits_grow_up_to_their_bound_and_start_again() -> None:
    backoff = Backoff(Random(5).random)
    waits = [backoff.next_s() for _ in range(50)]
    assert waits[0] <= 0.05
    assert all(LAST_S / 2 <= wait <= LAST_S for wait in waits[10:])
    backoff.reset()
    assert backoff.next_s() <= 0.05

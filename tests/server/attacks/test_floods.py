"""Peers that hold on to a node without saying anything, or say what costs them nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from rooms import limits
from server.egress import http as entrance
from server.egress.http import BoundedHttpProtocol
from server.egress.newcomers import Newcomers
from tests.patience import PATIENT_S
from tests.server.egress.raw import RawClient, masked
from tests.server.rooms.house import running

PING = 9
VENUE = 400
"""Phones that come at once, all from one address."""


class Peer:
    """One that is counted and can be dropped."""

    def __init__(self) -> None:
        self.dropped = False

    def drop(self) -> None:
        self.dropped = True


async def answer(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"served"})


@pytest.fixture
def newcomers(monkeypatch: pytest.MonkeyPatch) -> Newcomers:
    few = Newcomers(newcomers_max=50)
    monkeypatch.setattr(entrance, "NEWCOMERS", few)
    return few


@pytest.fixture
async def port(newcomers: Newcomers) -> AsyncIterator[int]:
    async with running(answer, http=BoundedHttpProtocol) as number:
        yield number


def test_the_longest_silent_makes_room_for_the_newest() -> None:
    newcomers, peers = Newcomers(newcomers_max=3), [Peer() for _ in range(5)]
    for number, peer in enumerate(peers, start=1):
        newcomers.came(peer, number)
    assert [peer.dropped for peer in peers] == [True, True, False, False, False]
    newcomers.settled(peers[2])
    newcomers.came(Peer(), 4)
    assert not peers[3].dropped and newcomers.dropped == 2


def test_without_descriptors_left_the_silent_go_first_and_then_whoever_comes() -> None:
    newcomers, silent, asking = Newcomers(connections_max=100), Peer(), Peer()
    newcomers.came(silent, 99)
    newcomers.came(asking, 101)
    assert (silent.dropped, asking.dropped) == (True, False)
    newcomers.settled(asking)
    last = Peer()
    newcomers.came(last, 102)
    assert last.dropped and len(newcomers) == 0


async def test_a_venue_gets_in_through_a_flood_from_its_own_address(
    port: int, newcomers: Newcomers
) -> None:
    silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(200)]

    async def phone() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        try:
            return await asyncio.wait_for(reader.read(), PATIENT_S)
        finally:
            writer.close()

    served = 0
    for _ in range(VENUE // 20):
        answers = await asyncio.gather(*(phone() for _ in range(20)))
        served += sum(b"served" in one for one in answers)
    assert served == VENUE
    assert newcomers.dropped >= 150 and len(newcomers) <= 50
    for _, writer in silent:
        writer.transport.abort()


async def test_a_body_that_trickles_does_not_move_its_deadline(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BODY_S", 0.3)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
    gone = asyncio.ensure_future(_rest(reader))
    while not gone.done():
        writer.write(b"x")
        await asyncio.wait({gone}, timeout=0.02)
    assert gone.result() == b""
    writer.close()


async def test_a_body_in_pieces_that_comes_in_time_is_served(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 300\r\n\r\n")
    for _ in range(3):
        writer.write(b"x" * 100)
        await writer.drain()
        await asyncio.sleep(0)
    assert b"200" in await asyncio.wait_for(reader.readuntil(b"served"), PATIENT_S)
    writer.close()


async def test_more_pings_than_anybody_needs_end_the_socket(port: int) -> None:
    client = await RawClient.open(port)
    client.send(masked(PING, b"p") * (3 * limits.CONTROL_FRAMES_BURST))
    assert await client.close_code() == 1008
    client.close()


async def test_whoever_stops_in_the_middle_of_a_frame_cannot_answer_and_is_let_go(
    newcomers: Newcomers,
) -> None:
    pings: dict[str, Any] = {"ws_ping_interval": 0.2, "ws_ping_timeout": 0.2}
    async with running(answer, http=BoundedHttpProtocol, **pings) as port:
        client = await RawClient.open(port)
        client.send(masked(2, b"x" * 100_000)[:50_000])
        assert await client.close_code() == 1011
        client.close()


async def test_pongs_that_nobody_asked_for_are_bounded_alike(port: int) -> None:
    client = await RawClient.open(port)
    client.send(masked(10, b"p") * (3 * limits.CONTROL_FRAMES_BURST))
    assert await client.close_code() == 1008
    client.close()


async def _rest(reader: asyncio.StreamReader) -> bytes:
    try:
        return await asyncio.wait_for(reader.read(), PATIENT_S)
    except ConnectionError:
        return b""

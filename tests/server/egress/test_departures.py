"""Whoever leaves is freed at once, by reference counts: the collector of a busy node seldom looks.

A socket's protocol, its handle, its listener and its transport know each other. Five people a
second who come and go would leave five such rings behind them.
"""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, ClassVar

import aiohttp
import pytest

from server.egress.frames import FrameEgress
from server.egress.http import BoundedHttpProtocol
from server.egress.inlet import HOLD, READING, Inlet
from server.egress.port import EXTENSION
from server.egress.swift import SwiftProtocol
from tests.patience import PATIENT_S
from tests.server.egress.raw import RawClient, masked
from tests.server.rooms.house import running

TEXT, CONTINUATION, CLOSE = 1, 0, 8
VISITS = 5
KINDS = (BoundedHttpProtocol, SwiftProtocol, FrameEgress, Inlet)


class Listener:
    """One socket's; holds its way out, as a session does."""

    made: ClassVar[weakref.WeakSet[Listener]] = weakref.WeakSet()

    def __init__(self, egress: Any) -> None:
        self._egress = egress
        # As a hub does.
        egress.watch(self._changed, self)
        Listener.made.add(self)

    def _changed(self, subject: Any) -> None:
        """Where it may be written to."""

    def text(self, data: bytes) -> Any:
        return asyncio.sleep(0) if data == b"work" else None

    binary = text

    def closed(self) -> None:
        """As a session's: nothing is broken up here."""


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})
        return
    await receive()
    if scope["path"] == "/refused":
        await send({"type": "websocket.close", "code": 4401})
        return
    await send({"type": "websocket.accept", HOLD: True})
    if scope["path"] == "/turned-away":
        await send({"type": "websocket.close", "code": 4401})
        return
    scope["extensions"][READING](Listener(scope["extensions"][EXTENSION]))


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Nothing but reference counts."""
    gc.collect()
    gc.freeze()  # what is here already need not be looked through
    gc.disable()
    Listener.made.clear()
    yield
    gc.enable()
    gc.unfreeze()


@pytest.fixture(params=["plain", "library"])
async def port(no_collector: None, request: pytest.FixtureRequest) -> AsyncIterator[int]:
    """By either handshake."""
    http: Any = BoundedHttpProtocol if request.param == "plain" else "httptools"
    async with running(application, http=http) as port:
        yield port


def left(kinds: tuple[type, ...] = KINDS) -> list[str]:
    return [type(one).__name__ for one in gc.get_objects() if isinstance(one, kinds)]


async def until(holds: Callable[[], bool]) -> bool:
    try:
        async with asyncio.timeout(PATIENT_S):
            while not holds():
                await asyncio.sleep(0.01)
    except TimeoutError:
        return False
    return True


async def nobody_is_left() -> None:
    gone = await until(lambda: not left() and not Listener.made)
    assert gone, (sorted(left()), len(Listener.made))


@pytest.mark.parametrize(
    "says",
    [
        [],
        [masked(TEXT, b"hello")],
        [masked(TEXT, b"work"), masked(TEXT, b"hello")],
        [masked(TEXT, b"hel", fin=False), masked(CONTINUATION, b"lo")],
        [masked(CLOSE, b"\x03\xe8")],
        [masked(TEXT, b"hello"), masked(CLOSE, b"\x03\xe8")],
    ],
    ids=["silent", "spoke", "at work", "by the library", "said bye", "spoke, said bye"],
)
async def test_a_socket_that_is_gone_leaves_nothing_behind(port: int, says: list[bytes]) -> None:
    for _ in range(VISITS):
        one = await RawClient.open(port)
        assert await until(lambda: len(Listener.made) > 0)
        one.send(*says)
        one.close()
    await nobody_is_left()


@pytest.mark.parametrize("path", ["/refused", "/turned-away"])
async def test_whoever_is_not_let_in_leaves_nothing_behind(port: int, path: str) -> None:
    async with aiohttp.ClientSession() as session:
        for _ in range(VISITS):
            try:
                async with session.ws_connect(f"ws://127.0.0.1:{port}{path}") as socket:
                    await socket.receive()
            except aiohttp.WSServerHandshakeError as refused:
                assert refused.status == 403
    await nobody_is_left()


async def test_a_call_that_was_answered_leaves_nothing_behind(no_collector: None) -> None:
    async with running(application, http=BoundedHttpProtocol) as port:
        for _ in range(VISITS):
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"http://127.0.0.1:{port}/") as answer,
            ):
                assert await answer.text() == "hello"
        await nobody_is_left()

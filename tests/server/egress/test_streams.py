"""The way out of an event stream: chunks once for all, the end, and plain ASGI instead."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from server.egress.streams import AsgiStream, FastStream
from tests.patience import PATIENT_S


class Transport(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.aborted = False

    def write(self, data: Any) -> None:
        self.writes.append(data)

    def get_write_buffer_size(self) -> int:
        return 7

    def abort(self) -> None:
        self.aborted = True


async def test_the_same_bytes_are_made_a_chunk_once() -> None:
    loop = asyncio.get_running_loop()
    transports = [Transport(), Transport()]
    data = b"data: hello\n\n"
    for transport in transports:
        assert FastStream(transport, loop).write(data) == 7
    first, second = (transport.writes[0] for transport in transports)
    assert first == b"d\r\ndata: hello\n\n\r\n" and first is second


async def test_nothing_is_written_after_the_end_and_never_an_empty_chunk() -> None:
    transport = Transport()
    stream = FastStream(transport, asyncio.get_running_loop())
    stream.write(b"")
    assert transport.writes == [], "an empty chunk would end the response"
    stream.end()
    assert not stream.is_open and stream.write(b"late") == 0 and stream.backlog() == 0
    await asyncio.wait_for(stream.run(), 5)
    assert transport.writes == []


async def test_a_lost_or_aborted_connection_ends_the_stream() -> None:
    for how in ("lost", "abort"):
        transport = Transport()
        stream = FastStream(transport, asyncio.get_running_loop())
        getattr(stream, how)()
        await asyncio.wait_for(stream.run(), 5)
        assert transport.aborted is (how == "abort")


class Asgi:
    """An ASGI server that takes messages when it is let."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.may_send = asyncio.Event()
        self.gone = asyncio.Event()

    async def send(self, message: dict[str, Any]) -> None:
        await self.may_send.wait()
        self.sent.append(message)

    async def receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}


@pytest.fixture
async def asgi() -> Asgi:
    return Asgi()


async def test_by_asgi_the_same_is_written_in_order_and_the_backlog_counted(asgi: Asgi) -> None:
    stream = AsgiStream(asgi.receive, asgi.send)
    running = asyncio.ensure_future(stream.run())
    assert stream.write(b"one") == 3
    assert stream.write(b"two") == 6
    stream.end()
    assert stream.write(b"late") == 0
    asgi.may_send.set()
    await asyncio.wait_for(running, PATIENT_S)
    assert [message["body"] for message in asgi.sent] == [b"one", b"two"]
    assert all(message["more_body"] for message in asgi.sent)
    assert stream.backlog() == 0


@pytest.mark.parametrize("how", ["abort", "gone"])
async def test_by_asgi_a_peer_that_takes_nothing_ends_with_its_connection(
    asgi: Asgi, how: str
) -> None:
    stream = AsgiStream(asgi.receive, asgi.send)
    running = asyncio.ensure_future(stream.run())
    stream.write(b"stuck")
    await asyncio.sleep(0)
    if how == "abort":
        stream.abort()
    else:
        asgi.gone.set()
    await asyncio.wait_for(running, PATIENT_S)
    assert not stream.is_open and asgi.sent == []

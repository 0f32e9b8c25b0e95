"""The thin sockets of the load generator read what a real websocket server sends."""

import asyncio

from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from loadtests.bench.latency import quantile
from loadtests.bench.sockets import connect_all
from loadtests.wire.messages import SUBPROTOCOL
from loadtests.wire.thin_socket import BINARY, TEXT, ThinSocket

SIZES = (0, 1, 125, 126, 65_535, 65_536, 200_000)


async def test_frames_of_every_length_go_there_and_back() -> None:
    got: list[tuple[int, int, bytes]] = []
    complete = asyncio.Event()

    async def echo(connection: ServerConnection) -> None:
        await connection.send("welcome")
        async for message in connection:
            await connection.send(message)

    def on_frame(socket: ThinSocket, opcode: int, payload: bytes) -> None:
        if payload != b"welcome":
            got.append((socket.number, opcode, payload))
        if len(got) == 2 * len(SIZES) * 2:
            complete.set()

    async with serve(
        echo, "127.0.0.1", 0, subprotocols=[Subprotocol(SUBPROTOCOL)], compression=None
    ) as server:
        port = server.sockets[0].getsockname()[1]
        crowd = await connect_all(port, "show", ["ticket one", "two"], on_frame)
        for socket in crowd.sockets:
            for size in SIZES:
                socket.send(TEXT, b"t" * size)
                socket.send(BINARY, b"\xff" * size)
        await asyncio.wait_for(complete.wait(), 60)
        crowd.leave()
    for number in (0, 1):
        texts = [payload for n, opcode, payload in got if n == number and opcode == TEXT]
        binaries = [payload for n, opcode, payload in got if n == number and opcode == BINARY]
        assert [len(text) for text in texts] == list(SIZES)
        assert binaries == [b"\xff" * size for size in SIZES]


async def test_whoever_is_told_to_try_again_later_comes_back() -> None:
    visits: list[int] = []

    async def busy_at_first(connection: ServerConnection) -> None:
        visits.append(len(visits))
        if len(visits) == 1:
            await connection.close(1013, "busy")
            return
        await connection.send("welcome")
        await connection.wait_closed()

    spoken = [Subprotocol(SUBPROTOCOL)]
    async with serve(busy_at_first, "127.0.0.1", 0, subprotocols=spoken) as server:
        port = server.sockets[0].getsockname()[1]
        crowd = await connect_all(port, "show", ["ticket"], lambda *_: None)
        assert crowd.came_back == 1 and len(crowd.sockets) == 1
        crowd.leave()


def test_a_quantile_is_one_of_the_values() -> None:
    values = [float(number) for number in range(100)]
    assert quantile(values, 0.5) == 50.0
    assert quantile(values, 0.99) == 99.0
    assert quantile([3.0], 0.99) == 3.0

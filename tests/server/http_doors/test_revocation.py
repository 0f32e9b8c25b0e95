"""An end is an end for sockets, too, whatever node they are on."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx
import pytest
from litestar import Litestar
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from server.app import create_app
from server.cli.web import web_node
from storage.embedded import StoreUrls
from tests.patience import PATIENT_S
from tests.server.conftest import node_settings
from tests.server.http import Person, made, ok


@asynccontextmanager
async def served(stores: StoreUrls) -> AsyncIterator[str]:
    """A node behind a real port; its ``host:port``."""
    settings = node_settings(stores)
    listener = socket.create_server(("127.0.0.1", 0))
    server = web_node(settings, create_app(settings))
    # Not `serve`: the test's own signal handlers stay. Who connects waits until it has started.
    task = asyncio.create_task(server._serve([listener]))
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


@pytest.mark.parametrize("how", ["logout", "reuse", "crew"])
async def test_sockets_close_on_every_node(
    shared_stores: StoreUrls, app: Litestar, artist: Person, fan: Person, how: str
) -> None:
    show = await artist.live_show()
    async with served(shared_stores) as address:
        ticket = made(await fan.post(f"/api/shows/{show['id']}/ticket"))["ticket"]
        url = f"ws://{address}/rooms/{show['id']}?ticket={ticket}"
        protocols: Any = ["setroom.v1"]
        async with connect(url, subprotocols=protocols, proxy=None) as opened:
            assert '"welcome"' in str(await opened.recv())
            match how:
                case "logout":
                    ok(await fan.post("/api/auth/logout"), 204)
                case "reuse":
                    token = {"refresh_token": fan.body["refresh_token"]}
                    ok(await fan.client.post("/api/auth/refresh", json=token))
                    again = await fan.client.post("/api/auth/refresh", json=token)
                    assert again.status_code == 401
                case _:
                    crew = {"members": [{"account_id": fan.id, "role": "moderator"}]}
                    ok(await artist.put(f"/api/shows/{show['id']}/crew", crew))
            async with asyncio.timeout(PATIENT_S):
                with pytest.raises(ConnectionClosed) as closed:
                    while True:
                        await opened.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == (4010 if how == "crew" else 4401)
        if how == "crew":
            # The ticket is good still, and opens with the new role.
            async with connect(url, subprotocols=protocols, proxy=None) as opened:
                assert '"moderator"' in str(await opened.recv())


async def test_a_role_that_was_taken_away_unheard_is_found(
    shared_stores: StoreUrls, app: Litestar, artist: Person, fan: Person
) -> None:
    """Nothing is said on the bus: the rows change, as a node writes them whose word is lost."""
    show = await artist.live_show()
    crew = {"members": [{"account_id": fan.id, "role": "moderator"}]}
    ok(await artist.put(f"/api/shows/{show['id']}/crew", crew))
    database = await asyncpg.connect(shared_stores.database_url)
    try:
        async with served(shared_stores) as address:
            ticket = made(await fan.post(f"/api/shows/{show['id']}/ticket"))["ticket"]
            url = f"ws://{address}/rooms/{show['id']}?ticket={ticket}"
            protocols: Any = ["setroom.v1"]
            async with connect(url, subprotocols=protocols, proxy=None) as opened:
                assert '"moderator"' in str(await opened.recv())
                await database.execute(
                    "UPDATE attendees SET role = 'fan' WHERE show_id = $1 AND account_id = $2",
                    show["id"],
                    fan.id,
                )
                async with asyncio.timeout(PATIENT_S):
                    with pytest.raises(ConnectionClosed) as closed:
                        while True:
                            await opened.recv()
            assert closed.value.rcvd is not None and closed.value.rcvd.code == 4010
    finally:
        await database.close()


async def test_a_node_behind_a_real_port_speaks_http(shared_stores: StoreUrls) -> None:
    async with served(shared_stores) as address, httpx.AsyncClient() as client:
        ready = await client.get(f"http://{address}/health/ready")
        assert ready.status_code == 200
        upgrade = await client.get(f"http://{address}/rooms/x")
        assert upgrade.status_code == 426

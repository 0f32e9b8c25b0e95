"""What callers are told while a store is there and says nothing, or has no room left."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from loadtests.faults.proxy import FaultProxy
from server.secret import Secret
from storage.embedded import StoreUrls
from tests.server.conftest import StartNode, client_of
from tests.server.http import Person, ok


async def test_a_node_whose_database_says_nothing_is_not_ready_within_a_moment_and_comes_back(
    start_node: StartNode, shared_stores: StoreUrls
) -> None:
    async with FaultProxy(shared_stores.database_url) as line:
        node = await start_node(database_url=Secret(line.url))
        async with client_of(node) as client:
            assert ok(await client.get("/health/ready"))["database"] == "ok"
            line.silence()
            async with asyncio.timeout(9):  # long before a statement that nobody answers ends
                said = await client.get("/health/ready")
            assert said.status_code == 503
            assert (said.json()["status"], said.json()["database"]) == (
                "unavailable",
                "unreachable",
            )
            line.mend()
            async with asyncio.timeout(30):
                while (await client.get("/health/ready")).status_code != 200:
                    await asyncio.sleep(0.05)


ERRORS = (
    asyncpg.DiskFullError("no space left on device"),
    asyncpg.OutOfMemoryError("out of memory"),
    asyncpg.AdminShutdownError("terminating connection"),
    asyncpg.QueryCanceledError("canceling statement due to statement timeout"),
    asyncpg.ReadOnlySQLTransactionError("cannot execute INSERT in a read-only transaction"),
    asyncpg.PostgresIOError("could not read block"),
    asyncpg.DeadlockDetectedError("deadlock detected"),
)


async def test_what_the_database_cannot_do_now_is_said_to_be_for_later(
    start_node: StartNode, artist: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = await start_node()
    body = {"title": "No room", "starts_at": "2030-01-01T20:00:00Z", "access": "public"}
    async with client_of(node) as client:
        for error in ERRORS:

            async def refuse(*_: object, error: Exception = error, **__: object) -> None:
                raise error

            monkeypatch.setattr(node.state.services.shows, "create", refuse)
            said = await artist.at(client).post("/api/shows", body)
            assert (said.status_code, said.json()["code"]) == (503, "unavailable"), error
            assert int(said.headers["Retry-After"]) >= 1

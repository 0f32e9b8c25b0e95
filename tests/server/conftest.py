"""A web node in this process, on the real stores, called as HTTP clients call it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from litestar import Litestar

from server.app import create_app
from server.secret import Secret
from server.settings import read_settings
from tests.server.http import Person

SECRET_KEY = "a key for tests, long enough to sign with"

StartNode = Callable[[], Any]


@pytest.fixture
async def start_node(database_url: str, redis_url: str) -> AsyncIterator[StartNode]:
    """Starts one more node on the same stores; all are stopped after the test."""
    async with AsyncExitStack() as stack:

        async def start() -> Litestar:
            app = create_app(node_settings(database_url, redis_url))
            await stack.enter_async_context(_Node(app))
            return app

        yield start


@pytest.fixture
async def app(start_node: StartNode) -> Litestar:
    """One node."""
    node: Litestar = await start_node()
    return node


@pytest.fixture
async def nobody(app: Litestar) -> AsyncIterator[Person]:
    """Somebody who has not signed in."""
    async with client_of(app) as client:
        yield Person(client)


@pytest.fixture
async def guest(nobody: Person) -> Person:
    """A guest."""
    return await nobody.as_guest("Robin")


@pytest.fixture
async def fan(nobody: Person) -> Person:
    """A fan with an account."""
    return await nobody.signed_up("fan@example.com", role="fan", display_name="Fan")


@pytest.fixture
async def artist(nobody: Person) -> Person:
    """An artist with an account."""
    return await nobody.signed_up("artist@example.com", role="artist", display_name="The Band")


def node_settings(database_url: str, redis_url: str, **more: object) -> Any:
    """Settings of a node on these stores."""
    return read_settings(
        {},
        database_url=Secret(database_url),
        redis_url=Secret(redis_url),
        secret_key=Secret(SECRET_KEY),
        public_url="http://setroom.test",
        **more,
    )


def client_of(app: Litestar, address: str = "127.0.0.1") -> httpx.AsyncClient:
    """A client of a node, from an address."""
    called: Any = app  # Litestar's own ASGI types are narrower than httpx's
    transport = httpx.ASGITransport(called, raise_app_exceptions=False, client=(address, 40_000))
    return httpx.AsyncClient(transport=transport, base_url="http://setroom.test")


class _Node:
    """Runs a node's lifespan in a task of its own: it must end in the task that it began in,
    and pytest ends fixtures in others."""

    def __init__(self, app: Litestar) -> None:
        self._app = app
        self._started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._stop = asyncio.Event()

    async def __aenter__(self) -> None:
        self._task = asyncio.create_task(self._run())
        await asyncio.wait({self._task, self._started}, return_when=asyncio.FIRST_COMPLETED)
        if self._task.done():
            await self._task

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        await self._task

    async def _run(self) -> None:
        async with self._app.lifespan():
            self._started.set_result(None)
            await self._stop.wait()

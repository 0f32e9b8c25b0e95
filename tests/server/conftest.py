"""Web nodes in this process, on the real stores, called as HTTP clients call them.

One node and one database serve all tests of a worker: making an application costs more than most
tests. So every test brings people, shows and addresses of its own and counts only those.
"""

import asyncio
import inspect
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
import pytest_asyncio
from litestar import Litestar

from server.app import create_app
from server.secret import Secret
from server.settings import Settings, read_settings
from storage.embedded import StoreUrls
from tests.server.http import Person, unique_email

SECRET_KEY = "a key for tests, long enough to sign with"
SHARING = (
    "doors",
    "accounts",
    "shows",
    "rounds",
    "setlist",
    "song_requests",
    "performances",
    "http_doors",
    "http_mail",
    "pages",
    "catalogue",
    "cards",
    "posters",
    "replay",
    "timeline",
    "operations",
    "reports",
    "sandbox",
    "messaging",
    "telemetry",
)

HERE = Path(__file__).parent

StartNode = Callable[..., Awaitable[Litestar]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share the node run on its loop."""
    for item in items:
        folder = item.path.parent
        awaits = inspect.iscoroutinefunction(getattr(item, "function", None))
        if awaits and folder.parent == HERE and folder.name in SHARING:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def shared_stores(embedded_stores: StoreUrls, migrated_template: str) -> StoreUrls:
    """The worker's database and Valkey for all tests that share a node."""
    name = f"shared_{os.getpid()}"

    async def make() -> None:
        administrator = await asyncpg.connect(_at(embedded_stores.database_url, "postgres"))
        await administrator.execute(f"CREATE DATABASE {name} TEMPLATE {migrated_template}")
        await administrator.close()

    with asyncio.Runner() as runner:
        runner.run(make())
    # Valkey's last database: the tests that want an empty one take turns with all of them.
    return StoreUrls(
        database_url=_at(embedded_stores.database_url, name), redis_url=embedded_stores.redis_url
    )


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def app(shared_stores: StoreUrls) -> AsyncIterator[Litestar]:
    """The node that most tests share."""
    node = create_app(node_settings(shared_stores))
    async with running(node):
        yield node


@pytest_asyncio.fixture(loop_scope="session")
async def start_node(shared_stores: StoreUrls) -> AsyncIterator[StartNode]:
    """Starts one more node on the same stores; all are stopped after the test."""
    async with AsyncExitStack() as stack:

        async def start(**settings: object) -> Litestar:
            node = create_app(node_settings(shared_stores, **settings))
            await stack.enter_async_context(running(node))
            return node

        yield start


@pytest_asyncio.fixture(loop_scope="session")
async def nobody(app: Litestar) -> AsyncIterator[Person]:
    """Somebody who has not signed in."""
    async with client_of(app) as client:
        yield Person(client)


@pytest_asyncio.fixture(loop_scope="session")
async def guest(nobody: Person) -> Person:
    """A guest."""
    return await nobody.as_guest("Robin")


@pytest_asyncio.fixture(loop_scope="session")
async def fan(nobody: Person) -> Person:
    """A fan with an account."""
    return await nobody.signed_up(role="fan", display_name="Fan")


@pytest_asyncio.fixture(loop_scope="session")
async def artist(nobody: Person) -> Person:
    """An artist with an account."""
    return await nobody.signed_up(role="artist", display_name="The Band")


@pytest_asyncio.fixture(loop_scope="session")
async def admin(nobody: Person, app: Litestar) -> Person:
    """An admin, made as ``setroom create-user`` makes one."""
    email = unique_email()
    person = await nobody.signed_up(email, display_name="Admin")
    await app.state.services.pool.execute(
        "UPDATE accounts SET role = 'admin' WHERE id = $1", person.id
    )
    return person


def node_settings(stores: StoreUrls, **more: object) -> Settings:
    """Settings of a node on these stores."""
    values: dict[str, Any] = {
        "database_url": Secret(stores.database_url),
        "redis_url": Secret(stores.redis_url),
        "secret_key": Secret(SECRET_KEY),
        "public_url": "http://setroom.test",
    }
    return read_settings({}, **(values | more))


def client_of(app: Litestar, address: str = "127.0.0.1") -> httpx.AsyncClient:
    """A client of a node, from an address."""
    called: Any = app  # Litestar's own ASGI types are narrower than httpx's
    transport = httpx.ASGITransport(called, raise_app_exceptions=False, client=(address, 40_000))
    return httpx.AsyncClient(transport=transport, base_url="http://setroom.test")


class running:  # noqa: N801
    """Runs a node's lifespan in a task of its own: it must end in the task that it began in,
    and pytest ends fixtures in others."""

    def __init__(self, app: Litestar) -> None:
        self._app = app
        self._stop = asyncio.Event()

    async def __aenter__(self) -> None:
        self._started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
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


def _at(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()

"""A node whose texts a sandbox carries, with a webhook that says what it is told to say."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import httpx
import pytest_asyncio
from litestar import Litestar

from server.sandbox.sandbox import Sandbox, sandbox_of
from server.sandbox.webhooks import Answer
from server.settings import Settings
from storage.embedded import StoreUrls
from tests.server.conftest import StartNode, client_of, node_settings
from tests.server.http import Person

TWIML = b'<?xml version="1.0" encoding="UTF-8"?><Response><Message>Welcome!</Message></Response>'


class FakeNode:
    """Stands where this node's own doors are: notes what is posted, and answers in turn."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.answers: list[Answer | Exception] = []

    async def post(self, path: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        self.posted.append((path, dict(form), dict(headers)))
        answer = self.answers.pop(0) if self.answers else Answer(200, TWIML)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def close(self) -> None:
        """Nothing is open."""


class Carried:
    """A node, its sandbox, and those who call."""

    def __init__(
        self, app: Litestar, settings: Settings, sandbox: Sandbox, doors: FakeNode
    ) -> None:
        self.app = app
        self.settings = settings
        self.sandbox = sandbox
        self.doors = doors

    def client(self) -> httpx.AsyncClient:
        return client_of(self.app)

    async def api(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A call of Twilio's API with the right account and token."""
        whole = f"{self.sandbox.account_sid}:{self.sandbox.auth_token.reveal()}".encode()
        headers = {"authorization": f"Basic {base64.b64encode(whole).decode()}"}
        address = f"/sandbox/twilio/2010-04-01/Accounts/{self.sandbox.account_sid}{path}"
        async with self.client() as client:
            return await client.request(method, address, headers=headers, **options)

    async def deliver(self) -> None:
        """Moves everything on until it has come to its end."""
        clock = self.app.state.services.clock
        pool = self.app.state.services.pool
        while await pool.fetchval("SELECT count(*) FROM sandbox_messages WHERE due_at IS NOT NULL"):
            await pool.execute(
                "UPDATE sandbox_messages SET due_at = $1 WHERE due_at IS NOT NULL", clock.now()
            )
            await self.sandbox.deliveries.move_on()


@pytest_asyncio.fixture(loop_scope="session")
async def carried(start_node: StartNode, shared_stores: StoreUrls) -> Carried:
    """A node on which the sandbox's own doors are watched.

    It is given the sandbox afterwards: its own one would deliver at any time what these tests
    look at step by step.
    """
    app = await start_node()
    services, doors = app.state.services, FakeNode()
    settings = node_settings(shared_stores, sms="sandbox")
    await services.pool.execute("DELETE FROM sandbox_phones")
    await services.pool.execute("DELETE FROM sandbox_messages")
    services.sandbox = sandbox_of(
        settings,
        services.pool,
        services.limits,
        services.clock,
        services.new_id,
        node=doors,
    )
    return Carried(app, settings, services.sandbox, doors)


@pytest_asyncio.fixture(loop_scope="session")
async def trier(carried: Carried, artist: Person) -> Person:
    """Somebody who puts on shows, at that node."""
    return artist.at(carried.client())

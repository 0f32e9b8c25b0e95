"""A show that takes texts, its crew, and phones in it."""

from __future__ import annotations

import itertools
import os
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest_asyncio
from litestar import Litestar

from tests.jobs.messaging.night import Night
from tests.server.conftest import StartNode, client_of
from tests.server.http import Person

_areas = itertools.count(200 + os.getpid() % 500)


class Show(Night):
    """A live show of a crew, with an open round."""

    def __init__(self, app: Litestar, crew: Person, show: dict[str, Any], round_id: str) -> None:
        database: Any = SimpleNamespace(pool=app.state.services.pool)
        super().__init__(database)
        self.app = app
        self.crew = crew
        self.show_id = str(show["id"])
        self.round_id = round_id
        self.prefix = f"+1212{200 + next(_areas) % 800:03d}"
        self.path = f"/api/shows/{self.show_id}"


@pytest_asyncio.fixture(loop_scope="session")
async def texted(start_node: StartNode) -> AsyncIterator[Show]:
    """Three active phones, one of them Spanish; one that has not confirmed, one that stopped."""
    app = await start_node(sms="sandbox", sms_price=7_900, sms_currency="EUR")
    async with client_of(app) as client:
        crew = await Person(client).signed_up(role="artist")
        show = await crew.live_show(takes_sms=True)
        opened = await crew.open_round(show["id"], who={"channels": ["web", "sms"]})
        night = Show(app, crew, show, opened["id"])
        for language in ("en", "en", "es"):
            await night.phone(language=language)
        await night.phone("pending")
        await night.phone("suppressed")
        yield night

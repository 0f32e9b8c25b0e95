"""A night of its own for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from storage.database import Database, open_database
from tests.jobs.messaging.night import FakeCarrier, Night


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(database_url, connections_max=12)
    yield opened
    await opened.close()


@pytest.fixture
async def night(database: Database) -> Night:
    """One live show, nobody in it."""
    return await Night(database).open(phones=0)


@pytest.fixture
def carrier() -> FakeCarrier:
    return FakeCarrier()

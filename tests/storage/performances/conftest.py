"""A database with a stage."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from storage.database import Database, open_database
from tests.storage.performances.stage import Stage


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(database_url, connections_max=6)
    yield opened
    await opened.close()


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)

"""Keeps the search index level with what it is made of, for as long as a node runs."""

from __future__ import annotations

import asyncio
from typing import Final

import asyncpg
import structlog

from storage.catalogue.search import PostgresSearch

LOOK_EVERY_S: Final = 2.0
"""A new show is found so soon. One look at an empty table costs next to nothing."""

log = structlog.get_logger(__name__)


class Indexing:
    """Takes the notes that triggers leave. Of several nodes one works, the others pass."""

    def __init__(self, search: PostgresSearch) -> None:
        self._search = search

    async def run(self) -> None:
        """Never returns; what fails is tried again at the next look."""
        while True:
            await self.catch_up()
            await asyncio.sleep(LOOK_EVERY_S)

    async def catch_up(self) -> None:
        """Portion after portion until the index is level."""
        try:
            while await self._search.refresh():
                pass
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            log.warning("search_not_refreshed", error=type(error).__name__)

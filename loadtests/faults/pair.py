"""Two web nodes on one set of stores: ``setroom up`` and a second node beside it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import msgspec

from loadtests.faults import processes
from loadtests.faults.processes import Command
from loadtests.wire.api import open_session


@dataclass(slots=True, frozen=True)
class Pair:
    """Both nodes, running. The stores live and die with the first."""

    first: Command
    second: Command
    session: aiohttp.ClientSession
    folder: Path

    @property
    def urls(self) -> list[str]:
        """Addresses of both nodes."""
        return [self.first.url, self.second.url]

    @property
    def database_url(self) -> str:
        """Where ``setroom up`` says that its database is, for counting again from outside."""
        (addresses,) = self.folder.rglob("stores.json")
        return str(msgspec.json.decode(addresses.read_bytes())["database_url"])


@asynccontextmanager
async def running_pair(
    prefix: str, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Pair]:
    """Starts both in a folder of their own; stops them, and the folder goes.

    Args:
        environment: variables for both, ``SETROOM_…``.
    """
    folder = processes.data_folder(prefix)
    async with AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        first = processes.up(folder, folder / "up.log", environment=environment)
        stack.push_async_callback(first.stop)
        await first.start()
        second = processes.serve_beside(folder, folder / "second.log", environment)
        stack.push_async_callback(second.stop)
        await second.start()
        session = await stack.enter_async_context(open_session())
        yield Pair(first, second, session, folder)

"""A PostgreSQL that follows another one, byte for byte and synchronously, and can take over.

What the documents ask of a deployment (``docs/deployment.md``): a commit is acknowledged once the
standby has it on its disk. Whoever notices that the primary is gone, and promotes, is played by the
test: `Pair.fail_over`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from loadtests.faults.own_stores import OwnPostgres
from loadtests.faults.proxy import FaultProxy
from loadtests.faults.stores import StoreFailed

NAME = "standby"
FOLLOWS_TIMEOUT_S = 60.0
PROMOTE_TIMEOUT_S = 60


class OwnStandby(OwnPostgres):
    """A copy of a running server, which goes on as that one does."""

    def __init__(self, folder: Path, primary: OwnPostgres) -> None:
        super().__init__(
            folder,
            settings={"cluster_name": NAME},
            environment={"PGPASSWORD": primary.password},
            password=primary.password,
        )
        self._primary = primary

    async def _make(self) -> None:
        self.programs = self._primary.programs
        self.own(self.folder)
        made = self.run(
            [
                *(str(self.programs / "pg_basebackup"), "--pgdata", str(self.data)),
                *("--host", "127.0.0.1", "--port", str(self._primary.port)),
                *("--username", "setroom", "--no-password", "--no-sync"),
                *("--checkpoint", "fast", "--wal-method", "stream", "--write-recovery-conf"),
            ]
        )
        if await asyncio.to_thread(made.wait) != 0:
            raise StoreFailed(self._log.read_text(errors="replace")[-2000:])

    async def promote(self) -> None:
        """From now on it is a primary, on a timeline of its own."""
        connection = await asyncpg.connect(self.url)
        try:
            done = await connection.fetchval("SELECT pg_promote(true, $1)", PROMOTE_TIMEOUT_S)
        finally:
            await connection.close()
        if not done:
            raise StoreFailed("the standby was not promoted in time")


class Pair:
    """A primary and its standby.

    Args:
        address: one address for both, which moves with the primary; ``None``: clients know both.

    Attributes:
        promoted: whether the standby has taken over.
    """

    def __init__(
        self, primary: OwnPostgres, standby: OwnStandby, address: FaultProxy | None
    ) -> None:
        self.primary = primary
        self.standby = standby
        self.promoted = False
        self._address = address

    async def follow(self) -> None:
        """From now on no commit is acknowledged that the standby has not.

        Raises:
            StoreFailed: it does not follow.
        """
        connection = await asyncpg.connect(self.primary.url)
        try:
            await connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{NAME}'")
            await connection.execute("SELECT pg_reload_conf()")
            async with asyncio.timeout(FOLLOWS_TIMEOUT_S):
                said = "SELECT sync_state FROM pg_stat_replication WHERE application_name = $1"
                while (  # noqa: ASYNC110 another process
                    await connection.fetchval(said, NAME) != "sync"
                ):
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise StoreFailed("the standby does not follow") from None
        finally:
            await connection.close()

    async def fail_over(self) -> None:
        """The standby takes over, and the address, if there is one, leads to it."""
        await self.standby.promote()
        self.promoted = True
        if self._address is not None:
            self._address.lead_to(self.standby.port)

    @property
    def line(self) -> OwnPostgres | FaultProxy:
        """Where a line to the primary ends: itself, or the address of both."""
        return self._address or self.primary

    def addresses(self, first: str) -> str:
        """What a client is configured with.

        Args:
            first: the address by way of its own line.
        """
        if self._address is not None:
            return first
        parts = urlsplit(first)
        hosts = f"{parts.netloc},127.0.0.1:{self.standby.port}"
        return parts._replace(netloc=hosts, query="target_session_attrs=primary").geturl()

    @property
    def url(self) -> str:
        """The server that may be written to now."""
        return self.standby.url if self.promoted else self.primary.url

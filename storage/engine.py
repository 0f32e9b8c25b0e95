"""The one Piccolo engine: it owns no connection, it borrows the pool that the process opened.

Tables name their engine when they are defined, which is at import; the database is known only
when the process has read its settings. So the engine stands still and the pool is lent to it
by `storage.database.Database` for as long as that is open. Two open at once (two nodes in one
process, in tests) are on the same stores: queries go to the one opened last.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from piccolo.engine.postgres import PostgresEngine

if TYPE_CHECKING:
    import asyncpg


class DatabaseNotOpen(RuntimeError):
    """A query was made before a `storage.database.Database` was opened, or after it closed."""


class BorrowingEngine(PostgresEngine):
    """Runs Piccolo's queries on a borrowed asyncpg pool."""

    __slots__ = ("_pools",)

    def __init__(self) -> None:
        self._pools: list[asyncpg.Pool[Any]] = []
        super().__init__(config={})

    # PostgresEngine connects in its constructor to find the version and to make extensions.
    async def check_version(self) -> None:
        """Nothing: `storage.database.open_database` checks the version."""

    async def prep_database(self) -> None:
        """Nothing: no extension is needed."""

    def lend(self, pool: asyncpg.Pool[Any]) -> None:
        """From now on queries run on ``pool``."""
        self._pools.append(pool)
        self.pool = pool

    def take_back(self, pool: asyncpg.Pool[Any]) -> None:
        """``pool`` is about to close."""
        self._pools = [other for other in self._pools if other is not pool]
        self.pool = self._pools[-1] if self._pools else None

    async def get_new_connection(self) -> Any:
        """Never: everything goes through the pool, whose size bounds it.

        Raises:
            DatabaseNotOpen: always.
        """
        raise DatabaseNotOpen("no database is open")

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> Any:
        """Runs a statement on the pool (Piccolo's own default is a new connection)."""
        return await super().run_ddl(ddl, in_pool=True)

    async def run_script(self, script: str) -> None:
        """Runs several statements inside the current transaction (migrations)."""
        transaction = self.current_transaction.get()
        if transaction is None:
            raise DatabaseNotOpen("a script runs inside a transaction only")
        await transaction.connection.execute(script)

    async def _run_in_pool(self, query: str, args: Sequence[Any] | None = None) -> Any:
        if self.pool is None:
            raise DatabaseNotOpen("no database is open")
        return await self.pool.fetch(query, *(args or ()))


ENGINE = BorrowingEngine()

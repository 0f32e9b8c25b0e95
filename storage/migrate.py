"""Applies migrations: in order, each in one transaction together with its record.

Any number of nodes may start at once: one of them migrates under an advisory lock, the others
wait and find nothing left to do. A migration waits for a table's lock for a moment only, so
that it never queues the running version's statements up behind itself; it is then tried again.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import io
import os
import pkgutil
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.apps.migrations.tables import Migration
from piccolo.conf.apps import MigrationModule

import storage.migrations
from storage.engine import ENGINE
from storage.piccolo_app import APP_NAME

ADVISORY_LOCK = 0x5E7_4001
"""Key of the lock under which one node migrates. Only has to differ from other uses."""

LOCK_TIMEOUT_S = 3
"""How long a migration may wait for a table, and so how long it can hold others up."""

ATTEMPTS_MAX = 10
"""Tries to have a table's lock before the migration is given up."""

WAIT_S_MAX = 300
"""How long a node waits for another one that migrates."""

POSTGRES_VERSION_MIN = 180_000


class MigrationError(Exception):
    """The database could not be brought up to date; the message says why, in one line."""


async def migrate(
    database_url: str,
    progress: Callable[[str], None] | None = None,
    *,
    only: Collection[str] | None = None,
    schema: str | None = None,
) -> tuple[str, ...]:
    """Applies every migration that is missing.

    Args:
        database_url: ``postgresql://…``; its role must be allowed to create tables.
        progress: told the name of each migration before it runs.
        only: ids; others are left out (a backup of an earlier version is read into its own).
        schema: makes everything in there, where it is not the usual one.

    Returns:
        The ids of the migrations that were applied now.

    Raises:
        MigrationError: the server is too old, a lock was not to be had, or a migration failed.
            Every migration before it is applied, nothing of it is.
    """
    applied: list[str] = []
    async with _connected(database_url, schema) as pool, _alone(pool):
        await Migration.create_table(if_not_exists=True).run()  # type: ignore[no-untyped-call]
        for module in await _missing():
            if only is not None and module.ID not in only:
                continue
            if progress is not None:
                progress(module.DESCRIPTION)
            await _apply(pool, module)
            applied.append(module.ID)
    return tuple(applied)


async def pending(database_url: str) -> tuple[str, ...]:
    """The ids of the migrations that `migrate` would apply."""
    async with _connected(database_url):
        if not await Migration.table_exists().run():
            return tuple(module.ID for module in _modules())
        return tuple(module.ID for module in await _missing())


def _modules() -> list[MigrationModule]:
    names = [info.name for info in pkgutil.iter_modules(storage.migrations.__path__)]
    modules: list[Any] = [importlib.import_module(f"storage.migrations.{name}") for name in names]
    return sorted(modules, key=lambda module: str(module.ID))


async def _missing() -> list[MigrationModule]:
    done = await Migration.get_migrations_which_ran(APP_NAME)
    return [module for module in _modules() if module.ID not in done]


@asynccontextmanager
async def _connected(
    database_url: str, schema: str | None = None
) -> AsyncIterator[asyncpg.Pool[Any]]:
    # Piccolo's migrations find their engine by the name of a module: this is its documented way
    # of saying which. Nothing is read from the environment.
    os.environ["PICCOLO_CONF"] = "storage.piccolo_conf"
    Migration._meta.db = ENGINE
    settings = {"application_name": "migrate"}
    if schema is not None:
        # The usual one behind it: extensions live there.
        settings["search_path"] = f"{schema}, public"
    async with asyncpg.create_pool(
        database_url, min_size=1, max_size=2, server_settings=settings
    ) as pool:
        version = await pool.fetchval("SHOW server_version_num")
        if int(version) < POSTGRES_VERSION_MIN:
            raise MigrationError(f"PostgreSQL 18 or later is needed, this is {version}")
        ENGINE.lend(pool)
        try:
            yield pool
        finally:
            ENGINE.take_back(pool)


@asynccontextmanager
async def _alone(pool: asyncpg.Pool[Any]) -> AsyncIterator[None]:
    # On a connection of its own, and for the session: each migration commits by itself.
    async with pool.acquire() as connection:
        try:
            await connection.execute(f"SET lock_timeout = '{WAIT_S_MAX}s'")
            await connection.execute("SELECT pg_advisory_lock($1)", ADVISORY_LOCK)
        except asyncpg.LockNotAvailableError:
            raise MigrationError("another node has been migrating for too long") from None
        try:
            yield
        finally:
            await connection.execute("SELECT pg_advisory_unlock($1)", ADVISORY_LOCK)


async def _apply(pool: asyncpg.Pool[Any], module: MigrationModule) -> None:
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            async with ENGINE.transaction():
                await ENGINE.run_script(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_S}s'")
                manager = await module.forwards()
                if isinstance(manager, MigrationManager):
                    await _run_quietly(manager)
                await Migration.insert(Migration(name=module.ID, app_name=APP_NAME)).run()
            return
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
            # Several tables are locked one by one, and a running node locks them in its own order.
            if attempt == ATTEMPTS_MAX:
                raise MigrationError(f"{module.ID}: a table stayed locked") from None
            await asyncio.sleep(attempt)
        except asyncpg.PostgresError as error:
            raise MigrationError(f"{module.ID}: {error}") from error


async def _run_quietly(manager: MigrationManager) -> None:
    # Piccolo prints; what is worth saying goes through ``progress``.
    with contextlib.redirect_stdout(io.StringIO()):
        await manager.run()


def known_migrations() -> frozenset[str]:
    """The ids of all migrations of this version."""
    return frozenset(module.ID for module in _modules())

"""Reads a backup back: beside what is there, and in its place only once everything is right.

1. The file is read once and compared with its manifest.
2. A schema beside the present one gets the tables of the backup's own version; rows are copied
   in, foreign keys are made afterwards (which checks every one), later migrations are applied.
3. The database is told that it was brought back (`adopting`).
4. In one short transaction the new tables take the place of the old ones.

Whatever fails before the last commit leaves everything as it was. A node that runs meanwhile goes
on with the old tables, and finds another epoch two seconds after the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
from msgspec import Struct

from storage.backup.adopting import Adopted, adopt
from storage.backup.archive import Archive, Manifest, TableEntry, open_archive
from storage.backup.dumping import CONNECT_TIMEOUT_S
from storage.backup.errors import BackupError
from storage.backup.places import change_places
from storage.migrate import MigrationError, known_migrations, migrate

APPLICATION = "setroom restore"
SCHEMA = "public"
COMING = "setroom_coming"
"""Where everything is made ready. Nobody reads it; a broken restore leaves nothing in it."""

ADVISORY_LOCK = 0x5E7_0012
"""Held for a whole restore: two would make ready in the same place."""

LOCK_TIMEOUT_S = 5
SWAPS_MAX = 10
"""Tries to have all tables at once while nodes run."""

EXTENSION = "CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public"

_TELLING = ("accounts", "shows", "artists", "rooms")
"""Tables of which one has a row in every database that somebody has used."""

_FOREIGN_KEYS = """
SELECT quote_ident(c.relname) AS "table", quote_ident(k.conname) AS name,
       pg_get_constraintdef(k.oid) AS definition
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
 WHERE k.contype = 'f' AND c.relnamespace = $1::text::regnamespace
 ORDER BY c.relname, k.conname
"""

_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()
   AND pg_has_role(current_user, usesysid, 'USAGE')
   AND application_name LIKE 'setroom%' AND application_name NOT IN ('setroom restore')
"""


class Restored(Struct, frozen=True):
    """What came of a restore. ``gone``: what others had built upon our tables and is no more."""

    manifest: Manifest
    adopted: Adopted
    gone: tuple[str, ...]


async def restore(
    database_url: str,
    path: Path,
    *,
    key_check: str | None,
    replace: bool = False,
    keep_sessions: bool = False,
    progress: Callable[[str, int], None] = lambda table, rows: None,
) -> Restored:
    """Brings a backup back.

    Args:
        key_check: of the present secret key; ``None``: it may be another one.
        replace: what is in the database now is given up.
        keep_sessions: see `storage.backup.adopting.adopt`.
        progress: told each table once it is read in, and its rows.

    Raises:
        BackupError: ``no_such_file``, ``not_a_backup``, ``backup_newer``, ``damaged``,
            ``other_key``, ``restore_running``, ``not_empty``, ``database_failed``. Nothing was
            changed.
        OSError: the database cannot be reached.
    """
    with open_archive(path) as archive:
        manifest = archive.manifest
        if unknown := set(manifest.migrations) - known_migrations():
            raise BackupError(
                "backup_newer",
                f"it knows {', '.join(sorted(unknown))}, which this version does not",
            )
        if key_check is not None and key_check != manifest.key_check:
            raise BackupError(
                "other_key",
                "SETROOM_SECRET_KEY is another one than when it was written: nobody's STOP and "
                "no token would be known",
            )
        archive.verify()
        async with _alone(database_url):
            connection = await _connect(database_url)
            try:
                return await _restore(
                    connection, database_url, archive, replace, keep_sessions, progress
                )
            except MigrationError as error:
                raise BackupError("database_failed", str(error)) from error
            except asyncpg.PostgresError as error:
                raise BackupError("database_failed", f"{type(error).__name__}: {error}") from error
            finally:
                with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                    await connection.execute(f"DROP SCHEMA IF EXISTS {COMING} CASCADE")
                await _leave(connection)


@asynccontextmanager
async def _alone(database_url: str) -> AsyncIterator[None]:
    """Holds the lock on a connection that does nothing else: no statement that fails or is ended
    lets go of it before everything is cleared up."""
    connection = await _connect(database_url)
    try:
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", ADVISORY_LOCK):
            raise BackupError("restore_running", "another restore into this database is under way")
        yield
    finally:
        await _leave(connection)


async def _leave(connection: Any) -> None:
    with suppress(OSError, asyncpg.PostgresError, TimeoutError):
        await connection.close(timeout=CONNECT_TIMEOUT_S)


async def _connect(database_url: str) -> Any:
    return await asyncpg.connect(
        database_url,
        timeout=CONNECT_TIMEOUT_S,
        server_settings={
            "application_name": APPLICATION,
            "statement_timeout": "0",
            "idle_session_timeout": "0",
            "search_path": f"{COMING}, {SCHEMA}",
            "timezone": "UTC",
        },
    )


async def _restore(
    connection: Any,
    database_url: str,
    archive: Archive,
    replace: bool,
    keep_sessions: bool,
    progress: Callable[[str, int], None],
) -> Restored:
    if not replace and await is_used(connection):
        raise BackupError("not_empty", "this database is in use: --replace gives up what is in it")
    manifest = archive.manifest
    await connection.execute(EXTENSION)
    await connection.execute(f"DROP SCHEMA IF EXISTS {COMING} CASCADE")
    await connection.execute(f"CREATE SCHEMA {COMING}")
    await migrate(database_url, only=manifest.migrations, schema=COMING)
    await _fill(connection, archive, progress)
    await migrate(database_url, schema=COMING)
    async with connection.transaction():
        adopted = await adopt(connection, manifest.backup_at, keep_sessions=keep_sessions)
    gone = await _swap(connection)
    return Restored(manifest, adopted, tuple(gone))


async def is_used(connection: Any) -> bool:
    """Whether somebody has used this database: it holds accounts, shows or artists."""
    for table in _TELLING:
        there = await connection.fetchval("SELECT to_regclass($1)::oid", f"{SCHEMA}.{table}")
        if there and await connection.fetchval(f"SELECT EXISTS (SELECT FROM {SCHEMA}.{table})"):
            return True
    return False


async def _fill(connection: Any, archive: Archive, progress: Callable[[str, int], None]) -> None:
    tables = archive.manifest.tables
    names = ", ".join(f'{COMING}."{table.name}"' for table in tables)
    keys = await connection.fetch(_FOREIGN_KEYS, COMING)
    for key in keys:
        await connection.execute(
            f"ALTER TABLE {COMING}.{key['table']} DROP CONSTRAINT {key['name']}"
        )
    # Migrations bring rows along, and triggers would tell a story that is in the rows already.
    await connection.execute(f"TRUNCATE {names}")
    for table in tables:
        await connection.execute(f'ALTER TABLE {COMING}."{table.name}" DISABLE TRIGGER USER')
        await _copy(connection, archive, table)
        await connection.execute(f'ALTER TABLE {COMING}."{table.name}" ENABLE TRIGGER USER')
        progress(table.name, table.rows)
    for sequence in archive.manifest.sequences:
        await connection.execute(
            "SELECT setval($1::text::regclass, $2, $3)",
            f'{COMING}."{sequence.name}"',
            sequence.value,
            sequence.is_called,
        )
    for key in keys:
        await connection.execute(
            f"ALTER TABLE {COMING}.{key['table']} ADD CONSTRAINT {key['name']} {key['definition']}"
        )
    await connection.execute(f"ANALYZE {names}")


async def _copy(connection: Any, archive: Archive, table: TableEntry) -> None:
    status = await connection.copy_to_table(
        table.name,
        schema_name=COMING,
        columns=table.columns,
        source=_in_pieces(archive.pieces(table)),
    )
    rows = int(status.rpartition(" ")[2])
    if rows != table.rows:
        raise BackupError("damaged", f"{table.name} has {rows} rows of {table.rows}")


async def _in_pieces(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def _swap(connection: Any) -> list[str]:
    for attempt in range(1, SWAPS_MAX + 1):
        try:
            async with connection.transaction():
                await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_S}s'")
                await connection.execute(_END_OTHERS)
                gone = list(await change_places(connection, COMING, SCHEMA))
            break
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
            if attempt == SWAPS_MAX:
                raise
            await asyncio.sleep(0.2 * attempt)
    # Whoever came meanwhile has plans that name tables which are no more.
    await connection.execute(_END_OTHERS)
    return gone

"""Writes a backup of a running database: everything as of one moment, in one transaction.

Reading neither locks nor waits for anybody. Like every long reading transaction it keeps
PostgreSQL from clearing up behind busy rooms for as long as it lasts.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg

from storage.backup.archive import FORMAT, Manifest, SequenceEntry, TableEntry, new_archive
from storage.backup.errors import BackupError
from storage.migrate import ADVISORY_LOCK
from storage.piccolo_app import APP_NAME

APPLICATION = "setroom backup"
MIGRATIONS = "migration"
"""Piccolo's own table: a restore makes it anew."""

CONNECT_TIMEOUT_S = 10.0

_TABLES = """
SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
  FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                     AND a.attgenerated = ''
 WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
 GROUP BY c.relname ORDER BY c.relname
"""

_SEQUENCES = """
SELECT c.relname AS name FROM pg_class c
 WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'S'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'i')
 ORDER BY c.relname
"""


async def dump(
    database_url: str,
    path: Path,
    *,
    version: str,
    key_check: str,
    progress: Callable[[str, int], None] = lambda table, rows: None,
) -> Manifest:
    """Writes ``path``.

    Args:
        version: of Setroom, for people.
        key_check: see `Manifest`.
        progress: told each table once it is written, and its rows.

    Raises:
        BackupError: ``file_exists``, ``file_unwritable``, ``migrating``, ``not_migrated``,
            ``database_failed``. There is no file then.
        OSError: the database cannot be reached.
    """
    connection = await asyncpg.connect(
        database_url,
        timeout=CONNECT_TIMEOUT_S,
        server_settings={
            "application_name": APPLICATION,
            "statement_timeout": "0",
            "idle_in_transaction_session_timeout": "0",
            "timezone": "UTC",
        },
    )
    try:
        with new_archive(path) as archive:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                manifest = await _write(connection, archive, version, key_check, progress)
            archive.finish(manifest)
        return manifest
    except asyncpg.PostgresError as error:
        raise BackupError("database_failed", str(error)) from error
    finally:
        with suppress(OSError, asyncpg.PostgresError, TimeoutError):
            await connection.close(timeout=CONNECT_TIMEOUT_S)


async def _write(
    connection: Any,
    archive: Any,
    version: str,
    key_check: str,
    progress: Callable[[str, int], None],
) -> Manifest:
    # Shared with other backups, never with somebody who migrates.
    if not await connection.fetchval("SELECT pg_try_advisory_xact_lock_shared($1)", ADVISORY_LOCK):
        raise BackupError("migrating", "the database is being migrated: try again")
    backup_at: datetime = await connection.fetchval("SELECT clock_timestamp()")
    try:
        migrations = await connection.fetch(
            f"SELECT name FROM {MIGRATIONS} WHERE app_name = $1 ORDER BY name", APP_NAME
        )
    except asyncpg.UndefinedTableError:
        raise BackupError("not_migrated", "this database holds no Setroom") from None
    tables = []
    for row in await connection.fetch(_TABLES):
        if row["name"] == MIGRATIONS:
            continue
        with archive.table(row["name"]) as written:
            status = await connection.copy_from_table(
                row["name"], columns=row["columns"], output=written.take
            )
        rows = int(status.rpartition(" ")[2])
        tables.append(
            TableEntry(row["name"], list(row["columns"]), rows, written.size, written.sha256)
        )
        progress(row["name"], rows)
    sequences = []
    for row in await connection.fetch(_SEQUENCES):
        name = row["name"]
        value = await connection.fetchrow(f'SELECT last_value, is_called FROM "{name}"')
        sequences.append(SequenceEntry(name, value["last_value"], value["is_called"]))
    return Manifest(
        format=FORMAT,
        version=version,
        backup_at=backup_at,
        postgres=await connection.fetchval("SHOW server_version"),
        migrations=[row["name"] for row in migrations],
        key_check=key_check,
        tables=tables,
        sequences=sequences,
    )

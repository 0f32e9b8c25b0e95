"""Migrations: any number of nodes at once, and the tables say what the database has."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from storage import migrate as migrating
from storage.migrate import MigrationError, migrate, pending
from storage.tables import ALL_TABLES, AUTO_TABLES

COLUMNS = """
SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS required
  FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped
"""


async def test_two_nodes_that_migrate_at_once_do_it_once(empty_database_url: str) -> None:
    waiting = await pending(empty_database_url)
    told: list[str] = []
    results = await asyncio.gather(
        *(migrate(empty_database_url, told.append) for _ in range(3)),
    )
    assert sorted(results, key=len) == [(), (), waiting]
    assert len(told) == len(waiting)
    assert await pending(empty_database_url) == ()


async def test_a_table_that_stays_locked_is_an_error_and_nothing_is_half_done(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "ATTEMPTS_MAX", 1)
    monkeypatch.setattr(migrating, "LOCK_TIMEOUT_S", 0.05)
    await migrate(empty_database_url)
    connection = await asyncpg.connect(empty_database_url)
    last = migrating._modules()[3].ID  # widens a check: may be applied twice
    await connection.execute("DELETE FROM migration WHERE name = $1", last)
    async with connection.transaction():
        await connection.execute("LOCK TABLE migration IN SHARE MODE")
        with pytest.raises(MigrationError, match="locked"):
            await migrate(empty_database_url)
    await connection.close()
    assert await pending(empty_database_url) == (last,)
    assert await migrate(empty_database_url) == (last,)


async def test_a_deadlock_with_a_running_node_is_tried_again(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = migrating._modules()[0]
    forwards, deadlocks = module.forwards, iter([asyncpg.DeadlockDetectedError("deadlock")])

    async def unlucky_once() -> Any:
        for deadlock in deadlocks:
            raise deadlock
        return await forwards()

    monkeypatch.setattr(module, "forwards", unlucky_once)
    waiting = await pending(empty_database_url)
    assert await migrate(empty_database_url) == waiting


async def test_an_old_server_is_refused(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "POSTGRES_VERSION_MIN", 190_000)
    with pytest.raises(MigrationError, match="PostgreSQL 18 or later"):
        await migrate(empty_database_url)


@pytest.mark.parametrize("table", ALL_TABLES, ids=lambda table: table._meta.tablename)
async def test_a_table_class_has_the_columns_that_its_table_has(
    database_url: str, table: Any
) -> None:
    connection = await asyncpg.connect(database_url)
    stored = {row["name"]: row for row in await connection.fetch(COLUMNS, table._meta.tablename)}
    await connection.close()
    described = {column._meta.db_column_name: column for column in table._meta.columns}
    assert described.keys() == stored.keys()
    for name, column in described.items():
        assert _type_of(column) == stored[name]["type"], name
        assert column._meta.null is not stored[name]["required"], name


def _type_of(column: Any) -> str:
    kind = str(column.column_type).lower()
    for short, long in (("varchar", "character varying"), ("timestamptz", TIMESTAMPTZ)):
        kind = kind.replace(short, long)
    return kind


TIMESTAMPTZ = "timestamp with time zone"


async def test_every_foreign_key_has_an_index_to_find_its_rows_by(database_url: str) -> None:
    """Without one, deleting or changing the referenced row reads the whole table."""
    query = """
    SELECT c.conrelid::regclass::text || '.' || a.attname FROM pg_constraint c
      JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
     WHERE c.contype = 'f' AND NOT EXISTS (
           SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])
    """
    connection = await asyncpg.connect(database_url)
    without = {row[0] for row in await connection.fetch(query)}
    await connection.close()
    assert without == set()


async def test_the_next_migration_would_have_nothing_to_add() -> None:
    """Whoever changes a table class writes the migration as well."""
    from piccolo.apps.migrations.auto import DiffableTable, SchemaDiffer, SchemaSnapshot

    managers = [await module.forwards() for module in migrating._modules()]
    differ = SchemaDiffer(
        schema=[
            DiffableTable(
                class_name=table.__name__,
                tablename=table._meta.tablename,
                columns=table._meta.non_default_columns,
                constraints=table._meta.constraints,
                schema=table._meta.schema,
            )
            for table in AUTO_TABLES
        ],
        schema_snapshot=SchemaSnapshot(managers).get_snapshot(),
    )
    statements = [line for part in differ.get_alter_statements() for line in part.statements]
    assert statements == []

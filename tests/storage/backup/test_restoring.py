"""A backup is of one moment; what brings it back does so whole, or not at all."""

from __future__ import annotations

import asyncio
import shutil
import stat
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from storage.backup.archive import MANIFEST, Manifest, open_archive
from storage.backup.dumping import dump
from storage.backup.errors import BackupError
from storage.backup.restoring import ADVISORY_LOCK as RESTORE_LOCK
from storage.backup.restoring import COMING, restore
from storage.migrate import ADVISORY_LOCK, known_migrations, pending
from tests.patience import PATIENT_S

KEY = "0123456789abcdef"
PEOPLE = 300


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Any]:
    """A database with people, songs and bytes that are awkward as text."""
    opened = await asyncpg.connect(database_url)
    await opened.execute(
        """
        INSERT INTO accounts (id, kind, role, display_name)
        SELECT uuidv7(), 'guest', 'fan', E'Tab\\there \\\\ and "there" №' || n
          FROM generate_series(1, $1::int) n
        """.replace("$1::int", str(PEOPLE))
    )
    await opened.execute(
        """
        INSERT INTO sessions (id, account_id, token_hash, expires_at)
        SELECT uuidv7(), id, decode(md5(id::text) || md5(id::text || 'x'), 'hex'),
               now() + interval '60 days' FROM accounts
        """
    )
    await opened.execute("SELECT setval('sandbox_message_versions', 41)")
    yield opened
    await opened.close()


async def _dumped(database_url: str, folder: Path, name: str = "one") -> Path:
    path = folder / f"{name}.setroom"
    await dump(database_url, path, version="1", key_check=KEY)
    return path


async def _rows(url: str, query: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def _is_untouched(connection: Any) -> None:
    """Everybody is still there, and nothing of the attempt."""
    assert await connection.fetchval("SELECT count(*) FROM accounts") == PEOPLE
    there = "SELECT count(*) FROM pg_namespace WHERE nspname = $1"
    assert await connection.fetchval(there, COMING) == 0


def _rewritten(
    path: Path, to: Path, *, manifest: Any = None, member: tuple[str, Any] | None = None
) -> Path:
    """A copy with another manifest, or with another content of one table."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(to, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == MANIFEST and manifest is not None:
                data = msgspec.json.encode(manifest(msgspec.json.decode(data, type=Manifest)))
            if member is not None and name == member[0]:
                data = member[1](data)
            target.writestr(name, data)
    return to


async def test_every_row_comes_back_and_the_database_is_complete(
    connection: Any, database_url: str, empty_database_url: str, tmp_path: Path
) -> None:
    path = await _dumped(database_url, tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    done = await restore(empty_database_url, path, key_check=KEY)
    assert done.manifest.rows >= 2 * PEOPLE
    for query in (
        "SELECT id, kind, role, display_name, created_at FROM accounts ORDER BY id",
        "SELECT id, account_id, expires_at FROM sessions ORDER BY id",
    ):
        assert await _rows(empty_database_url, query) == await _rows(database_url, query)
    described = """
        SELECT c.relname, c.relkind FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
         ORDER BY 1, 2"""
    assert await _rows(empty_database_url, described) == await _rows(database_url, described)
    promised = """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated
          FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2"""
    assert await _rows(empty_database_url, promised) == await _rows(database_url, promised)
    living = """
        SELECT tgrelid::regclass::text, tgname, tgenabled::text FROM pg_trigger
         WHERE NOT tgisinternal ORDER BY 1, 2"""
    assert await _rows(empty_database_url, living) == await _rows(database_url, living)
    assert await _rows(empty_database_url, "SELECT nextval('sandbox_message_versions')") == [(42,)]
    assert await pending(empty_database_url) == ()


async def test_a_backup_is_of_one_moment_whatever_is_written_meanwhile(
    connection: Any, database_url: str, tmp_path: Path
) -> None:
    writing = asyncio.Event()

    async def write() -> None:
        writer = await asyncpg.connect(database_url)
        try:
            while True:  # an account and its session at once, always
                async with writer.transaction():
                    account = await writer.fetchval(
                        "INSERT INTO accounts (id, kind, role, display_name)"
                        " VALUES (uuidv7(), 'guest', 'fan', 'late') RETURNING id"
                    )
                    await writer.execute(
                        "INSERT INTO sessions (id, account_id, token_hash, expires_at)"
                        " VALUES (uuidv7(), $1, uuid_send(uuidv7()), now() + interval '1 day')",
                        account,
                    )
                writing.set()
        finally:
            await writer.close()

    task = asyncio.create_task(write())
    await asyncio.wait_for(writing.wait(), PATIENT_S)
    path = await _dumped(database_url, tmp_path)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    with open_archive(path) as archive:
        archive.verify()
        rows = {table.name: table.rows for table in archive.manifest.tables}
    assert rows["accounts"] == rows["sessions"] > PEOPLE


async def test_what_is_in_use_is_given_up_only_on_demand_and_all_at_once(
    connection: Any, database_url: str, tmp_path: Path
) -> None:
    path = await _dumped(database_url, tmp_path)
    await connection.execute("UPDATE accounts SET display_name = 'changed since'")
    epoch = await connection.fetchval("SELECT 'rooms'::regclass::oid")
    with pytest.raises(BackupError) as refused:
        await restore(database_url, path, key_check=KEY)
    assert refused.value.code == "not_empty"
    await _is_untouched(connection)
    await restore(database_url, path, key_check=KEY, replace=True)
    again = await asyncpg.connect(database_url)
    try:
        assert not await again.fetchval(
            "SELECT count(*) FROM accounts WHERE display_name = 'changed since'"
        )
        assert await again.fetchval("SELECT 'rooms'::regclass::oid") != epoch
        await _is_untouched(again)
    finally:
        await again.close()


async def test_one_restore_at_a_time_and_the_second_one_touches_nothing(
    connection: Any, database_url: str, tmp_path: Path
) -> None:
    path = await _dumped(database_url, tmp_path)
    second: list[BaseException | None] = []

    def meanwhile(table: str, rows: int) -> None:
        if not tasks:
            tasks.append(asyncio.create_task(try_too()))

    async def try_too() -> None:
        with pytest.raises(BackupError) as refused:
            await restore(database_url, path, key_check=KEY, replace=True)
        second.append(refused.value)

    tasks: list[asyncio.Task[None]] = []
    await restore(database_url, path, key_check=KEY, replace=True, progress=meanwhile)
    await asyncio.wait_for(asyncio.gather(*tasks), PATIENT_S)
    assert [error.code for error in second if isinstance(error, BackupError)] == ["restore_running"]
    again = await asyncpg.connect(database_url)
    try:
        await _is_untouched(again)
        # Let go of with its end.
        assert await again.fetchval("SELECT pg_try_advisory_lock($1)", RESTORE_LOCK)
    finally:
        await again.close()


async def test_what_other_roles_may_do_they_may_do_afterwards(
    connection: Any, database_url: str, tmp_path: Path
) -> None:
    path = await _dumped(database_url, tmp_path)
    await connection.execute(
        """
        CREATE VIEW names AS SELECT display_name FROM accounts;
        ALTER TABLE shows ADD COLUMN ours int;
        GRANT SELECT ON accounts TO pg_monitor WITH GRANT OPTION;
        GRANT INSERT, SELECT ON sessions TO pg_signal_backend;
        GRANT UPDATE (title), SELECT (id) ON shows TO pg_monitor;
        GRANT SELECT (ours) ON shows TO pg_monitor;
        GRANT USAGE ON SEQUENCE sandbox_message_versions TO PUBLIC;
        GRANT SELECT ON names TO pg_monitor
        """
    )
    granted = """
        SELECT c.relname, NULL, g.grantee::regrole::text, g.privilege_type, g.is_grantable
          FROM pg_class c CROSS JOIN aclexplode(c.relacl) g
         WHERE c.relnamespace = 'public'::regnamespace AND g.grantee <> c.relowner
           AND c.relname <> 'names'
         UNION ALL
        SELECT c.relname, a.attname, g.grantee::regrole::text, g.privilege_type, g.is_grantable
          FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         CROSS JOIN aclexplode(a.attacl) g
         WHERE c.relnamespace = 'public'::regnamespace AND a.attname <> 'ours'
         ORDER BY 1, 2, 3, 4"""
    before = await _rows(database_url, granted)
    assert len(before) == 6
    done = await restore(database_url, path, key_check=KEY, replace=True)
    assert await _rows(database_url, granted) == before
    assert done.gone == (
        "names",
        "GRANT SELECT (ours) ON TABLE public.shows TO pg_monitor",
        "GRANT SELECT ON TABLE public.names TO pg_monitor",
    )


async def test_a_file_that_is_not_whole_or_not_ours_changes_nothing(
    connection: Any, database_url: str, tmp_path: Path
) -> None:
    path = await _dumped(database_url, tmp_path)
    whole = path.read_bytes()
    cut = tmp_path / "cut"
    cut.write_bytes(whole[: len(whole) // 2])
    flipped = tmp_path / "flipped"
    with open_archive(path) as archive:
        (accounts,) = [t for t in archive.manifest.tables if t.name == "accounts"]
    broken = {
        "no_such_file": tmp_path / "nowhere",
        "not_a_backup": cut,
        "damaged": _rewritten(path, flipped, member=(accounts.member, lambda data: data[:-40])),
        "backup_newer": _rewritten(
            path,
            tmp_path / "newer",
            manifest=lambda found: msgspec.structs.replace(found, migrations=["2100-01-01"]),
        ),
    }
    for code, file in broken.items():
        with pytest.raises(BackupError) as refused:
            await restore(database_url, file, key_check=KEY, replace=True)
        assert refused.value.code == code, file
    with pytest.raises(BackupError) as refused:
        await restore(database_url, path, key_check="another", replace=True)
    assert refused.value.code == "other_key"
    await _is_untouched(connection)


async def test_a_restore_that_breaks_in_the_middle_leaves_everything_as_it_was(
    connection: Any, database_url: str, tmp_path: Path
) -> None:
    path = await _dumped(database_url, tmp_path)

    def without_people(found: Manifest) -> Manifest:
        kept = [table for table in found.tables if table.name != "accounts"]
        return msgspec.structs.replace(found, tables=kept)

    orphaned = _rewritten(path, tmp_path / "orphaned", manifest=without_people)
    with pytest.raises(BackupError) as refused:
        await restore(database_url, orphaned, key_check=KEY, replace=True)
    assert refused.value.code == "database_failed"
    assert "ForeignKeyViolation" in refused.value.detail
    await _is_untouched(connection)


async def test_a_backup_of_an_earlier_version_is_brought_up_to_date(
    connection: Any, database_url: str, empty_database_url: str, tmp_path: Path
) -> None:
    latest = max(known_migrations())
    path = await _dumped(database_url, tmp_path)

    def earlier(found: Manifest) -> Manifest:
        return msgspec.structs.replace(
            found,
            migrations=[one for one in found.migrations if one != latest],
            tables=[table for table in found.tables if table.rows or table.name != "restores"],
        )

    old = _rewritten(path, tmp_path / "old", manifest=earlier)
    await restore(empty_database_url, old, key_check=KEY)
    assert await pending(empty_database_url) == ()
    assert await _rows(empty_database_url, "SELECT count(*) FROM accounts") == [(PEOPLE,)]


async def test_a_backup_never_replaces_a_file_and_leaves_none_behind_when_it_fails(
    connection: Any, database_url: str, tmp_path: Path
) -> None:
    path = await _dumped(database_url, tmp_path)
    with pytest.raises(BackupError) as refused:
        await dump(database_url, path, version="1", key_check=KEY)
    assert refused.value.code == "file_exists"
    await connection.execute("SELECT pg_advisory_lock($1)", ADVISORY_LOCK)
    with pytest.raises(BackupError) as refused:
        await _dumped(database_url, tmp_path, "two")
    assert refused.value.code == "migrating"
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    shutil.rmtree(tmp_path)
    with pytest.raises(BackupError) as refused:
        await _dumped(database_url, tmp_path, "three")
    assert refused.value.code == "file_unwritable"

"""One pool for everybody: adapters take connections from it, Piccolo's tables borrow it."""

from __future__ import annotations

import asyncpg
import pytest

from storage.database import CONNECTION_AGE_MAX_S, open_database, open_pool
from storage.engine import ENGINE, DatabaseNotOpen
from storage.tables import Artist


async def test_tables_are_queried_on_the_open_database(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A node of another test may still be open in this process.
    monkeypatch.setattr(ENGINE, "_pools", [])
    monkeypatch.setattr(ENGINE, "pool", None)
    with pytest.raises(DatabaseNotOpen):
        await Artist.count()
    database = await open_database(database_url, connections_max=2)
    await Artist.insert(Artist(name="A", normalised_name="a"))
    assert await Artist.select(Artist.name).where(Artist.normalised_name == "a") == [{"name": "A"}]
    other = await open_database(database_url, connections_max=2)
    await other.close()
    assert await Artist.count() == 1  # the first one is still there to be queried
    await database.close()
    with pytest.raises(DatabaseNotOpen):
        await Artist.count()


async def test_no_statement_and_no_transaction_goes_on_for_ever(database_url: str) -> None:
    database = await open_database(database_url, connections_max=1)
    for setting in (
        "statement_timeout",
        "lock_timeout",
        "idle_in_transaction_session_timeout",
    ):
        assert await database.pool.fetchval("SELECT current_setting($1)", setting) != "0"
    await database.close()


async def test_a_connection_comes_back_without_the_transaction_it_was_left_in(
    database_url: str,
) -> None:
    database = await open_database(database_url, connections_max=1)
    connection = await database.pool.acquire()
    await connection.execute("BEGIN; CREATE TABLE left_behind (id int)")
    await database.pool.release(connection)
    with pytest.raises(asyncpg.UndefinedTableError):
        await database.pool.execute("SELECT FROM left_behind")
    await database.close()


async def test_a_connection_is_replaced_when_it_has_served_long_enough(database_url: str) -> None:
    """What PostgreSQL keeps for a connection only grows while it lasts."""
    pools = [
        await open_pool(database_url, connections_max=1, age_max_s=age_max_s)
        for age_max_s in (0.0, CONNECTION_AGE_MAX_S)
    ]
    replaced, kept = [
        {await pool.fetchval("SELECT pg_backend_pid()") for _ in range(3)} for pool in pools
    ]
    assert len(replaced) == 3
    assert len(kept) == 1
    for pool in pools:
        await pool.close()


async def test_an_old_connection_is_not_cut_off_in_the_middle(database_url: str) -> None:
    pool = await open_pool(database_url, connections_max=1, age_max_s=0.0)
    async with pool.acquire() as connection:
        async with connection.transaction():
            first = await connection.fetchval("SELECT pg_backend_pid()")
        assert await connection.fetchval("SELECT pg_backend_pid()") == first
    assert await pool.fetchval("SELECT pg_backend_pid()") != first
    await pool.close()

"""One pool for everybody: adapters take connections from it, Piccolo's tables borrow it."""

from __future__ import annotations

import asyncpg
import pytest

from storage.database import open_database
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

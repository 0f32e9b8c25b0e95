"""The shipped archives: loaded once, with what was learnt of them."""

from __future__ import annotations

from pathlib import Path

import asyncpg

from jobs.archive.packaged import PackagedArchive
from server.cli.history import in_quarters, load_shipped
from server.settings import read_settings


async def test_a_shipped_archive_is_loaded_once_with_its_model(
    database_url: str, redis_url: str, data_dir: Path
) -> None:
    settings = read_settings(
        {
            "SETROOM_DATABASE_URL": database_url,
            "SETROOM_REDIS_URL": redis_url,
            "SETROOM_SECRET_KEY": "k" * 64,
            "SETROOM_DATA_DIR": str(data_dir),
        }
    )
    said: list[str] = []
    progress = in_quarters(said.append, PackagedArchive.GRATEFUL_DEAD)
    written = await load_shipped(settings, PackagedArchive.GRATEFUL_DEAD, progress)
    assert written is not None
    assert (written.shows_new, written.performances_new) == (2358, 39774)
    assert len(said) == 5
    again = await load_shipped(settings, PackagedArchive.GRATEFUL_DEAD, progress)
    assert again is None
    connection = await asyncpg.connect(database_url)
    try:
        assert await connection.fetchval("SELECT count(*) FROM performances") == 39774
        assert await connection.fetchval("SELECT count(*) FROM suggestion_models") == 1
    finally:
        await connection.close()

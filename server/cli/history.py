"""The archives that Setroom ships, into the database: shows, songs, and the model learnt of them.

The demo's night comes from the first of them. What is loaded already is passed over at once.
"""

from collections.abc import Callable

from jobs.archive.packaged import PackagedArchive
from rooms.catalogue.ports import LoadReport, Progress
from server.settings import Settings

DEMO_ARCHIVE = PackagedArchive.GRATEFUL_DEAD
"""Holds the night that the demo replays, so it comes first."""

OTHER_ARCHIVES = tuple(name for name in PackagedArchive if name is not DEMO_ARCHIVE)

COUNT = "SELECT count(*) FROM shows WHERE source = $1"


async def load_shipped(
    settings: Settings, name: PackagedArchive, progress: Progress
) -> LoadReport | None:
    """Loads one shipped archive and its model; None if all of its shows are there already.

    Raises:
        OSError, asyncpg.PostgresError: the database cannot be reached.
    """
    from jobs.archive.load import load_read
    from jobs.archive.packaged import read_packaged
    from jobs.suggestions.packaged import packaged_model
    from storage.catalogue.archives import PostgresArchives
    from storage.database import open_database
    from storage.suggestions.models import PostgresSuggestionModels

    database = await open_database(
        settings.database_url.reveal(), application_name="setroom archive", connections_max=2
    )
    try:
        archive = read_packaged(name)
        present = await database.pool.fetchval(COUNT, archive.source)
        if present >= len(archive.shows):
            return None
        loaded = await load_read(archive, PostgresArchives(database.pool), progress)
        await PostgresSuggestionModels(database.pool).save(packaged_model(name, archive))
        return loaded.written
    finally:
        await database.close()


def in_quarters(say: Callable[[str], None], name: PackagedArchive) -> Progress:
    """A progress that says something four times instead of a thousand."""
    title = name.value.replace("-", " ").title()
    said = -1

    def progress(done: int, total: int) -> None:
        nonlocal said
        quarter = done * 4 // total if total else 4
        if quarter > said:
            said = quarter
            say(f"loading the nights of {title}: {done} of {total} shows")

    return progress

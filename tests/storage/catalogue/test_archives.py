"""Archives in the database: whole, without duplicates, and what suggestions learn from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from msgspec.structs import replace

from jobs.archive.packaged import PackagedArchive, read_packaged
from jobs.suggestions.history import past_shows
from rooms.catalogue.archive import Archive
from rooms.suggestions.ports import StoredModel
from storage.catalogue.archives import PostgresArchives
from storage.database import Database, open_database
from storage.suggestions.history import PostgresShowHistory
from storage.suggestions.models import PostgresSuggestionModels

SHOWS = 300


@pytest.fixture(scope="module", params=list(PackagedArchive))
def archive(request: pytest.FixtureRequest) -> Archive:
    """The first shows of a real archive."""
    whole = read_packaged(request.param)
    return replace(whole, shows=whole.shows[:SHOWS])


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(database_url, connections_max=3)
    yield opened
    await opened.close()


@dataclass
class Counts:
    shows: int
    performances: int
    line_up: int


async def counts(database: Database) -> Counts:
    row = await database.pool.fetchrow(
        "SELECT (SELECT count(*) FROM shows) AS shows,"
        " (SELECT count(*) FROM performances) AS performances,"
        " (SELECT count(*) FROM line_up) AS line_up"
    )
    return Counts(**dict(row))


async def test_a_load_writes_everything_and_the_next_one_nothing(
    database: Database, archive: Archive
) -> None:
    steps: list[tuple[int, int]] = []
    first = await PostgresArchives(database.pool).load(
        archive, lambda done, total: steps.append((done, total))
    )
    written = await counts(database)
    assert (first.shows_new, first.performances_new) == (SHOWS, archive.performances)
    assert written == Counts(SHOWS, archive.performances, SHOWS)
    assert steps[0] == (0, SHOWS)
    assert steps[-1] == (SHOWS, SHOWS)

    again = await PostgresArchives(database.pool).load(archive, lambda done, total: None)

    assert (again.shows, again.performances) == (first.shows, first.performances)
    assert [again.shows_new, again.performances_new, again.songs_new] == [0, 0, 0]
    assert [again.venues_new, again.tours_new, again.artists_new] == [0, 0, 0]
    assert await counts(database) == written


async def test_what_was_interrupted_is_completed(database: Database, archive: Archive) -> None:
    def interrupt(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await PostgresArchives(database.pool).load(archive, interrupt)
    assert 0 < (await counts(database)).shows < SHOWS
    await PostgresArchives(database.pool).load(archive, lambda done, total: None)
    assert await counts(database) == Counts(SHOWS, archive.performances, SHOWS)


async def test_a_slug_that_is_taken_is_left_to_its_owner(
    database: Database, archive: Archive
) -> None:
    taken = archive.shows[0].slug
    await database.pool.execute(
        "INSERT INTO shows (slug, title, starts_at, source_id) VALUES ($1, 'Mine', now(), 'mine')",
        taken,
    )
    await PostgresArchives(database.pool).load(archive, lambda done, total: None)
    titles = await database.pool.fetch("SELECT title FROM shows WHERE slug = $1", taken)
    assert [row["title"] for row in titles] == ["Mine"]
    assert (await counts(database)).shows == SHOWS + 1


async def test_history_is_what_the_archive_says(database: Database, archive: Archive) -> None:
    await PostgresArchives(database.pool).load(archive, lambda done, total: None)
    history = await PostgresShowHistory(database.pool).past_shows(archive.artist.artist_id)
    assert sorted(map(repr, history)) == sorted(map(repr, past_shows(archive)))


async def test_only_a_newer_model_replaces_a_model(database: Database, archive: Archive) -> None:
    models = PostgresSuggestionModels(database.pool)
    artist_id = archive.artist.artist_id
    await PostgresArchives(database.pool).load(replace(archive, shows=()), lambda done, total: None)
    trained_at = datetime(2026, 11, 21, tzinfo=UTC)
    model = StoredModel(artist_id, 1, trained_at, SHOWS, b"first")
    await models.save(model)
    await models.save(replace(model, payload=b"older", trained_at=trained_at - timedelta(days=1)))
    assert await models.find(artist_id) == model
    newer = replace(model, payload=b"newer", trained_at=trained_at + timedelta(days=1))
    await models.save(newer)
    assert await models.find(artist_id) == newer
    assert await models.find(uuid4()) is None

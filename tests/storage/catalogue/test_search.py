"""Search, places and readings of the catalogue, on real nights."""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib import resources
from itertools import pairwise

import pytest
import pytest_asyncio
from msgspec.structs import replace

from jobs.archive.packaged import PackagedArchive, read_packaged
from rooms.catalogue.distances import Near
from rooms.catalogue.records import Found, Kind
from rooms.shows.records import ShowFilter
from storage.catalogue.archives import PostgresArchives
from storage.catalogue.artists import PostgresArtists
from storage.catalogue.cities import FILE, packaged_gazetteer
from storage.catalogue.located_venues import PostgresVenues
from storage.catalogue.nearby import NearbyShows
from storage.catalogue.search import PostgresSearch
from storage.catalogue.song_pasts import PostgresSongPasts
from storage.database import Database, open_database

ALL = tuple(Kind)


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A few hundred nights around the one at Barton Hall."""
    opened = await open_database(database_url, connections_max=4)
    whole = read_packaged(PackagedArchive.GRATEFUL_DEAD)
    nights = tuple(show for show in whole.shows if 1976 <= show.date.year <= 1978)
    archive = replace(whole, shows=nights)
    await PostgresArchives(opened.pool).load(archive, lambda done, total: None)
    await level(opened)
    yield opened
    await opened.close()


async def level(database: Database) -> None:
    while await PostgresSearch(database.pool).refresh():
        pass


async def found(database: Database, text: str, *kinds: Kind) -> list[Found]:
    return await PostgresSearch(database.pool).search(text, kinds or ALL, 20)


async def add_show(database: Database, title: str, status: str, access: str) -> str:
    """A show with an artist and a venue that nobody else has."""
    show_id: str = await database.pool.fetchval(
        """
        WITH m AS (INSERT INTO accounts (kind, display_name) VALUES ('guest', 'Me') RETURNING id),
             v AS (INSERT INTO venues (name, city, country)
                   VALUES ('Cellar of ' || $1, 'Ithaca', 'US') RETURNING id),
             a AS (INSERT INTO artists (name, normalised_name)
                   VALUES ('Band of ' || $1, lower('Band of ' || $1)) RETURNING id),
             s AS (INSERT INTO shows (slug, title, status, access, starts_at, venue_id, owner_id)
                   SELECT 'a-' || lower($1), $1, $2, $3, '2027-01-01T20:00:00Z', v.id, m.id
                     FROM v, m RETURNING id),
             l AS (INSERT INTO line_up (show_id, artist_id) SELECT s.id, a.id FROM s, a)
        SELECT id FROM s
        """,
        title,
        status,
        access,
    )
    return str(show_id)


async def test_what_is_meant_comes_first(database: Database) -> None:
    for typed, kind, name in (
        ("grateful dead", Kind.ARTIST, "Grateful Dead"),
        ("gratful ded", Kind.ARTIST, "Grateful Dead"),
        ("GRÁTEFUL", Kind.ARTIST, "Grateful Dead"),
        ("barton hall", Kind.VENUE, "Barton Hall, Cornell University"),
        ("baton hall", Kind.VENUE, "Barton Hall, Cornell University"),
        ("scarlet begonias", Kind.SONG, "Scarlet Begonias"),
        ("scarlett begonia", Kind.SONG, "Scarlet Begonias"),
        ("fire on the", Kind.SONG, "Fire On The Mountain"),
    ):
        first = (await found(database, typed))[0]
        assert (first.kind, first.name) == (kind, name), typed


async def test_a_show_is_found_by_its_day_and_by_words_in_any_order(database: Database) -> None:
    for typed in ("1977-05-08", "ithaca 1977", "1977 barton dead"):
        shows = await found(database, typed, Kind.SHOW)
        assert shows[0].slug == "grateful-dead-1977-05-08", typed


async def test_pages_are_the_whole_list_without_repetition(database: Database) -> None:
    search = PostgresSearch(database.pool)
    whole = await search.search("hall", ALL, 60)
    paged: list[Found] = []
    after = None
    while page := await search.search("hall", ALL, 7, after):
        paged += page
        after = (page[-1].score, page[-1].kind.value, page[-1].id)
        if len(paged) >= 60:
            break
    assert [one.id for one in paged[:60]] == [one.id for one in whole]
    assert len({one.id for one in whole}) == len(whole)


@pytest.mark.parametrize("typed", ["", "   ", "%%%", "'; DROP TABLE shows; --", "\\", "…", "_"])
async def test_signs_are_no_query_and_no_error(database: Database, typed: str) -> None:
    for one in await found(database, typed):
        assert one.name


async def test_titles_in_other_scripts_are_found(database: Database) -> None:
    artist = await database.pool.fetchval("SELECT id FROM artists LIMIT 1")
    for title in ("夜に駆ける", "Ночь", "Ça ira"):
        await database.pool.execute(
            "INSERT INTO songs (artist_id, title, normalised_title, source_id) "
            "VALUES ($1, $2::text, lower($2::text), 'test:' || $2::text)",
            artist,
            title,
        )
    await level(database)
    for typed, title in (
        ("夜に", "夜に駆ける"),
        ("駆ける", "夜に駆ける"),
        ("夜", "夜に駆ける"),
        ("ночь", "Ночь"),
        ("ca ira", "Ça ira"),
    ):
        assert title in [one.name for one in await found(database, typed, Kind.SONG)], typed


async def test_drafts_and_private_shows_and_what_only_they_name_are_never_found(
    database: Database,
) -> None:
    await add_show(database, "Secretdraft", "draft", "public")
    await add_show(database, "Secretcircle", "live", "private")
    await level(database)
    assert await found(database, "secretdraft") == []
    assert await found(database, "secretcircle") == []
    assert await found(database, "secret") == []


async def test_a_show_that_becomes_private_is_gone_at_once(database: Database) -> None:
    show_id = await add_show(database, "Openhouse", "published", "public")
    await level(database)
    assert {one.kind for one in await found(database, "openhouse")} == {
        Kind.SHOW,
        Kind.ARTIST,
        Kind.VENUE,
    }
    await database.pool.execute("UPDATE shows SET access = 'private' WHERE id = $1", show_id)
    assert Kind.SHOW not in {one.kind for one in await found(database, "openhouse")}
    await level(database)
    assert await found(database, "openhouse") == []


async def test_a_new_name_is_found_and_the_old_one_is_not(database: Database) -> None:
    await database.pool.execute("UPDATE artists SET name = 'Warlocks' WHERE name LIKE 'Grateful%'")
    await level(database)
    assert (await found(database, "warlocks"))[0].kind is Kind.ARTIST
    assert Kind.ARTIST not in {one.kind for one in await found(database, "grateful dead")}


async def test_two_refreshes_at_once_disturb_nobody(database: Database) -> None:
    await database.pool.execute("UPDATE shows SET updated_at = now()")
    async with database.pool.acquire() as other, other.transaction():
        assert await other.fetchval("SELECT refresh_search(10)") == 10
        assert await PostgresSearch(database.pool).refresh() == 0
    await level(database)
    assert await database.pool.fetchval("SELECT count(*) FROM search_pending") == 0


async def test_an_id_is_found_by_its_end(database: Database) -> None:
    search = PostgresSearch(database.pool)
    artist = (await found(database, "grateful dead", Kind.ARTIST))[0]
    assert [one.id for one in await search.by_short_id(Kind.ARTIST, artist.id[-12:])] == [artist.id]
    assert await search.by_short_id(Kind.SONG, artist.id[-12:]) == []
    assert await search.by_id(Kind.VENUE, artist.id) is None


async def test_venues_of_an_archive_have_their_places(database: Database) -> None:
    located, venues = await database.pool.fetchrow(
        "SELECT count(lat), count(*) FROM venues WHERE city IS NOT NULL"
    )
    assert located >= 0.9 * venues
    lat = await database.pool.fetchval("SELECT lat FROM venues WHERE name LIKE 'Barton Hall%'")
    assert lat == pytest.approx(42.44, abs=0.05)


async def test_venues_that_are_older_than_the_gazetteer_are_located_in_portions(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.catalogue.located_venues.VENUES_PER_PORTION", 7)
    before = await database.pool.fetch("SELECT id, lat, lon FROM venues ORDER BY id")
    await database.pool.execute("UPDATE venues SET lat = NULL, lon = NULL")
    located = await PostgresVenues(database.pool).locate()
    assert located == sum(row["lat"] is not None for row in before)
    assert await database.pool.fetch("SELECT id, lat, lon FROM venues ORDER BY id") == before
    assert await PostgresVenues(database.pool).locate() == 0


async def test_shows_near_a_place_live_and_coming_ones_first(database: Database) -> None:
    for title, status in (("Livehere", "live"), ("Soonhere", "published"), ("Mine", "draft")):
        show_id = await add_show(database, title, status, "public")
        await database.pool.execute(
            "UPDATE venues SET lat = 42.9, lon = -76.5 "
            "WHERE id = (SELECT venue_id FROM shows WHERE id = $1)",
            show_id,
        )
    nearby = NearbyShows(database.pool)
    near = Near(42.44, -76.5, 150)
    shows = await nearby.find(near, ShowFilter(limit=50), 0)
    assert [show.title for show, _ in shows[:2]] == ["Livehere", "Soonhere"]
    assert shows[2][0].slug == "grateful-dead-1977-05-08"
    assert all(km <= 150 for _, km in shows)
    over = [km for show, km in shows[2:]]
    assert over == sorted(over)
    assert await nearby.find(near, ShowFilter(limit=3), 2) == shows[2:5]
    assert await nearby.find(Near(-42.0, 100.0, 100), ShowFilter(limit=5), 0) == []


async def test_a_circle_across_the_date_line_finds_both_sides(database: Database) -> None:
    await database.pool.execute("UPDATE venues SET lat = -17, lon = 179.9")
    shows = await NearbyShows(database.pool).find(Near(-17.0, -179.9, 50), ShowFilter(limit=3), 0)
    assert len(shows) == 3
    assert shows[0][1] == pytest.approx(21, abs=1)


async def test_an_artists_and_a_songs_numbers_are_those_of_the_archive(database: Database) -> None:
    whole = read_packaged(PackagedArchive.GRATEFUL_DEAD)
    nights = [show for show in whole.shows if 1976 <= show.date.year <= 1978]
    artist_id = str(whole.artist.artist_id)
    artist = await PostgresArtists(database.pool).read(artist_id)
    assert artist is not None
    assert artist.shows == len(nights)
    years = await PostgresArtists(database.pool).years(artist_id)
    assert [(year.year, year.times) for year in years] == [
        (year, sum(night.date.year == year for night in nights)) for year in (1976, 1977, 1978)
    ]
    song = next(song for song in whole.songs if song.title == "Terrapin Station")
    played = [
        (index, night)
        for index, night in enumerate(one for one in nights if one.performances)
        for performance in night.performances
        if performance.song.song_id == song.song_id
    ]
    pasts = PostgresSongPasts(database.pool)
    recent = await pasts.recent(str(song.song_id), 500)
    assert [one.show.show_id for one in recent] == [
        str(night.show_id) for _, night in reversed(played)
    ]
    gaps = [None] + [later[0] - sooner[0] for sooner, later in pairwise(played)]
    assert [one.gap_shows for one in reversed(recent)] == gaps
    last = recent[4]
    assert last.show.show_id is not None
    position = (last.show.starts_at, last.show.show_id, last.ordinal)
    assert await pasts.recent(str(song.song_id), 500, position) == recent[5:]


def test_the_gazetteer_stays_small_and_says_whose_it_is() -> None:
    data = resources.files("storage.catalogue") / "data"
    assert len((data / FILE).read_bytes()) < 1_000_000
    assert (
        "CC BY 4.0" in (data / "README.md").read_text()
        or "4.0 licence" in (data / "README.md").read_text()
    )
    assert len(packaged_gazetteer()) > 30_000

"""Pages for finding: their addresses, what they say to people and to programs."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from litestar import Litestar

from rooms.catalogue.records import Kind
from server.catalogue.indexing import Indexing
from storage.catalogue.search import PostgresSearch
from tests.server.http import Person, ok
from tests.server.pages.test_pages import BROWSER, Reader, page

BAND = "Discoverers"
NIGHTS = """
WITH a AS (INSERT INTO artists (name, normalised_name, source_id)
           VALUES ($1::text, lower($1::text), 'd:a') RETURNING id),
     v AS (INSERT INTO venues (name, city, state, country, lat, lon)
           VALUES ('Paradiso </script>', 'Ithaca', 'NY', 'US', 42.44, -76.5) RETURNING id),
     t AS (INSERT INTO tours (artist_id, name) SELECT id, 'Spring Tour' FROM a RETURNING id),
     o AS (INSERT INTO songs (artist_id, title, normalised_title, album, source_id)
           SELECT a.id, x, lower(x), 'First Light', 'd:' || x
             FROM a, unnest(ARRAY['Opening Night', 'Second Wind', 'Never Played']) x
           RETURNING id, title),
     s AS (INSERT INTO shows (slug, title, status, starts_at, date, venue_id, tour_id, source,
                              source_id)
           SELECT 'discoverers-' || n, $1::text || ' night ' || n, 'archived',
                  timestamptz '1971-01-01 20:00Z' + n * interval '40 days',
                  date '1971-01-01' + n * 40, v.id, t.id, 'test', 'd:s' || n
             FROM v, t, generate_series(1, 40) n RETURNING id, source_id),
     l AS (INSERT INTO line_up (show_id, artist_id, status) SELECT s.id, a.id, 'accepted' FROM s, a)
INSERT INTO performances (show_id, song_id, ordinal, section, position, segue)
SELECT s.id, o.id, CASE o.title WHEN 'Opening Night' THEN 1 ELSE 2 END, 'set1',
       CASE o.title WHEN 'Opening Night' THEN 1 ELSE 2 END, o.title = 'Opening Night'
  FROM s, o
 WHERE o.title = 'Opening Night' OR (o.title = 'Second Wind' AND s.source_id IN ('d:s1', 'd:s30'))
"""

REQUIRED = {
    "MusicEvent": {"name", "startDate", "url"},
    "MusicGroup": {"name"},
    "MusicVenue": {"name", "address"},
    "EventSeries": {"name", "url", "performer"},
    "MusicComposition": {"name"},
    "MusicRecording": {"name"},
    "MusicAlbum": {"name"},
    "WebSite": {"name", "url", "potentialAction"},
    "SearchAction": {"target", "query-input"},
    "PostalAddress": {"addressLocality"},
}
"""What Google's and schema.org's own validators ask of each type that the pages use."""

Paths = dict[str, str]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def paths(app: Litestar) -> Paths:
    """The addresses of an artist with forty nights, and of what belongs to it."""
    from storage.performances.statistics import count_statistics

    services = app.state.services
    await services.pool.execute(NIGHTS, BAND)
    artist = await services.pool.fetchval("SELECT id FROM artists WHERE name = $1", BAND)
    async with services.pool.acquire() as connection, connection.transaction():
        await count_statistics(connection, [str(artist)])
    await Indexing(PostgresSearch(services.pool)).catch_up()
    wanted = {
        "artists": ("discoverers", "artist"),
        "venues": ("paradiso", "venue"),
        "tours": ("spring tour", "tour"),
        "songs": ("second wind", "song"),
    }
    found = {}
    for folder, (name, kind) in wanted.items():
        page = await services.finding.search(name, (Kind(kind),), 1, None)
        found[folder] = page.items[0].url
    return found | {"shows": "/shows/discoverers-30"}


def things(data: Any) -> list[dict[str, Any]]:
    """Every typed thing in a document."""
    if isinstance(data, list):
        return [thing for one in data for thing in things(one)]
    if not isinstance(data, dict):
        return []
    inner = [thing for value in data.values() for thing in things(value)]
    return [data, *inner] if "@type" in data else inner


def valid(read: Reader, kind: str) -> dict[str, Any]:
    """The page's data, after a look at every thing in it."""
    data: dict[str, Any] = read.data["application/ld+json"]
    assert (data["@context"], data["@type"]) == ("https://schema.org", kind)
    for thing in things(data):
        missing = REQUIRED[thing["@type"]] - thing.keys()
        assert not missing, (thing, missing)
        for name, value in thing.items():
            assert value not in ("", None, []), (thing, name)
        for name in ("url", "image"):
            if name in thing:
                assert thing[name].startswith("http://setroom.test/"), thing
        for name in ("startDate", "endDate"):
            if name in thing:
                assert re.fullmatch(r"\d{4}-\d\d(-\d\d(T.+[+-]\d\d:\d\d)?)?", thing[name]), thing
    return data


@pytest.mark.parametrize(
    ("folder", "kind", "says", "says_in_spanish"),
    [
        ("artists", "MusicGroup", "40 shows", "40 conciertos"),
        ("venues", "MusicVenue", "40 shows", "40 conciertos"),
        ("tours", "EventSeries", "Shows of the tour", "Conciertos de la gira"),
        ("songs", "MusicComposition", "Longest away", "Ausencias más largas"),
        ("shows", "MusicEvent", "Take it with you", "Llévatelo"),
    ],
)
async def test_a_page_speaks_to_people_and_to_programs(
    nobody: Person, paths: Paths, folder: str, kind: str, says: str, says_in_spanish: str
) -> None:
    path = paths[folder]
    read = await page(nobody, path)
    assert says in read.text
    valid(read, kind)
    assert read.metas["og:url"] == f"http://setroom.test{path}"
    assert read.metas["og:title"]
    image = read.metas["og:image"].removeprefix("http://setroom.test")
    card = await nobody.get(image)
    assert (card.status_code, card.headers["content-type"]) == (200, "image/png")
    spanish = await page(nobody, f"{path}?lang=es")
    assert says_in_spanish in spanish.text
    assert spanish.metas["og:image"].endswith("?lang=es")
    raw = (await nobody.client.get(path, headers=BROWSER)).text
    assert f'<link rel="canonical" href="http://setroom.test{path}">' in raw
    assert "style=" not in raw, "the policy forbids styles on elements"


async def test_any_other_name_leads_to_the_one_address(nobody: Person, paths: Paths) -> None:
    for folder in ("artists", "venues", "tours", "songs"):
        path = paths[folder]
        short = path[-12:]
        for other in (f"/{folder}/{short}", f"/{folder}/old-name-{short}"):
            answer = await nobody.client.get(f"{other}?lang=es", headers=BROWSER)
            assert answer.status_code == 301
            assert answer.headers["location"] == f"{path}?lang=es"
        await page(nobody, f"/{folder}/nothing-000000000000", 404)
        await page(nobody, f"/{folder}/nothing", 404)


async def test_lists_are_paged_to_their_end(nobody: Person, paths: Paths) -> None:
    for folder in ("artists", "venues", "tours", "songs"):
        seen: list[str] = []
        at: str | None = paths["songs"] if folder == "songs" else paths[folder]
        while at is not None:
            raw = (await nobody.client.get(at, headers=BROWSER)).text
            seen += re.findall(
                r'href="/shows/(discoverers-\d+)"><span|<h3><a href="/shows/([^"]+)', raw
            )
            following = re.search(r'href="([^"]+)" rel="next"', raw)
            at = following[1] if following else None
            if following:
                assert 'name="robots"' not in raw or "cursor" in raw
        names = ["".join(pair) for pair in seen]
        assert len(names) == len(set(names))
        assert len(names) == (2 if folder == "songs" else 40), folder


async def test_a_songs_page_counts_its_gap(nobody: Person, paths: Paths) -> None:
    read = await page(nobody, paths["songs"])
    assert "Back after 28 shows" in read.text
    assert "1971" in read.text
    story = ok(await nobody.get(f"/api/songs/{await _song_id(nobody)}"))
    assert [one.get("gap_shows") for one in story["recent"]] == [29, None]
    assert story["recent"][0]["before"] == "Opening Night"
    assert story["statistics"]["gap_shows"] == 10


async def _song_id(nobody: Person) -> str:
    found = ok(await nobody.get("/api/search?q=second+wind&kinds=song"))
    return str(found["items"][0]["id"])


async def test_the_first_page_and_search_work_without_a_script(
    nobody: Person, paths: Paths
) -> None:
    home = await page(nobody, "/")
    valid(home, "WebSite")
    found = await page(nobody, "/search?q=discoverers")
    assert BAND in found.text
    only = await page(nobody, "/search?q=discoverers&kinds=venue")
    assert BAND not in only.text.replace("“discoverers”", "")
    hostile = await nobody.client.get("/search?q=%22%3E%3Cscript%3E", headers=BROWSER)
    assert '"><script>' not in hostile.text
    near = await page(nobody, "/near?city=Ithaca")
    assert "Shows near Ithaca" in near.text
    assert BAND in near.text
    assert "There is no city called" in (await page(nobody, "/near?city=Xyzzyq")).text
    await page(nobody, "/near?near=nowhere", 404)
    await page(nobody, "/search?q=a&cursor=nonsense", 404)


async def test_what_only_a_private_show_names_has_no_page(
    app: Litestar, nobody: Person, artist: Person
) -> None:
    show = await artist.live_show(
        title="Hidden night", access="private", artists=[{"name": "Hidden Band"}]
    )
    await Indexing(PostgresSearch(app.state.services.pool)).catch_up()
    artist_id = show["artists"][0]["id"]
    await page(nobody, f"/artists/{artist_id}", 404)
    await page(nobody, f"/artists/hidden-band-{artist_id[-12:]}", 404)
    assert (await nobody.get(f"/artists/x-{artist_id[-12:]}/calendar.ics")).status_code == 404
    assert (await nobody.get(f"/artists/x-{artist_id[-12:]}/card.png")).status_code == 404


async def test_the_years_of_a_chart_are_all_there() -> None:
    from server.catalogue.schemas import YearView
    from server.pages.charts import year_chart

    chart = year_chart([YearView(1970, 4), YearView(1995, 1), YearView(1981, 2)])
    assert chart is not None
    assert [bar.year for bar in chart.bars] == list(range(1970, 1996))
    assert max(bar.height for bar in chart.bars) == chart.bars[0].height
    assert (chart.labels[0].year, chart.labels[-1].year) == (1970, 1995)
    places = [label.x for label in chart.labels]
    assert min(b - a for a, b in itertools.pairwise(places)) > 30
    assert all(0 <= label.x <= chart.width for label in chart.labels)
    assert year_chart([YearView(datetime.now(UTC).year, 3)]) is None

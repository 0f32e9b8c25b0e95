"""A band that can be found: a show of tonight, one to come, nights of long ago, and a song."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import asyncpg

from tests.browser.nights import NIGHT
from tests.browser.site import Caller, Site

BAND = "The Wanderers"
HALL = {"name": "Barton Hall", "city": "Ithaca", "country": "US"}

Addresses = dict[str, str]


def found_band(site: Site, artist: Caller) -> Addresses:
    """A live show of a band in Ithaca, one to come, and the pages of what belongs to them."""
    found: Addresses = {}
    show = artist.live_show(
        title="Wandering by the lake", artists=[{"name": BAND}], venue=HALL, tour={"name": "Roads"}
    )
    artist.fill_setlist(show["id"], NIGHT)
    body = {"title": "Wandering on", "starts_at": "2027-06-01T19:00:00Z", "access": "public"}
    coming = artist.post("/api/shows", body | {"artists": [{"name": BAND}], "venue": HALL})
    artist.post(f"/api/shows/{coming['id']}/publish")
    found["coming"] = f"/shows/{coming['slug']}"
    found["show"] = f"/shows/{show['slug']}"
    for kind, name in (("artist", BAND), ("venue", "Barton Hall"), ("tour", "Roads")):
        found[kind] = address(site, name, kind)
    return found


def address(site: Site, name: str, kind: str) -> str:
    """The index takes in what is new every two seconds; asked until it has."""
    for _ in range(600):
        answer = site.client.get("/api/search", params={"q": name, "kinds": kind})
        for one in answer.json()["items"]:
            if one["name"] == name:
                return str(one["url"])
    raise AssertionError(f"{name} is not found")


def past_nights(site: Site) -> Addresses:
    """Five nights that are archived, and their song; after `found_band`."""
    database_url = site.database_url
    night = """
    WITH a AS (SELECT id FROM artists WHERE name = $1),
         s AS (INSERT INTO shows (slug, title, status, starts_at, date, source, source_id)
               SELECT 'wanderers-' || y, 'The Wanderers in ' || y, 'archived',
                      make_timestamptz(y, 5, 8, 20, 0, 0, 'UTC'), make_date(y, 5, 8), 'test',
                      'w:' || y FROM generate_series(1971, 1983, 3) y RETURNING id),
         l AS (INSERT INTO line_up (show_id, artist_id, status)
               SELECT s.id, a.id, 'accepted' FROM s, a),
         o AS (INSERT INTO songs (artist_id, title, normalised_title, source_id)
               SELECT a.id, 'Long Way Home', 'long way home', 'w:o' FROM a RETURNING id),
         st AS (INSERT INTO song_statistics
                SELECT a.id, o.id, 5, 5, s.first, '1971-05-08T20:00Z', s.last, '1983-05-08T20:00Z',
                       'opener', 5, 0, 0, 0
                  FROM a, o, (SELECT min(id::text)::uuid AS first, max(id::text)::uuid AS last
                                FROM s) AS s)
    INSERT INTO performances (show_id, song_id, ordinal, section, position)
    SELECT s.id, o.id, 1, 'set1', 1 FROM s, o
    """

    async def insert() -> None:
        connection = await asyncpg.connect(database_url)
        try:
            await connection.execute(night, BAND)
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, insert()).result()
    return {"night": "/shows/wanderers-1977", "song": address(site, "Long Way Home", "song")}

"""Pages as a browser gets them from a node."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from litestar import Litestar

from server.catalogue.indexing import Indexing
from server.pages.assets import ClientBuild
from storage.catalogue.search import PostgresSearch
from tests.server.http import Person, ok, refused

BROWSER = {"accept": "text/html", "accept-encoding": "gzip"}


class Reader(HTMLParser):
    """What a page says: text that people read, and data that programs read."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.data: dict[str, Any] = {}
        self.metas: dict[str, str] = {}
        self.scripts: list[dict[str, str | None]] = []
        self._inside: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "meta" and values.get("property"):
            self.metas[str(values["property"])] = str(values["content"])
        if tag == "script":
            self.scripts.append(values)
            self._inside = values.get("id") or values.get("type") or "script"

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside is None:
            self.text += data
        else:
            self.data[self._inside] = json.loads(data)


async def page(nobody: Person, path: str, status: int = 200, **headers: str) -> Reader:
    """A page, read."""
    answer = await nobody.client.get(path, headers=BROWSER | headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Reader(answer.text)


async def test_a_room_can_be_read_and_taken_over(nobody: Person, artist: Person) -> None:
    venue = {"name": "Barton Hall", "city": "Ithaca", "country": "US"}
    show = await artist.live_show(
        title="Grateful Dead", venue=venue, artists=[{"name": "Grateful Dead"}]
    )
    await artist.open_round(show["id"], visibility="always")
    await artist.post(
        f"/api/shows/{show['id']}/commands",
        {"command_id": "c", "name": "post_chat", "args": {"text": "</script><b>hello</b>"}},
    )
    read = await page(nobody, f"/shows/{show['slug']}")
    assert "Encore?" in read.text
    assert "Ripple" in read.text
    assert "</script><b>hello</b>" in read.text
    assert read.metas["og:title"] == "Grateful Dead"
    assert read.metas["og:url"].endswith(f"/shows/{show['slug']}")
    event = read.data["application/ld+json"]
    assert (event["@type"], event["name"]) == ("MusicEvent", "Grateful Dead")
    assert event["location"]["address"]["addressLocality"] == "Ithaca"
    assert event["performer"] == [{"@type": "MusicGroup", "name": "Grateful Dead"}]
    bootstrap = read.data["bootstrap"]
    assert bootstrap["show"]["show_id"] == show["id"]
    room = bootstrap["room"]
    assert room["seq"] >= 1
    assert room["snapshot"]["chat"][0]["text"] == "</script><b>hello</b>"


async def test_the_day_of_a_night_is_that_of_the_venue(nobody: Person, artist: Person) -> None:
    """Eight in the evening in Ithaca is the next day of UTC."""
    venue = {"name": "Barton Hall", "city": "Ithaca", "country": "US"}
    show = await artist.live_show(venue=venue, starts_at="2027-05-09T00:00:00Z")
    read = await page(nobody, f"/shows/{show['slug']}")
    assert read.data["bootstrap"]["show"]["time_zone"] == "America/New_York"
    assert "8 May 2027" in read.text


async def test_a_hidden_count_is_not_in_the_page(nobody: Person, artist: Person) -> None:
    show = await artist.live_show()
    opened = await artist.open_round(show["id"], visibility="after_vote")
    vote = {"command_id": "c", "picks": [{"option_id": "o2"}]}
    await artist.post(f"/api/rounds/{opened['id']}/vote", vote)
    read = await page(nobody, f"/shows/{show['slug']}")
    (seen,) = read.data["bootstrap"]["room"]["snapshot"]["rounds"]
    assert "tally" not in seen
    assert "result" not in seen


async def test_only_this_pages_scripts_may_run(nobody: Person, artist: Person) -> None:
    show = await artist.live_show()
    first, second = [
        await nobody.client.get(f"/shows/{show['slug']}", headers=BROWSER) for _ in range(2)
    ]
    policy = first.headers["content-security-policy"]
    nonce = re.search(r"'nonce-([\w-]+)'", policy)
    assert nonce is not None
    assert nonce[1] not in second.text
    assert "unsafe" not in policy
    assert all(script["nonce"] == nonce[1] for script in Reader(first.text).scripts)


async def test_a_private_show_tells_its_name_and_nothing_else(
    nobody: Person, artist: Person
) -> None:
    show = await artist.live_show(
        title="Rehearsal",
        access="private",
        artists=[{"name": "The Unnamed"}],
        venue={"name": "Back Room", "city": "Ithaca", "country": "US"},
    )
    body = {"command_id": "c", "name": "post_chat", "args": {"text": "a secret"}}
    await artist.post(f"/api/shows/{show['id']}/commands", body)
    address = f"/shows/{show['slug']}"
    read = await page(nobody, address)
    assert "Rehearsal" in read.text
    assert read.data["bootstrap"]["room"] is None
    assert "a secret" not in str(read.data)
    for unsaid in ("The Unnamed", "Back Room", "Ithaca", "calendar.ics"):
        assert unsaid not in read.text
    shown = await page(nobody, f"{address}?code={show['join_code']}")
    assert "a secret" in shown.text
    wrong = await page(nobody, f"{address}?code=WRONG1")
    assert wrong.data["bootstrap"]["room"] is None


@pytest.mark.parametrize("cancelled", [False, True])
async def test_a_draft_is_not_there_even_when_it_was_cancelled(
    nobody: Person, artist: Person, app: Litestar, cancelled: bool
) -> None:
    title = f"Unheard of {'gone' if cancelled else 'yet'}"
    show = await artist.show(title=title, artists=[{"name": f"{title} Band"}])
    if cancelled:
        ok(await artist.post(f"/api/shows/{show['id']}/cancel"))
    await page(nobody, f"/shows/{show['slug']}", 404)
    for path in (f"/api/shows/{show['id']}", f"/api/shows/{show['id']}/setlist/history"):
        refused(await nobody.get(path), 404, "unknown_show")
    for file in ("card.png", "setlist.png", "calendar.ics"):
        assert (await nobody.get(f"/shows/{show['slug']}/{file}")).status_code == 404
    await Indexing(PostgresSearch(app.state.services.pool)).catch_up()
    for address in ("/api/search", "/api/shows"):
        assert ok(await nobody.get(f"{address}?q={quote(title)}"))["items"] == []
    if cancelled:
        refused(await nobody.get(f"/j/{show['join_code']}"), 404, "unknown_show")
    assert ok(await artist.get(f"/api/shows/{show['id']}"))["title"] == title


async def test_the_front_page_lists_what_is_live_coming_and_past(
    nobody: Person, artist: Person
) -> None:
    # Lists are short, and other tests' shows are in them: these are the first of their kind.
    last = "2199-01-01T20:00:00Z"
    soon = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    await artist.live_show(title="On stage", starts_at=last)
    coming = await artist.show(title="Next week", starts_at=soon)
    await artist.post(f"/api/shows/{coming['id']}/publish")
    over = await artist.live_show(title="Last night", starts_at=last)
    await artist.post(f"/api/shows/{over['id']}/close")
    await artist.show(title="Only a draft", starts_at=last)
    await artist.live_show(title="Behind closed doors", access="private", starts_at=last)
    read = await page(nobody, "/")
    live, rest = read.text.split("Coming up", 1)
    assert "On stage" in live
    assert "Next week" in rest
    assert "Last night" in rest
    assert "Only a draft" not in read.text
    assert "Behind closed doors" not in read.text


async def test_a_night_of_the_past_shows_what_was_played(app: Litestar, nobody: Person) -> None:
    await app.state.services.pool.execute(
        """
        WITH v AS (INSERT INTO venues (name, city, country)
                   VALUES ('Barton Hall', 'Ithaca', 'US') RETURNING id),
             a AS (INSERT INTO artists (name, normalised_name)
                   VALUES ('Grateful Dead', 'grateful dead') RETURNING id),
             s AS (INSERT INTO shows (slug, title, status, starts_at, date, venue_id, source,
                                      source_id)
                   SELECT 'grateful-dead-1977-05-08', 'Grateful Dead at Barton Hall', 'archived',
                          '1977-05-08T00:00:00Z', '1977-05-08', v.id, 'gdshowsdb', 'gd:1'
                     FROM v RETURNING id),
             l AS (INSERT INTO line_up (show_id, artist_id, status)
                   SELECT s.id, a.id, 'accepted' FROM s, a),
             o AS (INSERT INTO songs (artist_id, title, normalised_title)
                   SELECT a.id, t, lower(t) FROM a, unnest(ARRAY['Loser', 'Ripple']) t
                   RETURNING id, title)
        INSERT INTO performances (show_id, song_id, ordinal, section, position, segue)
        SELECT s.id, o.id, row_number() OVER (ORDER BY title),
               CASE title WHEN 'Loser' THEN 'set1' ELSE 'encore1' END, 1, title = 'Loser'
          FROM s, o
        """
    )
    read = await page(nobody, "/shows/grateful-dead-1977-05-08")
    assert "8 May 1977" in read.text
    assert re.search(r"Set 1.*Loser.*into.*Encore.*Ripple", read.text, re.DOTALL)
    assert "bootstrap" not in read.data
    works = read.data["application/ld+json"]["workPerformed"]
    assert [work["name"] for work in works] == ["Loser", "Ripple"]
    spanish = await page(
        nobody, "/shows/grateful-dead-1977-05-08", **{"accept-language": "es-ES,es;q=0.9,en;q=0.8"}
    )
    assert "8 de mayo de 1977" in spanish.text
    assert "Play the night again" not in read.text


async def test_a_finished_night_is_played_again_on_its_page(nobody: Person, artist: Person) -> None:
    show = await artist.live_show()
    path = f"/shows/{show['slug']}"
    live = await page(nobody, f"{path}?replay")
    assert live.data["bootstrap"]["room"] is not None
    await artist.post(f"/api/shows/{show['id']}/close")
    over = await page(nobody, path)
    assert over.data["bootstrap"]["replay"] is False
    replayed = await page(nobody, f"{path}?replay")
    assert replayed.data["bootstrap"]["replay"] is True
    assert replayed.data["bootstrap"]["room"] is None
    assert show["title"] in replayed.text


async def test_the_replay_of_a_private_night_asks_for_its_code(
    nobody: Person, artist: Person
) -> None:
    show = await artist.live_show(access="private")
    await artist.post(f"/api/shows/{show['id']}/close")
    read = await page(nobody, f"/shows/{show['slug']}?replay")
    assert read.data["bootstrap"]["replay"] is False
    assert read.data["bootstrap"]["room"] is None


async def test_what_is_not_there_is_a_page_for_people_and_a_problem_for_programs(
    nobody: Person,
) -> None:
    read = await page(nobody, "/no/such/page", 404)
    assert "There is nothing here" in read.text
    await page(nobody, "/shows/no-such-show", 404)
    for path in ("/no/such/page", "/api/no/such/call"):
        answer = await nobody.client.get(path, headers={"accept": "application/json"})
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
    answer = await nobody.client.get("/api/no/such/call", headers=BROWSER)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_files_of_the_client_are_cached_for_ever(nobody: Person) -> None:
    build = ClientBuild(Path(__file__).parents[3] / "clients/fan/dist")
    if build.entry is None:
        pytest.skip("needs `npm run build` in clients/")
    path = f"/assets/{build.entry.file}"
    answer = await nobody.client.get(path, headers={"accept-encoding": "gzip"})
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    again = {"if-none-match": answer.headers["etag"]}
    assert (await nobody.client.get(path, headers=again)).status_code == 304
    plain = await nobody.client.get(path, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == answer.content
    for hostile in ("/assets/manifest.json", "/assets/..%2f..%2fpackage.json", "/assets/nothing"):
        assert (await nobody.client.get(hostile)).status_code == 404


async def test_pages_are_sent_compressed(nobody: Person, artist: Person) -> None:
    show = await artist.live_show()
    answer: httpx.Response = await nobody.client.get(f"/shows/{show['slug']}", headers=BROWSER)
    assert answer.headers["content-encoding"] == "gzip"
    assert "Accept-Language" in answer.headers["vary"]

"""Search, suggestions, cities and shows near somebody, over HTTP."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from litestar import Litestar

from server.catalogue.indexing import Indexing
from storage.catalogue.search import PostgresSearch
from tests.server.http import Person, ok, refused

_numbers = count(1)
ITHACA = {"name": "Barton Hall", "city": "Ithaca", "country": "US"}


def a_name() -> str:
    """A word that no other test's things are called."""
    number = next(_numbers)
    return "Quux" + "".join(chr(ord("a") + int(digit)) for digit in str(number * 7919))


async def level(app: Litestar) -> None:
    await Indexing(PostgresSearch(app.state.services.pool)).catch_up()


async def names(person: Person, q: str, **params: Any) -> list[str]:
    query = "&".join(f"{name}={value}" for name, value in {"q": q, **params}.items())
    return [one["name"] for one in ok(await person.get(f"/api/search?{query}"))["items"]]


async def test_a_published_show_is_found_by_title_artist_and_venue(
    app: Litestar, nobody: Person, artist: Person
) -> None:
    title, band, hall = a_name(), a_name(), a_name()
    show = await artist.live_show(
        title=title, artists=[{"name": band}], venue=ITHACA | {"name": hall}
    )
    await level(app)
    for typed in (title, band, hall, title[:-1] + "x"):
        assert title in await names(nobody, typed), typed
    (found,) = ok(await nobody.get(f"/api/search?q={title}&kinds=show"))["items"]
    assert found["url"] == f"/shows/{show['slug']}"
    assert found["detail"] == f"{hall}, Ithaca, US"
    assert await names(nobody, band, kinds="artist") == [band]
    assert await names(nobody, band, kinds="venue") == []


async def test_drafts_and_private_shows_are_in_no_answer(
    app: Litestar, nobody: Person, artist: Person
) -> None:
    draft, private, band = a_name(), a_name(), a_name()
    await artist.show(title=draft, artists=[{"name": band}])
    await artist.live_show(title=private, access="private", artists=[{"name": band}], venue=ITHACA)
    await level(app)
    for person in (nobody, artist):
        for typed in (draft, private, band):
            assert await names(person, typed) == []
            suggested = ok(await person.get(f"/api/search/suggest?q={typed}"))["items"]
            assert suggested == []
    near = ok(await nobody.get("/api/shows?near=42.44,-76.5&limit=100"))
    assert private not in [show["title"] for show in near["items"]]


async def test_suggestions_are_few_and_may_be_kept_for_a_moment(nobody: Person) -> None:
    answer = await nobody.get("/api/search/suggest?q=a")
    assert len(ok(answer)["items"]) <= 8
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert ok(await nobody.get("/api/search/suggest?q="))["items"] == []
    assert ok(await nobody.get("/api/search/suggest"))["items"] == []


async def test_a_search_is_paged(app: Litestar, nobody: Person, artist: Person) -> None:
    word = a_name()
    made = {
        (await artist.live_show(title=f"{word} night {number}"))["title"] for number in range(5)
    }
    await level(app)
    seen: list[str] = []
    cursor = ""
    while True:
        page = ok(await nobody.get(f"/api/search?q={word}&limit=2{cursor}"))
        seen += [one["name"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert sorted(seen) == sorted(made)


@pytest.mark.parametrize(
    "path",
    [
        "/api/search?q=a&cursor=nonsense",
        "/api/search?q=a&limit=51",
        "/api/search?q=" + "a" * 101,
        "/api/search?q=a&kinds=account",
        "/api/shows?near=Ithaca",
        "/api/shows?near=91,0",
        "/api/shows?near=0,181",
        "/api/shows?near=0,0&radius_km=0",
        "/api/shows?near=0,0&radius_km=1001",
        "/api/shows?near=0,0&cursor=nonsense",
        "/api/artists/b44c43b1-536f-5e39-a096-d3377b8d3062?cursor=nonsense",
    ],
)
async def test_what_cannot_be_read_is_refused(nobody: Person, path: str) -> None:
    answer = await nobody.get(path)
    if path.startswith("/api/artists"):
        refused(answer, 404, "unknown_artist")
    else:
        assert answer.status_code in (400, 422), answer.text
        assert answer.headers["content-type"] == "application/problem+json"


async def test_cities_by_name(nobody: Person) -> None:
    answer = await nobody.get("/api/places?q=M%C3%BCnchen")
    (city, *_) = ok(answer)["items"]
    assert (city["name"], city["country"]) == ("Munich", "DE")
    assert city["lat"] == pytest.approx(48.14, abs=0.05)
    assert "max-age" in answer.headers["cache-control"]
    assert ok(await nobody.get("/api/places?q="))["items"] == []


async def test_shows_near_somebody_come_with_their_distance(nobody: Person, artist: Person) -> None:
    here, there, far = a_name(), a_name(), a_name()
    places = (
        (here, {"name": here, "city": "Reykjavík", "country": "IS"}),
        (there, {"name": there, "city": "Keflavik", "country": "IS"}),
        (far, {"name": far, "city": "Akureyri", "country": "IS"}),
    )
    for title, venue in places:
        await artist.live_show(title=title, venue=venue)
    found = ok(await nobody.get("/api/shows?near=64.15,-21.94&radius_km=60"))["items"]
    near = {show["title"]: show["distance_km"] for show in found}
    assert near[here] < 3
    assert 25 < near[there] < 50
    assert far not in near
    assert list(near.values()) == sorted(near.values())
    listed = ok(await nobody.get(f"/api/shows?q={here}"))["items"]
    assert listed[0]["distance_km"] is None


async def test_the_catalogue_as_json_by_id_and_by_address(
    app: Litestar, nobody: Person, artist: Person
) -> None:
    band, hall = a_name(), a_name()
    show = await artist.live_show(
        title=f"{band} live", artists=[{"name": band}], venue=ITHACA | {"name": hall}
    )
    await level(app)
    (found,) = ok(await nobody.get(f"/api/search?q={band}&kinds=artist"))["items"]
    by_id = ok(await nobody.get(f"/api/artists/{found['id']}"))
    by_address = ok(await nobody.get(f"/api{found['url']}"))
    assert by_id == by_address
    assert [one["id"] for one in by_id["coming"]] == [show["id"]]
    (venue,) = ok(await nobody.get(f"/api/search?q={hall}&kinds=venue"))["items"]
    place = ok(await nobody.get(f"/api/venues/{venue['id']}"))
    assert place["lat"] == pytest.approx(42.44, abs=0.05)
    for path in ("/api/artists/none", f"/api/venues/{found['id']}", "/api/tours/x-000000000000"):
        answer = await nobody.get(path)
        assert answer.status_code == 404, path

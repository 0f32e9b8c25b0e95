"""Finding a show: with the keyboard, by a city, by one's position, without a script; and how the
pages look in three sizes and both themes."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

import asyncpg
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ARTEFACTS, OpenPage
from tests.browser.site import Caller, Site
from tests.browser.test_looks import AXE, AXE_RUN, NIGHT, SIDEWAYS, SIZES, SMALL_TARGETS

BAND = "The Wanderers"
HALL = {"name": "Barton Hall", "city": "Ithaca", "country": "US"}
ITHACA = {"latitude": 42.4440, "longitude": -76.5019}

Addresses = dict[str, str]


@pytest.fixture(scope="module")
def artist(site: Site) -> Caller:
    return site.artist("finder@example.com")


@pytest.fixture(scope="module")
def addresses(site: Site, artist: Caller) -> Addresses:
    """A live show of a band in Ithaca, one to come, and the pages of what belongs to them."""
    found: Addresses = {}
    show = artist.live_show(
        title="Wandering by the lake", artists=[{"name": BAND}], venue=HALL, tour={"name": "Roads"}
    )
    artist.fill_setlist(show["id"], NIGHT)
    body = {"title": "Wandering on", "starts_at": "2027-06-01T19:00:00Z", "access": "public"}
    coming = artist.post("/api/shows", body | {"artists": [{"name": BAND}], "venue": HALL})
    artist.post(f"/api/shows/{coming['id']}/publish")
    found["show"] = f"/shows/{show['slug']}"
    for kind, name in (("artist", BAND), ("venue", "Barton Hall"), ("tour", "Roads")):
        found[kind] = _address(site, name, kind)
    return found


def _address(site: Site, name: str, kind: str) -> str:
    """The index takes in what is new every two seconds; asked until it has."""
    for _ in range(600):
        answer = site.client.get("/api/search", params={"q": name, "kinds": kind})
        for one in answer.json()["items"]:
            if one["name"] == name:
                return str(one["url"])
    raise AssertionError(f"{name} is not found")


def test_the_keyboard_finds_a_band(open_page: OpenPage, addresses: Addresses) -> None:
    page = open_page("/", viewport={"width": 1440, "height": 900})
    field = page.get_by_role("combobox", name="Artist, venue, city, song or date")
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press_sequentially("wandrers")
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options.filter(has_text=BAND)).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    assert page.evaluate(AXE.read_text() + AXE_RUN) == []
    field.press("ArrowDown")
    active = field.get_attribute("aria-activedescendant")
    expect(page.locator(f"#{active}")).to_have_attribute("aria-selected", "true")
    expect(field).to_be_focused()
    field.press("Escape")
    expect(options).to_have_count(0)
    expect(field).to_have_value("wandrers")
    field.press("ArrowDown")
    expect(options.filter(has_text=BAND)).to_be_visible()
    while BAND not in page.locator("[aria-selected=true]").all_inner_texts().__str__():
        field.press("ArrowDown")
    field.press("Enter")
    page.wait_for_url(f"**{addresses['artist']}")
    expect(page.get_by_role("heading", level=1, name=BAND)).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Wandering on"))).to_be_visible()


def test_enter_searches_for_what_was_typed(open_page: OpenPage, addresses: Addresses) -> None:
    page = open_page("/")
    page.get_by_role("combobox", name="Artist, venue").fill("wandering")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=wandering")
    expect(page.get_by_role("link", name=re.compile("Wandering by the lake"))).to_be_visible()
    page.get_by_role("link", name="Venues").click()
    expect(page.get_by_text("Nothing is called")).to_be_visible()


def test_shows_near_a_city_and_near_me(open_page: OpenPage, addresses: Addresses) -> None:
    page = open_page("/", geolocation=ITHACA, permissions=["geolocation"])
    here = page.locator(".near-found")
    field = page.get_by_role("combobox", name="Or a city")
    field.press_sequentially("Reykjav")
    page.get_by_role("option", name=re.compile("Reykjavík")).click()
    expect(here).to_contain_text("No show within 100 km")
    with page.expect_request("**/near?*") as asked:
        page.get_by_role("button", name="Use my position").click()
    assert "near=42.44%2C-76.50" in asked.value.url, "rounded before it is sent"
    expect(here.get_by_role("heading", name="Shows near your position")).to_be_visible()
    expect(here.get_by_role("link", name=re.compile("Wandering by the lake"))).to_be_visible()
    expect(page).to_have_url(re.compile(r"/$"))


def test_whoever_keeps_their_position_names_a_city(
    open_page: OpenPage, addresses: Addresses
) -> None:
    page = open_page("/", permissions=[])
    page.get_by_role("button", name="Use my position").click()
    expect(page.get_by_text("Name a city instead")).to_be_visible()
    field = page.get_by_role("combobox", name="Or a city")
    expect(field).to_be_focused()
    field.fill("Ithaca")
    field.press("Enter")
    expect(page.locator(".near-found").get_by_text("Wandering by the lake")).to_be_visible()


def test_everything_can_be_found_without_a_script(
    open_page: OpenPage, addresses: Addresses
) -> None:
    page = open_page("/", java_script_enabled=False)
    page.get_by_label("Or a city").fill("Ithaca")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("heading", name="Shows near Ithaca")).to_be_visible()
    page.get_by_label("Artist, venue, city, song or date").fill("wanderers")
    page.keyboard.press("Enter")
    page.get_by_role("link", name=re.compile(f"Artist {BAND}")).click()
    expect(page.get_by_role("heading", level=1, name=BAND)).to_be_visible()
    page.get_by_role("link", name="Español").click()
    expect(page.get_by_role("heading", name="Próximos conciertos")).to_be_visible()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_pages_look_well(
    open_page: OpenPage, addresses: Addresses, past: Addresses, theme: str
) -> None:
    page = open_page("/", color_scheme=theme)
    paths = {"home": "/", "search": "/search?q=wander", "near": "/near?city=Ithaca"}
    for name, path in (paths | addresses | past).items():
        if name == "show":
            continue
        page.goto(path)
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            _judge(page, f"discover-{name}-{size}-{theme}")


@pytest.fixture(scope="module")
def past(site: Site, artist: Caller, addresses: Addresses) -> Addresses:
    """A night that is archived, and one of its songs."""
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
    return {"night": "/shows/wanderers-1977", "song": _address(site, "Long Way Home", "song")}


def _judge(page: Page, name: str) -> None:
    page.screenshot(path=ARTEFACTS / f"{name}.png")
    assert page.evaluate(SIDEWAYS) == 0, f"{name} scrolls sideways"
    small = [target for target in page.evaluate(SMALL_TARGETS) if " 1×1" not in target]
    assert small == [], name
    assert page.evaluate(AXE.read_text() + AXE_RUN) == [], name

"""A page without a network: the app, the last rooms, and a new version of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import EXPECT_MS
from tests.browser.meddler import running_meddler
from tests.browser.site import Site
from tests.browser.slow_line import Profile, running_line
from tests.browser.test_newcomer import add_song, enter

NEAR = Profile(down=50e6, up=50e6, rtt_s=0.0)
"""A line that is only there to be cut."""

KEPT = """async () => {
  const names = await caches.keys();
  const count = async (name) => (await (await caches.open(name)).keys()).length;
  const app = names.find((name) => name.startsWith('setroom-app-'));
  const rooms = names.find((name) => name.startsWith('setroom-rooms:'));
  return {
    files: app ? await count(app) : 0,
    rooms: rooms ? await count(rooms) - 1 : 0,
    controlled: navigator.serviceWorker.controller !== null,
  };
}"""

UNTIL = """async () => {
  const kept = %s;
  const ends = Date.now() + %d;
  while (Date.now() < ends) {
    const { files, rooms, controlled } = await kept();
    if (controlled && rooms > 0 && files >= %d) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}"""

THEIRS = """async () => JSON.stringify([
  ...Object.keys(localStorage), ...(await indexedDB.databases()), ...(await caches.keys())
])"""

SONGS = re.compile("/api/shows/[^/]+/songs$")
CATALOGUE = [
    {"song_id": f"song-{number}", "title": title}
    for number, title in enumerate(["Scarlet Begonias", "Sugar Magnolia", "Thunder Road"])
]

CORE_FILES = 8
ALL_FILES = 25
"""Fewer than there are; more than a room alone needs."""


@pytest.fixture
def phones(browser: Browser) -> Iterator[list[BrowserContext]]:
    """Browser contexts that are closed in the end."""
    contexts: list[BrowserContext] = []
    yield contexts
    for context in contexts:
        context.close()


def phone(browser: Browser, phones: list[BrowserContext], url: str) -> Page:
    context = browser.new_context(
        base_url=url,
        viewport={"width": 390, "height": 844},
        locale="en-GB",
        reduced_motion="reduce",
    )
    context.set_default_timeout(EXPECT_MS)
    phones.append(context)
    return context.new_page()


def wait_kept(page: Page, files: int = CORE_FILES) -> None:
    """Returns once the app and this room would open without a network."""
    assert page.evaluate(UNTIL % (KEPT, EXPECT_MS, files))


def test_the_last_rooms_open_and_are_edited_without_a_network(
    browser: Browser, site: Site, phones: list[BrowserContext]
) -> None:
    artist = site.artist("basement@example.com")
    show = artist.live_show(title="Barton Hall")
    artist.open_round(show["id"], "Encore?", "Ripple", "U.S. Blues")
    artist.fill_setlist(show["id"], [("set1", "Bertha"), ("set1", "Loser")])
    with running_line(site.url, NEAR) as line:
        page = phone(browser, phones, line.url)
        page.goto(f"/shows/{show['slug']}")
        enter(page)
        wait_kept(page, ALL_FILES)
        # Whoever looked for a song once can look for all of them in the basement.
        page.route(SONGS, lambda route: route.fulfill(json={"items": CATALOGUE}))
        with page.expect_response(SONGS):
            page.get_by_role("button", name="Add a song").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        page.get_by_label("Another song").fill("scralet")
        expect(page.get_by_role("button", name="Scarlet Begonias")).to_be_visible()
        page.get_by_role("button", name="Close").click()
        page.unroute(SONGS)

        line.cut()
        page.goto(f"/shows/{show['slug']}")
        expect(page.get_by_role("heading", name="Barton Hall")).to_be_visible()
        expect(page.get_by_text("As this phone knew it at")).to_be_visible()
        expect(page.locator(".setlist .row .title")).to_have_text(["Bertha", "Loser"])
        page.get_by_role("button", name="Add a song").click()
        page.get_by_label("Another song").fill("sugre magnola")
        expect(page.get_by_role("button", name="Sugar Magnolia")).to_be_visible()
        page.get_by_role("button", name="Close").click()
        add_song(page, "Sugaree")
        expect(page.get_by_role("listitem").filter(has_text="Sugaree")).to_be_visible()
        page.get_by_role("button", name="Ripple").click()
        page.get_by_role("button", name=re.compile("things? waits?\\. Show")).click()
        sheet = page.get_by_role("dialog", name="Waiting to be sent")
        expect(sheet).to_contain_text("1 change of the setlist")
        expect(sheet).to_contain_text("Your vote: Ripple")
        sheet.get_by_role("button", name="Close").click()

        # What was never opened here says so, and where one can go.
        page.goto("/")
        expect(page.get_by_role("heading", name="No connection")).to_be_visible()
        page.get_by_role("link", name="Barton Hall").click()
        expect(page.locator(".setlist .row .title")).to_have_count(3)
        assert artist.titles(show["id"]) == ["Bertha", "Loser"]

        line.mend()
        page.get_by_role("button", name="Try again now").click()
        expect(page.get_by_text("All saved")).to_be_visible()
        expect(page.get_by_text("As this phone knew it at")).to_have_count(0)
        expect(page.get_by_role("button", name="Ripple Your choice 1")).to_be_visible()
        assert artist.titles(show["id"]) == ["Bertha", "Loser", "Sugaree"]


def test_who_leaves_takes_what_is_theirs_off_the_phone(
    browser: Browser, site: Site, phones: list[BrowserContext]
) -> None:
    show = site.artist("leaves@example.com").live_show(access="private", title="Rehearsal")
    page = phone(browser, phones, site.url)
    page.goto(f"/shows/{show['slug']}")
    page.get_by_role("button", name="Join the room").click()
    page.get_by_label("Code of the show").fill(show["join_code"])
    page.get_by_role("button", name="Enter").click()
    add_song(page, "A secret song")
    wait_kept(page)
    page.locator(".account").click()
    page.get_by_label("Name in the room").fill("Casey")
    page.get_by_label("E-mail").fill("casey@example.com")
    page.get_by_label("Password").fill("driving that train")
    page.get_by_role("dialog").get_by_role("button", name="Create an account").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert show["id"] in page.evaluate(THEIRS)
    page.locator(".account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    # A database goes once the page that had it open has.
    page.wait_for_function(f"async (id) => !(await ({THEIRS})()).includes(id)", arg=show["id"])
    page.wait_for_function(f"async () => (await ({KEPT})()).rooms === 0")


def test_a_new_version_waits_for_a_word_and_loses_nothing(
    browser: Browser, site: Site, phones: list[BrowserContext]
) -> None:
    show = site.artist("version@example.com").live_show()
    with running_meddler(site.url) as meddler:
        meddler.refuses_upgrades = False
        page = phone(browser, phones, meddler.url)
        page.goto(f"/shows/{show['slug']}")
        enter(page)
        wait_kept(page)
        expect(page.get_by_text("A new version")).to_have_count(0)
        page.get_by_role("button", name=re.compile("^Chat")).click()
        page.get_by_label("Write a line").fill("half a thou")

        meddler.worker_version = b"0123456789ab"
        page.evaluate("async () => (await navigator.serviceWorker.ready).update()")
        expect(page.get_by_text("A new version of Setroom is ready.")).to_be_visible()
        # Until then this page is whole: what it has not fetched yet is of its own build.
        expect(page.get_by_label("Write a line")).to_have_value("half a thou")
        with page.expect_navigation():
            page.get_by_role("button", name="Update", exact=True).click()
        page.get_by_role("button", name=re.compile("^Chat")).click()
        expect(page.get_by_label("Write a line")).to_have_value("half a thou")
        names = page.evaluate(
            "async () => (await caches.keys()).filter((n) => n.includes('-app-'))"
        )
        assert "setroom-app-0123456789ab" in names
        expect(page.get_by_text("A new version")).to_have_count(0)

"""A room where sockets are blocked: everything goes on by a stream, or by asking again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import EXPECT_MS
from tests.browser.meddler import Meddler, running_meddler
from tests.browser.site import Site
from tests.browser.test_newcomer import add_song, enter

PROBE_NOW = """
  const pause = window.setTimeout;
  // The look for a socket beside a slower way is half a minute away: here it is near.
  window.setTimeout = (work, after, ...rest) =>
    pause(work, after > 20000 && after < 40000 ? 1000 : after, ...rest);
"""


def phone(browser: Browser, meddler: Meddler, *, hurries: bool = False) -> BrowserContext:
    context = browser.new_context(
        base_url=meddler.url,
        viewport={"width": 390, "height": 844},
        locale="en-GB",
        reduced_motion="reduce",
        service_workers="block",
    )
    context.set_default_timeout(EXPECT_MS)
    if hurries:
        context.add_init_script(PROBE_NOW)
    return context


def row(page: Page, title: str) -> object:
    return page.get_by_role("listitem").filter(has_text=title)


@pytest.mark.parametrize("way", ["stream", "poll"])
def test_a_room_goes_on_without_sockets(browser: Browser, site: Site, way: str) -> None:
    artist = site.artist(f"{way}@example.com")
    show = artist.live_show()
    artist.open_round(show["id"], "Encore?", "Ripple", "U.S. Blues")
    with running_meddler(site.url) as meddler:
        meddler.holds_streams = way == "poll"
        fan = phone(browser, meddler).new_page()
        fan.goto(f"/shows/{show['slug']}")
        fan.get_by_role("button", name="Join the room").click()
        note = fan.locator(f".way[data-way={way}]")
        expect(note).to_be_visible(timeout=2 * EXPECT_MS)
        assert meddler.upgrades >= 2

        # Somebody at a socket, on a network that does not meddle.
        other = browser.new_context(base_url=site.url, locale="en-GB").new_page()
        other.set_default_timeout(EXPECT_MS)
        other.goto(f"/shows/{show['slug']}")
        enter(other)

        add_song(fan, "Bertha")
        expect(fan.get_by_text("All saved")).to_be_visible()
        expect(other.get_by_role("button", name="Actions for Bertha")).to_be_visible()
        add_song(other, "Sugaree")
        expect(fan.get_by_role("button", name="Actions for Sugaree")).to_be_visible()
        fan.get_by_role("button", name="Ripple").click()
        expect(fan.get_by_role("button", name="Ripple Your choice 1")).to_be_visible()
        fan.get_by_role("button", name=re.compile("^Chat")).click()
        fan.get_by_label("Write a line").fill("hello from the hotel")
        fan.get_by_role("button", name="Send").click()
        expect(fan.get_by_role("log").get_by_text("hello from the hotel")).to_have_count(1)
        expect(fan.get_by_text("waiting")).to_have_count(0)

        # A lock refuses an edit, and says so, by this way as well.
        fan.get_by_role("button", name="Room", exact=True).click()
        artist.command(show["id"], "lock_setlist")
        expect(fan.get_by_text("Locked by the crew")).to_be_visible()
        assert artist.titles(show["id"]) == ["Bertha", "Sugaree"]
        other.context.close()
        fan.context.close()


def test_the_socket_is_taken_again_when_it_is_let_through(browser: Browser, site: Site) -> None:
    artist = site.artist("wayback@example.com")
    show = artist.live_show()
    with running_meddler(site.url) as meddler:
        fan = phone(browser, meddler, hurries=True).new_page()
        fan.goto(f"/shows/{show['slug']}")
        fan.get_by_role("button", name="Join the room").click()
        expect(fan.locator(".way[data-way=stream]")).to_be_visible()
        add_song(fan, "Bertha")
        meddler.refuses_upgrades = False
        expect(fan.locator(".way[data-way]")).to_have_count(0, timeout=2 * EXPECT_MS)
        add_song(fan, "Sugaree")
        expect(fan.get_by_text("All saved")).to_be_visible()
        assert artist.titles(show["id"]) == ["Bertha", "Sugaree"]
        fan.context.close()

"""What a first visit weighs, by the bytes that the server sends, and what is fetched later."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from tests.browser.conftest import EXPECT_MS, PHONE, OpenPage
from tests.browser.nights import NIGHT
from tests.browser.site import Site
from tests.browser.test_newcomer import add_song

FIRST_VIEW_BYTES_MAX = 60 * 1024
"""Everything that a newcomer's phone loads before anything is tapped."""

FIRST_LOAD_BYTES_MAX = 100 * 1024
"""The same and all that must be there to be in the room: its connection and its document."""

WHOLE_BYTES_MAX = 120 * 1024
"""The same and what follows by itself: the tools of the room, and what keeps it for the next time
(without the service worker's own copies, which come from the browser's cache)."""

FOLLOWING = ("inside-", "en_inside-", "start-")
"""Beginnings of the names of what follows: nobody waits for it."""

OTHER_DOORS = ("over_http-", "stream", "poll")
"""The same of what a phone tries where no socket opens in time, as on a machine that is starved."""

QUIET_S = 1.0
"""Nothing is on its way for so long: what follows by itself has come."""

KEPT = "async () => Boolean((await navigator.serviceWorker.getRegistration())?.active)"
"""The service worker is there, so all that follows is."""


class Scales:
    """Bytes on the wire (headers included) of every response of a page, by file."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._names: dict[str, str] = {}
        self._called: set[str] = set()
        self._under_way: set[str] = set()
        self._changed_at = 0.0
        self.weights: dict[str, int] = {}
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.send("Network.enable")
        self._session.on("Network.requestWillBeSent", self._asked)
        self._session.on("Network.responseReceived", self._named)
        self._session.on("Network.loadingFinished", self._weighed)
        self._session.on("Network.loadingFailed", self._ended)

    def _asked(self, event: dict[str, Any]) -> None:
        self._under_way.add(event["requestId"])

    def _ended(self, event: dict[str, Any]) -> None:
        self._under_way.discard(event["requestId"])
        self._changed_at = time.monotonic()

    def _named(self, event: dict[str, Any]) -> None:
        url = event["response"]["url"]
        path = urlsplit(url).path
        name = path.rsplit("/", 1)[-1] or url
        # A call that a phone repeats because the answer is slow is no more weight.
        if path.startswith("/api/") and name in self._called:
            return
        self._called |= {name} if path.startswith("/api/") else set()
        self._names[event["requestId"]] = name

    def _weighed(self, event: dict[str, Any]) -> None:
        self._ended(event)
        name = self._names.get(event["requestId"])
        if name is not None:
            self.weights[name] = self.weights.get(name, 0) + int(event["encodedDataLength"])

    def settle(self, *beginnings: str) -> None:
        """Returns once files with these beginnings are there and nothing is on its way for a while.

        "networkidle" comes once for a page, perhaps before it has begun to ask for what is meant.
        """
        quiet_since, ends_at = time.monotonic(), time.monotonic() + EXPECT_MS / 1000
        while time.monotonic() < min(quiet_since + QUIET_S, ends_at):
            self._page.wait_for_timeout(50)
            come = all(any(name.startswith(one) for name in self.weights) for one in beginnings)
            if self._under_way or not come:
                quiet_since = time.monotonic()
            quiet_since = max(quiet_since, self._changed_at)

    @property
    def total(self) -> int:
        return sum(self.weights.values())

    def without(self, *beginnings: str) -> int:
        """Bytes of all files but those whose names begin so."""
        return sum(size for name, size in self.weights.items() if not name.startswith(beginnings))

    def report(self, title: str) -> str:
        """The files, heaviest first."""
        lines = sorted(self.weights.items(), key=lambda item: -item[1])
        return "\n".join(
            [
                f"{title}: {self.total / 1024:.1f} KiB",
                *(f"  {size:6} {name}" for name, size in lines),
            ]
        )


@pytest.fixture
def phone(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """A phone that has never been here."""
    context = browser.new_context(
        base_url=site.url,
        viewport={"width": PHONE["width"], "height": PHONE["height"]},
        locale="en-GB",
    )
    context.set_default_timeout(EXPECT_MS)
    yield context
    context.close()


def test_a_first_load_stays_light(site: Site, phone: BrowserContext) -> None:
    artist = site.artist("weight@example.com")
    show = artist.live_show()
    artist.fill_setlist(show["id"], NIGHT)
    page = phone.new_page()
    scales = Scales(page)
    page.goto(f"/shows/{show['slug']}")
    expect(page.get_by_role("button", name="Join the room")).to_be_visible()
    scales.settle()
    print("\n" + scales.report("first view"))
    assert scales.total <= FIRST_VIEW_BYTES_MAX
    assert not any(name.startswith("live-") for name in scales.weights), "Yjs came uncalled"

    page.get_by_role("button", name="Join the room").click()
    expect(page.get_by_role("button", name="Add a song")).to_be_visible()
    # What the list is edited with follows by itself and at once, before anything is tapped.
    expect(page.locator(".shell[data-ready]")).to_have_count(1)
    page.wait_for_function(KEPT)
    scales.settle("live-", *FOLLOWING)
    assert any(name.startswith("live-") for name in scales.weights)
    assert all(any(name.startswith(one) for name in scales.weights) for one in FOLLOWING)
    entered = scales.without(*FOLLOWING, *OTHER_DOORS)
    print(f"first view and entry: {entered / 1024:.1f} KiB")
    print(scales.report("and what follows"))
    assert entered <= FIRST_LOAD_BYTES_MAX
    assert scales.without(*OTHER_DOORS) <= WHOLE_BYTES_MAX


def test_a_tap_on_an_option_enters_and_votes(site: Site, open_page: OpenPage) -> None:
    artist = site.artist("onetap@example.com")
    show = artist.live_show()
    artist.open_round(show["id"], "Encore?", "Ripple", "U.S. Blues")
    page = open_page(f"/shows/{show['slug']}")
    page.get_by_role("button", name="Ripple").click()
    expect(page.get_by_role("button", name="Ripple Your choice 1")).to_be_visible()
    expect(page.get_by_role("button", name="Join the room")).to_have_count(0)
    assert artist.get(f"/api/shows/{show['id']}/rounds")["items"][0]["tally"]["votes"] == 1


def test_a_signal_that_goes_while_entering_is_no_dead_end(site: Site, open_page: OpenPage) -> None:
    show = site.artist("deadend@example.com").live_show()
    page = open_page(f"/shows/{show['slug']}")
    page.route("**/assets/live-*", lambda route: route.abort())
    page.get_by_role("button", name="Join the room").click()
    expect(page.get_by_text("Offline.")).to_be_visible()
    page.unroute("**/assets/live-*")
    page.get_by_role("button", name="Try again now").click()
    add_song(page, "Sugaree")
    expect(page.get_by_text("All saved")).to_be_visible()
